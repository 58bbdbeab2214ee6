/**
 * The key of our certificate changes under published TLSA records: whatever the zone's operator does in his time, whatever
 * the authority does, no cache that could exist holds records that do not know the key we show. RFC 7671 §8.1; T-49
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../src/base/clock.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { err, ok } from "../../src/base/result.ts";
import type { TlsaRecord } from "../../src/dns/answer.ts";
import type { AcmeFiles } from "../../src/tls/acme-files.ts";
import { createAuthority, issueCertificate } from "../../src/tls/certificate.ts";
import {
  keepCertificate,
  type AcmeKeeper,
  type CertificateAuthority,
} from "../../src/tls/certificate-keeper.ts";
import { NextKey } from "../../src/tls/next-key.ts";
import { keyDigest } from "../../src/tls/tlsa-key.ts";
import type { TlsaWatch } from "../../src/tls/tlsa-watch.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 10, 30);
const OWNER = "_25._tcp.mx.example.org";

type Random = () => number;
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a server of the zone showed from a moment on. */
type Version = { readonly from_ms: number; readonly digests: readonly string[]; readonly ttl_s: number };

/** A primary, and a secondary that follows hours later. */
class Zone {
  readonly versions: Version[] = [];
  readonly lags_ms: readonly number[];

  constructor(secondaryLag_ms: number) {
    this.lags_ms = [0, secondaryLag_ms];
  }

  publish(version: Version): void {
    this.versions.push(version);
  }

  /** What one server shows. */
  shown(lag_ms: number, now_ms: number): Version | undefined {
    return this.versions.findLast(({ from_ms }) => from_ms + lag_ms <= now_ms);
  }

  /** Every record set that a cache somewhere may hold: fetched at the last moment it was shown, kept for its whole TTL. */
  cacheable(now_ms: number): readonly Version[] {
    return this.lags_ms.flatMap((lag_ms) =>
      this.versions.filter(({ from_ms, ttl_s }, i) => {
        const next = this.versions[i + 1];
        const gone_ms = next === undefined ? Number.POSITIVE_INFINITY : next.from_ms + lag_ms + ttl_s * 1000;
        return from_ms + lag_ms <= now_ms && now_ms < gone_ms;
      }),
    );
  }
}

const record = (digest: string): TlsaRecord => ({
  usage: 3,
  selector: 1,
  matching: 1,
  data: Buffer.from(digest, "hex"),
});

const watchOf = (zone: Zone, clock: ManualClock, silent: () => boolean): TlsaWatch => ({
  async look() {
    if (silent()) return { kind: "unknown", detail: "ns2 does not answer" };
    const shown = zone.lags_ms.map((lag_ms) => zone.shown(lag_ms, clock.now()));
    const sets = shown.map((version) => ({
      owner: OWNER,
      records: version?.digests.map(record) ?? [],
      ttl_s: version === undefined || version.digests.length === 0 ? 0 : version.ttl_s,
    }));
    return { kind: "seen", sets };
  },
});

function memoryFiles(kept = new Map<string, string>()): AcmeFiles {
  return {
    read: async (name) => kept.get(name),
    write: async (name, content) => void kept.set(name, content),
    remove: async (name) => void kept.delete(name),
  };
}

const AUTHORITY = createAuthority({
  subject: "Simulated",
  names: [],
  notBefore_ms: START_MS,
  notAfter_ms: START_MS + 3650 * DAY_MS,
});

type Plan = { readonly life_ms: number; readonly fails: number };

/** Takes its time, fails at random, advises random windows, and sometimes wants everything renewed at once. */
const authorityOf = (clock: ManualClock, random: Random, { life_ms, fails }: Plan): CertificateAuthority => ({
  async order({ names, key }, signal) {
    await clock.sleep(random() * 2 * HOUR_MS, signal).catch(() => {});
    if (random() < fails) return err({ code: "acme-unreachable", message: "down", remedy: "wait" });
    const span = { notBefore_ms: clock.now(), notAfter_ms: clock.now() + life_ms };
    return ok(issueCertificate({ subject: names[0] ?? "", names, ...span }, AUTHORITY, "Simulated", key));
  },
  async renewalInfo() {
    if (random() < 0.2) return err({ code: "acme-unreachable", message: "down", remedy: "wait" });
    const start_ms = random() < 0.02 ? clock.now() - DAY_MS : clock.now() + life_ms * (0.4 + random() * 0.3);
    return ok({
      window: {
        start: new Date(start_ms).toISOString(),
        end: new Date(start_ms + life_ms / 20).toISOString(),
      },
      explanation: undefined,
      retryAfter_ms: 6 * HOUR_MS,
    });
  },
});

type Run = Plan & {
  readonly seed: number;
  readonly days: number;
  /** How the operator keeps his zone: chances of each thing he may do, whenever he comes by. */
  readonly habits: { readonly both: number; readonly onlyCurrent: number; readonly none: number };
  readonly everyDays: number;
  readonly step_ms: number;
};

type Course = { readonly served: number; readonly changed: number; readonly kept: number };

async function simulate(run: Run): Promise<Course> {
  const random = seeded(run.seed);
  const clock = new ManualClock(START_MS);
  const zone = new Zone(random() * 6 * HOUR_MS);
  const files = memoryFiles();
  const log = new MemoryLog();
  let outageUntil_ms = 0;
  const silent = (): boolean => clock.now() < outageUntil_ms || random() < 0.02;
  const start = async (): Promise<AcmeKeeper> =>
    await keepCertificate({
      names: ["mx.example.org"],
      authority: authorityOf(clock, random, run),
      files,
      nextKey: await NextKey.open({ files, watch: watchOf(zone, clock, silent), clock, log }),
      until: AUTHORITY,
      clock,
      random,
      log,
    });
  const end_ms = START_MS + run.days * DAY_MS;
  let keeper: AcmeKeeper | undefined = await start();
  let restart_ms = Number.POSITIVE_INFINITY;
  let comesBy_ms = START_MS;
  const digests = new Map<string, string>();
  const digestOf = (key: string): string => {
    const known = digests.get(key) ?? keyDigest(key);
    digests.set(key, known);
    return known;
  };
  while (clock.now() < end_ms) {
    clock.advance(run.step_ms);
    await settled();
    if (clock.now() >= comesBy_ms) {
      zone.publish({
        from_ms: clock.now(),
        digests: await chosen(run.habits, random(), files),
        ttl_s: Math.round(60 + random() ** 2 * 3 * 86_400),
      });
      // Looks are an hour apart: what comes and goes between two of them, nobody can see.
      comesBy_ms = clock.now() + 4 * HOUR_MS + random() * run.everyDays * DAY_MS;
    }
    if (random() < 0.001) outageUntil_ms = clock.now() + random() * 2 * DAY_MS;
    if (keeper !== undefined && random() < 0.003) {
      await keeper[Symbol.asyncDispose]();
      keeper = undefined;
      restart_ms = clock.now() + random() ** 3 * 3 * DAY_MS;
    } else if (keeper === undefined && clock.now() >= restart_ms) keeper = await start();
    if (keeper !== undefined && keeper.current() !== AUTHORITY) {
      const digest = digestOf(keeper.current().key);
      for (const { digests, from_ms } of zone.cacheable(clock.now()))
        assert.ok(
          digests.length === 0 || digests.includes(digest),
          `${new Date(clock.now()).toISOString()}: a cache may hold the records of ${new Date(from_ms).toISOString()}, which do not know the key`,
        );
    }
  }
  await keeper?.[Symbol.asyncDispose]();
  const count = (event: string): number => log.events.filter((one) => one.event === event).length;
  return {
    served: count("certificate.served"),
    changed: count("certificate.key-changed"),
    kept: count("certificate.key-kept"),
  };
}

/** The lines of `wachpost dns` that the operator puts into his zone. */
async function chosen(
  { both, onlyCurrent, none }: Run["habits"],
  dice: number,
  files: AcmeFiles,
): Promise<readonly string[]> {
  const [served, next] = [await files.read("served.pem"), await files.read("next-key.pem")];
  const current = served === undefined ? [] : [keyDigest(served.slice(0, served.indexOf("-----BEGIN CERT")))];
  const all = [...current, ...(next === undefined ? [] : [keyDigest(next)])];
  const at = dice * (both + onlyCurrent + none);
  if (at < both) return all;
  return at < both + onlyCurrent ? current : [];
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("a month of six-day certificates, by whatever operator", async () => {
  const course = { served: 0, changed: 0, kept: 0 };
  for (let seed = 1; seed <= 4; seed++) {
    const habits = { both: 6, onlyCurrent: seed % 3, none: seed % 4 };
    const one = await simulate({
      seed,
      days: 31,
      life_ms: 6 * DAY_MS,
      fails: 0.3,
      habits,
      everyDays: 4,
      step_ms: HOUR_MS / 2,
    });
    course.served += one.served;
    course.changed += one.changed;
    course.kept += one.kept;
  }
  assert.ok(course.served > 20, JSON.stringify(course));
  assert.ok(course.changed > 6 && course.kept > 6, JSON.stringify(course));
});

test("a year of ninety-day certificates", async () => {
  const habits = { both: 10, onlyCurrent: 1, none: 1 };
  const course = await simulate({
    seed: 7,
    days: 366,
    life_ms: 90 * DAY_MS,
    fails: 0.3,
    habits,
    everyDays: 60,
    step_ms: 2 * HOUR_MS,
  });
  assert.ok(course.changed >= 2, JSON.stringify(course));
});

for (const { name, habits, changes } of [
  {
    name: "records of both keys: the key changes",
    habits: { both: 1, onlyCurrent: 0, none: 0 },
    changes: true,
  },
  { name: "no records at all: the key changes", habits: { both: 0, onlyCurrent: 0, none: 1 }, changes: true },
  {
    name: "only the record of the key in use: it stays",
    habits: { both: 0, onlyCurrent: 1, none: 0 },
    changes: false,
  },
])
  test(name, async () => {
    const course = await simulate({
      seed: 3,
      days: 30,
      life_ms: 6 * DAY_MS,
      fails: 0,
      habits,
      everyDays: 1,
      step_ms: HOUR_MS,
    });
    assert.ok(course.served > 5, JSON.stringify(course));
    // The first certificate takes the key that was made for it.
    assert.equal(course.changed > 1, changes, JSON.stringify(course));
  });
