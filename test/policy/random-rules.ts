/** Random rules, facts and worlds for properties of the engine. */
import fc from "fast-check";
import type { Domain } from "../../src/base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../../src/dns/answer.ts";
import type { TableAnswer, World } from "../../src/policy/ask.ts";
import { CHECKS } from "../../src/policy/checks.ts";
import type { PolicyFacts } from "../../src/policy/facts.ts";
import { readPolicy, type PolicyLists } from "../../src/policy/policy-lists.ts";

const TABLES = ["a", "b", "gone"];
const ZONES = ["zen.spamhaus.org", "list.dnswl.org", "bl.example.net=127.0.0.2", "white.example.net"];
const CLASSES = ["one", "two"];

const rule = fc.constantFrom(...CHECKS.values()).chain((check) => {
  if (check.takes === "table")
    return fc.constantFrom(...TABLES).map((table) => `${check.name} hash:${table}`);
  if (check.takes === "zone") return fc.constantFrom(...ZONES).map((zone) => `${check.name} ${zone}`);
  return fc.constant(check.takes === "number" ? `${check.name} 3` : check.name);
});
const word = fc.oneof(
  { weight: 12, arbitrary: rule },
  { weight: 2, arbitrary: rule.map((text) => `warn_if_reject ${text}`) },
  // Rules that let through are what the floors are tested against.
  {
    weight: 4,
    arbitrary: fc.constantFrom("permit", "permit_auth_destination", "permit_mynetworks", ...CLASSES),
  },
);
const list = fc.array(word, { maxLength: 6 }).map((rules) => ({ text: rules.join(", ") }));

export const randomLists: fc.Arbitrary<PolicyLists> = fc
  .record({
    client: list,
    helo: list,
    sender: list,
    relay: list,
    recipient: list,
    data: list,
    one: list,
    two: list,
  })
  .map(
    ({ one, two, ...lists }) =>
      readPolicy({ ...lists, classes: { one, two }, sites: { text: ZONES.join(" ") } }).lists,
  );

const name = fc.constantFrom(
  "unknown",
  "mx.example.com",
  "a..b",
  "x",
  "[192.0.2.1]",
  "friend.example.net",
  "é.example",
  "",
);
const address = fc.constantFrom(
  "",
  "x",
  "you@example.org",
  "a@b.example",
  "a@[192.0.2.1]",
  "<",
  "a@",
  "postmaster",
  "a%b@example.org",
);
const state = fc.constantFrom<PolicyFacts["clientNameState"]>("ok", "unknown", "tempfail");

export const randomFacts: fc.Arbitrary<PolicyFacts> = fc.record(
  {
    clientAddress: fc.constantFrom("192.0.2.1", "127.0.0.1", "2001:db8::1", "nonsense"),
    clientName: name,
    clientNameState: state,
    reverseClientName: name,
    reverseClientNameState: state,
    helo: name,
    sender: address,
    recipient: address,
    recipientCount: fc.nat(3),
    encrypted: fc.boolean(),
    login: fc.constantFrom("you@example.org", "other@example.org"),
    earlyTalk: fc.boolean(),
    recipientIsOurs: fc.boolean(),
    recipientExists: fc.boolean(),
    mayRelay: fc.boolean(),
    senderIsOurs: fc.boolean(),
    senderExists: fc.boolean(),
    senderOwner: fc.constantFrom<PolicyFacts["senderOwner"]>("nobody", "login", "other"),
    spf: fc.constantFrom<NonNullable<PolicyFacts["spf"]>>("pass", "fail", "none"),
  },
  {
    requiredKeys: [
      "clientAddress",
      "clientName",
      "clientNameState",
      "reverseClientName",
      "reverseClientNameState",
      "recipientCount",
      "encrypted",
      "earlyTalk",
      "recipientIsOurs",
      "recipientExists",
      "mayRelay",
      "senderIsOurs",
      "senderExists",
      "senderOwner",
    ],
  },
);

const VALUES = [
  "OK",
  "REJECT",
  "permit",
  "one",
  "two, reject",
  "DEFER_IF_REJECT",
  "DEFER_IF_PERMIT",
  "450 later",
  "550",
  "DISCARD",
  "check_x",
  "hash:x",
  "DUNNO",
  "permit_mynetworks",
];

/** A world whose answers depend on the question and `seed` only, lies and silence included. */
export function randomWorld(seed: number): World {
  const dice = (text: string, sides: number): number => {
    let hash = seed >>> 0;
    for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    return (hash >>> 8) % sides;
  };
  const dns: Dns = {
    query: async <T extends RecordType>(domain: Domain, type: T): Promise<DnsAnswer<RecordData[T]>> => {
      const about = { ttl_s: 60, authenticated: false };
      switch (dice(`${type} ${domain}`, 6)) {
        case 0:
          return { kind: "failure", reason: "timeout" };
        case 1:
          return { kind: "nodata", ...about };
        case 2:
          return { kind: "nxdomain", ...about };
        case 3:
          throw new Error("a resolver that breaks");
        default:
          return { kind: "records", records: [record(type, dice(domain, 4))] as RecordData[T][], ...about };
      }
    },
  };
  return {
    dns,
    lookUp: async (table, search): Promise<TableAnswer> => {
      if (table === "gone") return "no-such-table";
      const value = VALUES[dice(`${table} ${JSON.stringify(search)}`, VALUES.length + 6)];
      return value === undefined ? "none" : { key: "k", value };
    },
    listState: (zone) => (dice(zone, 5) === 0 ? "off" : "on"),
    count: async (counter) => dice(counter, 100),
    now: () => seed,
  };
}

function record(type: RecordType, which: number): unknown {
  if (type === "MX") return { preference: 10, exchange: which === 0 ? "" : "mx.example.net" };
  if (type === "A") return ["127.0.0.2", "127.255.255.254", "192.0.2.9", "127.0.5.3"][which];
  return type === "AAAA" ? "2001:db8::9" : "ns.example.net";
}
