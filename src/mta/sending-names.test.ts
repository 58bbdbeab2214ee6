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
  assert.deepEqual([await names.look(), names.mayUseIpv6(undefined)], [false, false]);
  usual = ADDRESS;
  assert.deepEqual([await names.look(), names.mayUseIpv6(undefined)], [true, false]);
});
