/**
 * Months of a server that keeps its own TLSA records, in a world where updates are refused, lost, or answered by nobody, name
 * servers lag, and the server is killed between any two writes: no cache ever holds records that do not know the key that is
 * served, and old records go. RFC 7671 §8.1
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../src/base/clock.ts";
import type { Domain } from "../../src/base/domain-name.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { err, ok } from "../../src/base/result.ts";
import type { Dns } from "../../src/dns/answer.ts";
import type { ZoneProvider } from "../../src/dns/update-client.ts";
import type { AcmeFiles } from "../../src/tls/acme-files.ts";
import { keepCertificate } from "../../src/tls/certificate-keeper.ts";
import { NextKey } from "../../src/tls/next-key.ts";
import { keepTlsa } from "../../src/tls/tlsa-keeper.ts";
import { keyDigest } from "../../src/tls/tlsa-key.ts";
import {
  AUTHORITY,
  authorityOf,
  DAY_MS,
  HOUR_MS,
  memoryFiles,
  OWNER,
  seeded,
  settled,
  START_MS,
  watchOf,
  Zone,
} from "./simulated-zone.ts";

/** Loses requests and answers, refuses, breaks; what it is told it does at once or not at all. Some know better about TTLs. */
const providerOf = (
  zone: Zone,
  clock: ManualClock,
  random: () => number,
  ttlMin_s: number,
): ZoneProvider => ({
  zoneOf: async () => "example.org" as Domain,
  async change(changes) {
    const dice = random();
    if (dice < 0.1) return err({ kind: "unreachable", detail: "192.0.2.53 port 53" });
    if (dice < 0.15) return err({ kind: "bad-time", detail: "example.org" });
    if (dice < 0.18) throw new Error("broken pipe");
    const digests = new Set(zone.shown(0, clock.now())?.digests);
    for (const { kind, data } of changes) {
      const digest = data.slice("3 1 1 ".length);
      if (kind === "add") digests.add(digest);
      else digests.delete(digest);
    }
    const ttl_s = Math.max(ttlMin_s, ...changes.map((change) => change.ttl_s));
    zone.publish({ from_ms: clock.now(), digests: [...digests], ttl_s });
    return dice < 0.25 ? err({ kind: "unreachable", detail: "no answer" }) : ok(undefined);
  },
});

const signed: Dns = {
  query: async () => ({ kind: "records", records: ["192.0.2.25"], ttl_s: 60, authenticated: true }) as never,
};

/** Files that take no more after so many writes: the process was killed there. */
function mortalFiles(
  kept: Map<string, string>,
  writes: number,
): AcmeFiles & { readonly dead: () => boolean } {
  const files = memoryFiles(kept);
  let left = writes;
  return {
    ...files,
    dead: () => left <= 0,
    async write(name, content) {
      if (left-- <= 0) throw new Error("killed");
      await files.write(name, content);
    },
  };
}

const digests = new Map<string, string>();
function digestOf(key: string): string {
  const known = digests.get(key) ?? keyDigest(key);
  digests.set(key, known);
  return known;
}

async function simulate(seed: number, days: number) {
  const random = seeded(seed);
  const clock = new ManualClock(START_MS);
  const zone = new Zone(random() * 6 * HOUR_MS);
  const ttlMin_s = seed * 1.5 * 86_400;
  const kept = new Map<string, string>();
  const log = new MemoryLog();
  let outageUntil_ms = 0;
  const silent = (): boolean => clock.now() < outageUntil_ms || random() < 0.02;
  const start = async () => {
    const files = mortalFiles(kept, 5 + Math.floor(random() * 150));
    const stack = new AsyncDisposableStack();
    const watch = watchOf(zone, clock, silent);
    const keeper = stack.use(
      await keepCertificate({
        names: ["mx.example.org"],
        authority: authorityOf(clock, random, { life_ms: 6 * DAY_MS, fails: 0.2 }),
        files,
        nextKey: await NextKey.open({ files: memoryFiles(kept), watch, clock, log }),
        until: AUTHORITY,
        clock,
        random,
        log,
      }),
    );
    const served = (): string | undefined =>
      keeper.current() === AUTHORITY ? undefined : keeper.current().key;
    const next = (): string | undefined => {
      const pem = kept.get("next-key.pem");
      return pem === undefined ? undefined : digestOf(pem);
    };
    stack.use(
      await keepTlsa({
        keys: () => ({ served: served(), next: next() }),
        hostName: "mx.example.org" as Domain,
        owners: { main: OWNER as Domain, others: [] },
        watch,
        dns: signed,
        provider: providerOf(zone, clock, random, ttlMin_s),
        files,
        clock,
        random,
        log,
      }),
    );
    return { stack, served, files };
  };
  let server = await start();
  let most = 0;
  for (const end_ms = START_MS + days * DAY_MS; clock.now() < end_ms;) {
    clock.advance(HOUR_MS);
    await settled();
    const served = server.served();
    if (random() < 0.001) outageUntil_ms = clock.now() + random() * DAY_MS;
    if (served !== undefined) {
      const digest = digestOf(served);
      for (const { digests, from_ms } of zone.cacheable(clock.now()))
        assert.ok(
          digests.length === 0 || digests.includes(digest),
          `seed ${seed}, ${new Date(clock.now()).toISOString()}: a cache may hold the records of ${new Date(from_ms).toISOString()}`,
        );
      most = Math.max(most, zone.shown(0, clock.now())?.digests.length ?? 0);
    }
    if (server.files.dead()) {
      await server.stack.disposeAsync();
      server = await start();
    }
  }
  await server.stack.disposeAsync();
  const count = (event: string): number => log.events.filter((one) => one.event === event).length;
  return { changed: count("certificate.key-changed"), failed: count("certificate.tlsa-update-failed"), most };
}

test("five weeks of six-day certificates, three worlds", async () => {
  const course = { changed: 0, failed: 0, most: 0 };
  for (let seed = 1; seed <= 3; seed++) {
    const one = await simulate(seed, 35);
    course.changed += one.changed;
    course.failed += one.failed;
    course.most = Math.max(course.most, one.most);
  }
  assert.ok(course.changed > 6 && course.failed > 9, JSON.stringify(course));
  // In use, next, and those that may still be wanted: they do not pile up.
  assert.ok(course.most <= 4, JSON.stringify(course));
});
