/**
 * The key of our certificate changes under published TLSA records: whatever the zone's operator does in his time, whatever
 * the authority does, no cache that could exist holds records that do not know the key we show. RFC 7671 §8.1; T-49
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../src/base/clock.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { keepCertificate, type AcmeKeeper } from "../../src/tls/certificate-keeper.ts";
import type { AcmeFiles } from "../../src/tls/acme-files.ts";
import { NextKey } from "../../src/tls/next-key.ts";
import { keyDigest } from "../../src/tls/tlsa-key.ts";
import {
  AUTHORITY,
  authorityOf,
  DAY_MS,
  HOUR_MS,
  memoryFiles,
  seeded,
  settled,
  START_MS,
  watchOf,
  Zone,
  type Plan,
} from "./simulated-zone.ts";

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
