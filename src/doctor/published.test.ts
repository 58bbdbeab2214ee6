import assert from "node:assert/strict";
import { test } from "node:test";
import { zoneDns } from "../../test/authentication/spf-zone.ts";
import { systemClock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import { compareAll } from "./compare.ts";
import { publishedRecords, type DomainFacts } from "./published.ts";

const facts = (sources: readonly string[]): DomainFacts => ({
  domain: "example.org" as Domain,
  hostName: "mail.example.org" as Domain,
  addresses: ["93.184.216.34"],
  sources,
  keys: [],
  ports: {},
});
const spfOf = (about: DomainFacts) => publishedRecords(about).filter(({ purpose }) => purpose === "spf");

test("SPF names the addresses that only send (G-32)", () => {
  const lines = [[], ["93.184.216.34"], ["93.184.216.40", "2a00:1450::40"]].map((sources) =>
    spfOf(facts(sources)).map(({ data }) => data),
  );
  assert.deepEqual(lines, [
    ['"v=spf1 mx -all"'],
    ['"v=spf1 mx -all"'],
    ['"v=spf1 mx ip4:93.184.216.40 ip6:2a00:1450::40 -all"'],
  ]);
});

test("an SPF record that forgets one of them is told; another that lets it pass is as good", async () => {
  const about = facts(["93.184.216.40"]);
  const stateUnder = async (record: string) => {
    const dns = zoneDns([
      ["example.org", "TXT", record],
      ["example.org", "MX", [10, "mail.example.org"]],
      ["mail.example.org", "A", "93.184.216.34"],
    ]);
    return (await compareAll(spfOf(about), about, dns, systemClock)).map(({ state }) => state);
  };
  assert.deepEqual(await stateUnder("v=spf1 mx -all"), ["different"]);
  assert.deepEqual(await stateUnder("v=spf1 mx ip4:93.184.216.40 -all"), ["ok"]);
  assert.deepEqual(await stateUnder("v=spf1 ip4:93.184.216.0/24 -all"), ["ok"]);
});
