/** Is the resolver one whose word about DNSSEC counts? T-48 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../src/base/clock.ts";
import { parseDomain } from "../../src/base/domain-name.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { examineResolver } from "../../src/dns/examine-resolver.ts";
import { cachedDns } from "../../src/dns/cache.ts";
import { ExaminedDns } from "../../src/dns/examined.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { Unbound, unboundMissing } from "../simulate/unbound.ts";

const NAMES = { signed: "signed.test", bogus: "bogus.test" };
const SIGNED = "signed.test NS ns.signed.test";
const skip = unboundMissing();
const at = (port: number) => dnsClient([{ address: "127.0.0.1", port }]);
const name = parseDomain("signed.test") ?? assert.fail();

for (const { title, zone, authenticated, want } of [
  {
    title: "AD on what is signed, nothing on what is bogus",
    zone: `${SIGNED}\nbogus.test SERVFAIL`,
    authenticated: true,
    want: /^validates /,
  },
  {
    title: "no AD",
    zone: `${SIGNED}\nbogus.test SERVFAIL`,
    authenticated: false,
    want: /^does-not-validate .*not marked/,
  },
  {
    title: "AD on everything",
    zone: `${SIGNED}\nbogus.test A 192.0.2.1`,
    authenticated: true,
    want: /^does-not-validate .*answered all the same/,
  },
  {
    title: "the bogus name is said not to exist",
    zone: SIGNED,
    authenticated: true,
    want: /^does-not-validate .*answered all the same/,
  },
  {
    title: "the signed name is not there",
    zone: "x.test A 192.0.2.1\nbogus.test SERVFAIL",
    authenticated: true,
    want: /^unknown signed\.test has no NS/,
  },
  {
    title: "the resolver fails at everything",
    zone: "signed.test SERVFAIL\nbogus.test SERVFAIL",
    authenticated: true,
    want: /^unknown .*servfail/,
  },
]) {
  test(`resolver: ${title}`, async () => {
    const dns = await startDnsServer({ zone, authenticated });
    const { kind, detail } = await examineResolver(at(dns.port), NAMES);
    dns.close();
    assert.match(`${kind} ${detail}`, want);
  });
}

for (const validates of [true, false]) {
  test(`resolver: unbound ${validates ? "with" : "without"} its validator`, { skip }, async () => {
    using unbound = await Unbound.start({ validates });
    const { kind, detail } = await examineResolver(at(unbound.port), NAMES);
    assert.equal(kind, validates ? "validates" : "does-not-validate", detail);
  });
}

test("authenticity counts only while the resolver is known to validate; a day's outage changes nothing", async () => {
  const good = `${SIGNED}\nbogus.test SERVFAIL`;
  const server = await startDnsServer({ zone: good, authenticated: true });
  const [clock, log] = [new ManualClock(), new MemoryLog()];
  const fresh = at(server.port);
  const dns = new ExaminedDns(fresh, fresh, NAMES, { clock, log });
  const believed = async (): Promise<boolean> => {
    const answer = await dns.query(name, "NS");
    return answer.kind === "records" && answer.authenticated;
  };
  const DAY_MS = 86_400_000;
  for (const { zone, pass_ms, want } of [
    { zone: good, pass_ms: 0, want: true },
    // It begins to answer what is bogus: at once.
    { zone: `${SIGNED}\nbogus.test A 192.0.2.1`, pass_ms: 0, want: false },
    { zone: good, pass_ms: 0, want: true },
    // The test name cannot be asked for; it was seen to validate a moment ago, and then a day ago.
    {
      zone: SIGNED.replace("NS", "A 192.0.2.9\nother.test NS") + "\nbogus.test SERVFAIL",
      pass_ms: 0,
      want: true,
    },
    { zone: undefined, pass_ms: DAY_MS, want: false },
    { zone: good, pass_ms: 0, want: true },
  ]) {
    if (zone !== undefined) server.setZone(zone);
    clock.advance(pass_ms);
    await dns.examine();
    server.setZone(good);
    assert.equal(await believed(), want, zone ?? "later");
    if (zone !== undefined) server.setZone(zone);
  }
  server.close();
  assert.deepEqual(
    log.events.map(({ event }) => event),
    [
      "dns.resolver-validates",
      "dns.resolver-does-not-validate",
      "dns.resolver-validates",
      "dns.resolver-unknown",
      "dns.resolver-validates",
    ],
  );
});

test("who is told that something is authentic waits for the first examination", async (t) => {
  const server = await startDnsServer({ zone: `${SIGNED}\nbogus.test A 192.0.2.1`, authenticated: true });
  t.after(() => server.close());
  const fresh = at(server.port);
  const clock = new ManualClock();
  const cached = cachedDns(fresh, clock);
  const dns = new ExaminedDns(cached, fresh, NAMES, { clock, log: new MemoryLog() });
  await cached.query(name, "NS");
  assert.equal(dns.known(name, "NS"), undefined, "it claims something, and nobody was examined yet");
  const examined = dns.examine();
  const answer = await dns.query(name, "NS");
  assert.equal(answer.kind === "records" && answer.authenticated, false);
  await examined;
  const known = dns.known(name, "NS");
  assert.equal(known?.kind === "records" && !known.authenticated, true, "at hand, and not believed");
});
