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

const OURS = { uri: "https://acme.example/acct/1", method: "http-01" };
const withAccount = (more: Partial<DomainFacts> = {}): DomainFacts => ({
  ...facts([]),
  issuer: { identity: "ca.example", account: OURS, wildcards: false },
  ...more,
});
const caaOf = (about: DomainFacts) =>
  publishedRecords(about)
    .filter(({ type }) => type === "CAA")
    .map(({ name, data }) => `${name} ${data}`);

test("CAA lets only our account through, at the name of the host", () => {
  assert.deepEqual(caaOf(withAccount()), [
    'mail.example.org 0 issue "ca.example; validationmethods=http-01; accounturi=https://acme.example/acct/1"',
    'mail.example.org 0 issuewild ";"',
    'mail.example.org 0 issuemail ";"',
    'mail.example.org 0 issuevmc ";"',
    'mail.example.org 0 iodef "mailto:postmaster@example.org"',
  ]);
});

test("CAA stays as wide as it was where others may have certificates, and before there is an account", () => {
  const wide = (name: string) => [`${name} 0 issue "letsencrypt.org"`];
  assert.deepEqual(caaOf(withAccount({ hostName: "example.org" as Domain })), wide("example.org"));
  assert.deepEqual(caaOf(facts([])), wide("mail.example.org"));
  const unnamed = { identity: undefined, account: OURS, wildcards: false };
  assert.deepEqual(caaOf(withAccount({ issuer: unnamed })), wide("mail.example.org"));
});

test("who orders certificates with * does not forbid them", () => {
  const issuer = { identity: "ca.example", account: OURS, wildcards: true };
  assert.doesNotMatch(caaOf(withAccount({ issuer })).join(), /issuewild/);
});

const CAA_STATES: readonly { title: string; zone: readonly string[]; want: string }[] = [
  { title: "nothing", zone: [], want: "missing missing missing missing missing" },
  {
    title: "ours",
    zone: [
      `issue ca.example; accounturi=${OURS.uri}`,
      "issuewild ;",
      "issuemail ;",
      "issuevmc ;",
      "iodef x:",
    ],
    want: "ok ok ok ok ok",
  },
  { title: "wide", zone: ["issue ca.example"], want: "different missing missing missing missing" },
  {
    title: "ours, and another authority",
    zone: [`issue ca.example; accounturi=${OURS.uri}`, "issue other.example"],
    want: "different missing missing missing missing",
  },
  {
    title: "another proof",
    zone: [`issue ca.example; accounturi=${OURS.uri}; validationmethods=dns-01`, "issuewild other.example"],
    want: "different ok missing missing missing",
  },
];
for (const { title, zone, want } of CAA_STATES)
  test(`CAA in the DNS: ${title}`, async () => {
    const about = withAccount();
    const records = publishedRecords(about).filter(({ type }) => type === "CAA");
    const dns = zoneDns(
      zone.map((text) => {
        const at = text.indexOf(" ");
        return ["mail.example.org", "CAA", [0, text.slice(0, at), text.slice(at + 1)]];
      }),
    );
    const compared = await compareAll(records, about, dns, systemClock);
    assert.equal(compared.map(({ state }) => state).join(" "), want);
  });
