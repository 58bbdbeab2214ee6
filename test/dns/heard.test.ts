/** Does the DNS of the world answer us? What a resolver tells out of its head is no answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startResolver } from "../../src/assembly/resolver.ts";
import { ManualClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { parseDomain } from "../../src/base/domain-name.ts";
import type { Config } from "../../src/config/schema.ts";
import type { Dns } from "../../src/dns/answer.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { DnsHearing } from "../../src/dns/heard.ts";
import { HEARD_MS, SILENT_START_MS } from "../../src/dns/limits.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { Unbound, unboundMissing } from "../simulate/unbound.ts";

const SILENT = [0, 1, 2, 3, 4, 5].map((i) => `n${i}.world.test SERVFAIL`).join("\n");
const at = (port: number): Dns => dnsClient([{ address: "127.0.0.1", port }]);

function hearing(dns: Dns): { readonly heard: DnsHearing; readonly clock: ManualClock } {
  const clock = new ManualClock();
  let id = 0;
  return { heard: new DnsHearing(dns, "world.test", { clock, newId: () => `n${id++}` }), clock };
}

test("a silent start counts for a few minutes; then it is asked, and that there is no such name is an answer", async (t) => {
  const server = await startDnsServer({ zone: SILENT });
  t.after(() => server.close());
  const { heard, clock } = hearing(at(server.port));
  const isHeard = async (pass_ms: number, zone?: string): Promise<boolean> => {
    if (zone !== undefined) server.setZone(zone);
    clock.advance(pass_ms);
    return await heard.isHeard();
  };
  await heard.ask();
  assert.equal(await isHeard(SILENT_START_MS - 1), true, "a resolver may come up later than we do");
  assert.equal(await isHeard(1), false, "it is cut off");
  assert.equal(await isHeard(0, ""), true, "it is back, and nobody has to wait for the next hour");
  const asked = server.asked.length;
  assert.equal(await isHeard(HEARD_MS - 1, SILENT), true, "so long an outage is no reason to let mail in");
  assert.equal(server.asked.length, asked, "who was heard lately is not asked");
  assert.equal(await isHeard(1), false);
});

test("no question is asked twice, and those who wait together ask once", async (t) => {
  const server = await startDnsServer({ zone: SILENT });
  t.after(() => server.close());
  const { heard, clock } = hearing(at(server.port));
  clock.advance(SILENT_START_MS);
  assert.deepEqual(await Promise.all([heard.isHeard(), heard.isHeard()]), [false, false]);
  server.setZone("");
  assert.deepEqual(await Promise.all([heard.isHeard(), heard.isHeard()]), [true, true]);
  assert.deepEqual([...new Set(server.asked)], ["n0.world.test NS", "n1.world.test NS"]);
});

test("a clock that is set back makes no silence shorter", async (t) => {
  const server = await startDnsServer({ zone: "" });
  t.after(() => server.close());
  await using opened = new AsyncDisposableStack();
  const clock = new ManualClock();
  const dns = { servers: [`127.0.0.1:${server.port}`], signed_name: "world.test", bogus_name: "bogus.test" };
  const config = { dns } as unknown as Config;
  const resolver = await startResolver(config, new AbortController().signal, opened, {
    clock,
    log: silentLog,
  });
  assert.equal(await resolver.isHeard(), true);
  server.setZone("* SERVFAIL");
  const later_ms = performance.now() + HEARD_MS;
  t.mock.method(performance, "now", () => later_ms);
  clock.advance(-3_600_000);
  assert.equal(await resolver.isHeard(), false);
});

test(
  "unbound that is cut off still knows private names and zones of its own",
  { skip: unboundMissing() },
  async () => {
    using unbound = await Unbound.start({ validates: false });
    const dns = at(unbound.port);
    for (const [text, type, want] of [
      ["1.0.0.10.in-addr.arpa", "PTR", "nxdomain"],
      ["1.0.0.127.in-addr.arpa", "PTR", "records"],
      ["anything.invalid", "A", "nxdomain"],
      ["signed.test", "A", "records"],
    ] as const)
      assert.equal((await dns.query(parseDomain(text) ?? assert.fail(text), type)).kind, want, text);
    const { heard, clock } = hearing(dns);
    clock.advance(SILENT_START_MS);
    assert.equal(await heard.isHeard(), false);
  },
);
