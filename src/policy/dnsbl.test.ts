import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../base/ip.ts";
import { liveAsk, recordingAsk, type World } from "./ask.ts";
import { addressLabels, askList, judgeCodes, parseSite, type ListSite } from "./dnsbl.ts";
import { DEFAULT_SITES, knownList } from "./default-lists.ts";
import { filterMatches, parseFilter } from "./list-filter.ts";

const labels = (text: string): string => {
  const ip = parseIp(text);
  assert.ok(ip);
  return addressLabels(ip);
};
const site = (text: string): ListSite => {
  const parsed = parseSite(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
};

test("names of the examples of RFC 5782 §2.1 and §2.4", () => {
  assert.equal(labels("192.0.2.99"), "99.2.0.192");
  assert.equal(
    labels("2001:db8:1:2:3:4:567:89ab"),
    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2",
  );
  assert.equal(labels("::ffff:127.0.0.2"), "2.0.0.127");
});

const FILTERS: readonly (readonly [string, string, boolean])[] = [
  ["127.0.0.2", "127.0.0.2", true],
  ["127.0.0.2", "127.0.0.3", false],
  ["127.0.0.[2..11]", "127.0.0.11", true],
  ["127.0.0.[2..11]", "127.0.0.12", false],
  ["127.0.0.[1;3;5..7]", "127.0.0.6", true],
  ["127.0.0.[1;3;5..7]", "127.0.0.4", false],
  ["127.0.[0..255].[1..3]", "127.0.9.2", true],
  ["127.0.0.[&64]", "127.0.0.68", true],
  ["127.0.0.[&64]", "127.0.0.8", false],
];
for (const [text, code, want] of FILTERS) {
  test(`${text} ${want ? "holds" : "does not hold"} ${code}`, () => {
    const filter = parseFilter(text);
    assert.ok(filter.ok);
    assert.equal(filterMatches(filter.value, code), want);
  });
}

for (const text of [
  "127.0.0",
  "127.0.0.256",
  "127.0.0.[3..2]",
  "127.0.0.[]",
  "127.0.0.[&0]",
  "127.0.0.2.3",
  "x",
  "127.0.0.[1",
  "127.0.0.-1",
]) {
  test(`${text} is no filter`, () => assert.equal(parseFilter(text).ok, false));
}

// What REQUIREMENTS A3 says of each list, as answers.
const ANSWERS: readonly (readonly [string, string, string])[] = [
  ["zen.spamhaus.org", "127.0.0.2", "listed"],
  ["zen.spamhaus.org", "127.0.0.10", "listed"],
  ["zen.spamhaus.org=127.0.0.[2..9]", "127.0.0.10", "not-listed"],
  ["zen.spamhaus.org", "127.255.255.252", "refused"],
  ["zen.spamhaus.org", "127.255.255.254", "refused"],
  ["zen.spamhaus.org", "127.255.255.255", "refused"],
  ["zen.spamhaus.org", "127.0.0.99", "unknown-code"],
  ["zen.spamhaus.org", "203.0.113.1", "foreign-answer"],
  ["zen.spamhaus.org=127.255.255.[0..255]", "127.255.255.254", "refused"],
  ["list.dnswl.org", "127.0.5.3", "listed"],
  ["list.dnswl.org", "127.0.5.0", "unknown-code"],
  ["list.dnswl.org", "127.0.0.255", "refused"],
  ["list.dnswl.org", "127.0.10.3", "refused"],
  ["list.dnswl.org=127.0.[0..255].[0..255]", "127.0.10.3", "refused"],
  ["dyna.spamrats.com", "127.0.0.36", "listed"],
  ["dyna.spamrats.com", "127.0.0.37", "unknown-code"],
  ["multi.surbl.org", "127.0.0.64", "listed"],
  ["multi.surbl.org", "127.0.0.1", "refused"],
  ["dbl.spamhaus.org", "127.0.1.255", "refused"],
  ["own.example.net", "127.0.0.77", "listed"],
  ["own.example.net=127.0.0.2", "127.0.0.77", "not-listed"],
];
for (const [text, code, want] of ANSWERS) {
  test(`${text} answering ${code}: ${want}`, () => {
    const answer = judgeCodes([code], site(text));
    assert.equal(answer.kind === "error" ? answer.why : answer.kind, want);
  });
}

for (const text of [
  "",
  "zen",
  "zen.spamhaus.org=127.0.0",
  "zen.spamhaus.org*x",
  "a..b",
  "zen.spamhaus.org*99999",
  "$zone.org",
  "1.2.3.4",
]) {
  test(`${JSON.stringify(text)} is no list`, () => assert.equal(parseSite(text).ok, false));
}

test("the default set names known lists with codes they use", () => {
  for (const text of DEFAULT_SITES.split(" ")) {
    const { zone, filter } = site(text);
    assert.ok(knownList(zone), zone);
    assert.ok(filter, text);
  }
});

test("the key of a list is asked with, and stands nowhere else (D-07)", async () => {
  const key = "abcdefghijklmnopqrstuvwxyz";
  const keyed = site(`${key}.zen.dq.spamhaus.net=127.0.0.[2..11]*3`);
  assert.equal(keyed.text, "zen.dq.spamhaus.net=127.0.0.[2..11]*3");
  const names: string[] = [];
  const world = {
    dns: {
      query: async (name: string) => {
        names.push(name);
        return { kind: "nxdomain", ttl_s: 1, authenticated: false };
      },
    },
    listState: () => "on",
    now: () => 0,
  } as unknown as World;
  const { ask, asked } = recordingAsk(liveAsk(world));
  await askList(ask, "2.0.0.127", keyed);
  assert.deepEqual(names, [`2.0.0.127.${key}.zen.dq.spamhaus.net`]);
  assert.ok(!JSON.stringify(asked).includes(key));
  assert.ok(asked.some((fact) => fact.question === "A 2.0.0.127.zen.dq.spamhaus.net"));
});
