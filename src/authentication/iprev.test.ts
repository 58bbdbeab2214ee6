import assert from "node:assert/strict";
import { test } from "node:test";
import { zoneDns, type ZoneEntry } from "../../test/authentication/spf-zone.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import type { Dns } from "../dns/answer.ts";
import { checkReverse, forwardConfirmedName } from "./iprev.ts";

const address = parseIp("192.0.2.1") as IpAddress;
const PTR = "1.2.0.192.in-addr.arpa";
const IPV6 = parseIp("2001:db8::1") as IpAddress;
const PTR6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";

test("reverse and forward answers agree or not (RFC 8601 §2.7.3)", async () => {
  const table: { name: string; zone: ZoneEntry[]; client?: IpAddress; want: object }[] = [
    { name: "no name", zone: [], want: { result: "permerror" } },
    { name: "reverse fails", zone: [[PTR, "TIMEOUT", null]], want: { result: "temperror" } },
    {
      name: "agreement",
      zone: [
        [PTR, "PTR", "mail.example.org"],
        ["mail.example.org", "A", "192.0.2.9"],
        ["mail.example.org", "A", "192.0.2.1"],
      ],
      want: { result: "pass", name: "mail.example.org", reverseName: "mail.example.org" },
    },
    {
      name: "the second name agrees",
      zone: [
        [PTR, "PTR", "a.example.org"],
        [PTR, "PTR", "b.example.org"],
        ["b.example.org", "A", "192.0.2.1"],
      ],
      want: { result: "pass", name: "b.example.org", reverseName: "a.example.org" },
    },
    {
      name: "another address",
      zone: [
        [PTR, "PTR", "mail.example.org"],
        ["mail.example.org", "A", "192.0.2.2"],
      ],
      want: { result: "fail", reverseName: "mail.example.org" },
    },
    {
      name: "no address",
      zone: [[PTR, "PTR", "mail.example.org"]],
      want: { result: "fail", reverseName: "mail.example.org" },
    },
    {
      name: "forward fails",
      zone: [
        [PTR, "PTR", "mail.example.org"],
        ["mail.example.org", "TIMEOUT", null],
      ],
      want: { result: "temperror", reverseName: "mail.example.org" },
    },
    {
      name: "IPv6",
      client: IPV6,
      zone: [
        [PTR6, "PTR", "mail.example.org"],
        ["mail.example.org", "A", "192.0.2.1"],
        ["mail.example.org", "AAAA", "2001:DB8:0::1"],
      ],
      want: { result: "pass", name: "mail.example.org", reverseName: "mail.example.org" },
    },
  ];
  for (const { name, zone, client, want } of table) {
    assert.deepEqual(await checkReverse(client ?? address, zoneDns(zone)), want, name);
  }
});

test("at most ten names are asked for, each once", async () => {
  const asked: string[] = [];
  const names = ["a", "a", ...Array.from({ length: 20 }, (_, i) => `n${i}`)];
  const zone: ZoneEntry[] = names.map((name) => [PTR, "PTR", `${name}.example.org`]);
  const dns = zoneDns([...zone, ["n15.example.org", "A", "192.0.2.1"]], asked);
  assert.deepEqual(await checkReverse(address, dns), { result: "fail", reverseName: "a.example.org" });
  assert.equal(asked.length, 11);
  assert.equal(new Set(asked).size, 11);
});

test("a resolver that never answers, and one that throws, end with the signal", async () => {
  const silent: Dns = { query: () => new Promise(() => {}) };
  const throwing: Dns = {
    query: (_name, _type, signal) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("gone")))),
  };
  for (const dns of [silent, throwing]) {
    const abort = new AbortController();
    const result = checkReverse(address, dns, abort.signal);
    abort.abort();
    assert.deepEqual(await result, { result: "temperror" });
  }
  const ending = new AbortController();
  const bursting: Dns = {
    query() {
      ending.abort();
      throw new Error("gone");
    },
  };
  assert.deepEqual(await checkReverse(address, bursting, ending.signal), { result: "temperror" });
  assert.deepEqual(await checkReverse(address, zoneDns([]), AbortSignal.abort()), { result: "temperror" });
});

test("the confirmed name by itself", async () => {
  const zone: ZoneEntry[] = [
    [PTR, "PTR", "mail.example.org"],
    ["mail.example.org", "A", "192.0.2.1"],
  ];
  assert.equal(await forwardConfirmedName(address, zoneDns(zone)), "mail.example.org");
  assert.equal(await forwardConfirmedName(address, zoneDns(zone.slice(0, 1))), undefined);
});
