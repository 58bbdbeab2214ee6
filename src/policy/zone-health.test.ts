import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dns, DnsAnswer } from "../dns/answer.ts";
import { parseSite, type ListSite } from "./dnsbl.ts";
import { judgeZone, ZoneBook } from "./zone-health.ts";

const records = (...codes: string[]): DnsAnswer<string> => ({
  kind: "records",
  records: codes,
  ttl_s: 60,
  authenticated: false,
});
const absent: DnsAnswer<string> = { kind: "nxdomain", ttl_s: 60, authenticated: false };
const failure: DnsAnswer<string> = { kind: "failure", reason: "timeout" };

const siteOf = (text: string): ListSite => {
  const site = parseSite(text);
  assert.ok(site.ok);
  return site.value;
};

const CASES: readonly (readonly [string, DnsAnswer<string>, DnsAnswer<string>, string])[] = [
  ["answers as it should", records("127.0.0.2", "127.0.0.4", "127.0.0.10"), absent, "alive"],
  ["lists the world", records("127.0.0.2"), records("127.0.0.2"), "lists-everything"],
  [
    "lists the world with foreign addresses, as bl.spamcop.net did in 2021",
    records("91.195.240.87"),
    records("91.195.240.87"),
    "refuses-us",
  ],
  ["is empty", absent, absent, "lists-nothing"],
  ["refuses public resolvers (D-04)", records("127.255.255.254"), absent, "refuses-us"],
  ["does not answer", failure, absent, "silent"],
  ["answers half", records("127.0.0.2"), failure, "silent"],
];
for (const [name, listed, notListed, want] of CASES) {
  test(`a zone that ${name}`, () => {
    assert.equal(judgeZone(siteOf("zen.spamhaus.org"), listed, notListed).state, want);
  });
}

test("the book switches off what fails, back on what recovers, and tells each change once", async () => {
  let world: "good" | "everything" | "silent" = "good";
  const asked: string[] = [];
  const dns: Dns = {
    query: async (name) => {
      asked.push(name);
      if (world === "silent") return { kind: "failure", reason: "timeout" };
      const listed = name.startsWith("2.0.0.127.") || name.startsWith("test.") || world === "everything";
      return (listed ? records("127.0.0.2") : absent) as never;
    },
  };
  const book = new ZoneBook();
  const sites = ["bl.example.net=127.0.0.2*3", "bl.example.net*2", "dbl.spamhaus.org"].map(siteOf);
  assert.equal(book.state("bl.example.net"), "on");
  assert.deepEqual(await book.check(sites.slice(0, 2), dns), []);
  assert.deepEqual(asked, ["2.0.0.127.bl.example.net", "1.0.0.127.bl.example.net"]);
  world = "everything";
  assert.deepEqual(await book.check(sites.slice(0, 2), dns), [
    { zone: "bl.example.net", health: { state: "lists-everything" } },
  ]);
  assert.equal(book.state("bl.example.net"), "off");
  assert.deepEqual(await book.check(sites.slice(0, 2), dns), []);
  world = "silent";
  await book.check(sites.slice(0, 2), dns);
  assert.equal(book.state("bl.example.net"), "on");
  world = "good";
  await book.check(sites, dns);
  assert.equal(book.state("bl.example.net"), "on");
  assert.ok(asked.includes("test.dbl.spamhaus.org") && asked.includes("invalid.dbl.spamhaus.org"));
});
