import assert from "node:assert/strict";
import { test } from "node:test";
import { zoneDns, type ZoneEntry } from "../../test/authentication/spf-zone.ts";
import { MemoryLog } from "../base/log.ts";
import { SendingNames } from "./sending-names.ts";

const ADDRESS = "2a00:1450:4001:80b::1";
const PTR = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.0.8.0.1.0.0.4.0.5.4.1.0.0.a.2.ip6.arpa";
const named: readonly ZoneEntry[] = [
  [PTR, "PTR", "mail.example.org"],
  ["mail.example.org", "AAAA", ADDRESS],
];

type Case = { name: string; zone: readonly ZoneEntry[]; usual?: string; may: boolean; unnamed: string[] };
const cases: readonly Case[] = [
  { name: "a name that leads back", zone: named, may: true, unnamed: [] },
  { name: "no name", zone: [], may: false, unnamed: [ADDRESS] },
  {
    name: "a name that leads elsewhere",
    zone: [named[0] as ZoneEntry, ["mail.example.org", "AAAA", "2a00::2"]],
    may: false,
    unnamed: [ADDRESS],
  },
  { name: "the DNS does not say", zone: [[PTR, "TIMEOUT", ""]], may: false, unnamed: [] },
  { name: "an address of this network only", zone: [], usual: "fd00::1", may: true, unnamed: [] },
];
for (const { name, zone, usual = ADDRESS, may, unnamed } of cases) {
  test(`the address mail leaves from: ${name}`, async () => {
    const names = new SendingNames({
      dns: zoneDns(zone),
      log: new MemoryLog(),
      configured: [],
      usual: async () => usual,
      hasIpv4: async () => true,
    });
    assert.equal(names.mayUseIpv6(undefined), false, "nobody has looked yet");
    await names.look();
    assert.equal(names.mayUseIpv6(undefined), may);
    assert.deepEqual(names.unnamed(), unnamed);
  });
}

test("what is configured is looked at by itself; told once while it lasts; what was known stays while the DNS is silent", async () => {
  let zone: readonly ZoneEntry[] = [];
  const log = new MemoryLog();
  const names = new SendingNames({
    dns: { query: (...asked) => zoneDns(zone).query(...asked) } as ReturnType<typeof zoneDns>,
    log,
    configured: [ADDRESS],
    usual: async () => undefined,
    hasIpv4: async () => true,
  });
  const may = () => names.mayUseIpv6({ ipv4: "192.0.2.1", ipv6: ADDRESS });
  await names.look();
  await names.look();
  assert.equal(may(), false);
  assert.equal(names.mayUseIpv6(undefined), true, "without IPv6 of its own there is nothing to avoid");
  assert.deepEqual(
    log.events.map(({ event, fields }) => `${event} ${String(fields["address"])}`),
    [`outbound.ipv6-unnamed ${ADDRESS}`],
  );
  zone = named;
  await names.look();
  assert.equal(may(), true);
  zone = [[PTR, "TIMEOUT", ""]];
  await names.look();
  assert.equal(may(), true);
});

test("where there is no IPv4, IPv6 is the only way, named or not", async () => {
  const names = new SendingNames({
    dns: zoneDns([]),
    log: new MemoryLog(),
    configured: [],
    usual: async () => ADDRESS,
    hasIpv4: async () => false,
  });
  await names.look();
  assert.equal(names.mayUseIpv6(undefined), true);
});

test("before there is any network nothing is learnt", async () => {
  let usual: string | undefined;
  const names = new SendingNames({
    dns: zoneDns([]),
    log: new MemoryLog(),
    configured: [],
    usual: async () => usual,
    hasIpv4: async () => usual !== undefined,
  });
  await names.look();
  assert.equal(names.mayUseIpv6(undefined), false);
  usual = ADDRESS;
  await names.look();
  assert.deepEqual([names.mayUseIpv6(undefined), names.unnamed()], [false, [ADDRESS]]);
});

test("what stays open is asked again after longer and longer pauses, and told once; an answer holds as long as its records", async () => {
  const MINUTE_MS = 60_000;
  let zone: readonly ZoneEntry[] = [[PTR, "TIMEOUT", ""]];
  let usual: string | undefined;
  let ttl_s = 60;
  const log = new MemoryLog();
  const names = new SendingNames({
    dns: {
      async query(...asked) {
        const answer = await zoneDns(zone).query(...asked);
        return answer.kind === "records" && asked[1] === "AAAA"
          ? { ...answer, ttl_s }
          : { ...answer, ttl_s: 86_400 };
      },
    },
    log,
    configured: [],
    usual: async () => usual,
    hasIpv4: async () => usual !== undefined,
  });
  const pauses = async (looks: number): Promise<readonly number[]> => {
    const all: number[] = [];
    while (all.length < looks) all.push((await names.look()) / MINUTE_MS);
    return all;
  };
  const told = (): readonly string[] =>
    log.events
      .filter(({ event }) => event === "outbound.ipv6-unknown")
      .map(({ fields }) => String(fields["reason"]));
  assert.deepEqual(await pauses(3), [1, 2, 4], "no network");
  usual = ADDRESS;
  assert.deepEqual(await pauses(3), [8, 10, 10], "a network, and no DNS");
  assert.deepEqual(told(), ["the system has no way towards the Internet"]);
  zone = named;
  assert.deepEqual(await pauses(1), [10], "not more often, however short the record lives");
  ttl_s = 1800;
  assert.deepEqual(await pauses(1), [30]);
  ttl_s = 86_400;
  assert.deepEqual(await pauses(1), [60]);
  zone = [[PTR, "TIMEOUT", ""]];
  assert.deepEqual(await pauses(2), [1, 2]);
  assert.equal(told()[1], `the DNS does not say what the name of ${ADDRESS} is`);
  assert.equal(told().length, 2);
});
