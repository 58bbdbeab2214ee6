/**
 * A certificate that another program renews, each time with a new key, under published TLSA records: the new key is served
 * once no cache can hold records that do not know it. RFC 7671 §8.1; T-49
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ManualClock } from "../../src/base/clock.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { keepFiles, type FilesKeeper } from "../../src/tls/certificate-files.ts";
import { issueCertificate } from "../../src/tls/certificate.ts";
import { keyDigest } from "../../src/tls/tlsa-key.ts";
import type { TlsaSet } from "../../src/tls/tlsa-rollover.ts";
import type { TlsaWatch } from "../../src/tls/tlsa-watch.ts";
import {
  AUTHORITY,
  DAY_MS,
  HOUR_MS,
  memoryFiles,
  record,
  seeded,
  START_MS,
  watchOf,
  Zone,
} from "./simulated-zone.ts";

const LIFE_MS = 90 * DAY_MS;
const directory = await mkdtemp(join(tmpdir(), "wachpost-files-"));
after(() => rm(directory, { recursive: true, force: true }));

/** Knows when the keeper has done what there was to do. */
class CountingClock extends ManualClock {
  sleeps = 0;

  override sleep(duration_ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps++;
    return super.sleep(duration_ms, signal);
  }
}

class World {
  readonly clock = new CountingClock(START_MS);
  readonly log = new MemoryLog();
  readonly zone: Zone;
  kept = memoryFiles();
  readonly files = { certificate: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  silent = (): boolean => false;
  ttl_s = 3 * 86_400;
  /** Records of a mail door that nobody cares for. */
  stale: readonly TlsaSet[] = [];
  keeper: FilesKeeper | undefined;

  constructor(secondaryLag_ms = 0) {
    this.zone = new Zone(secondaryLag_ms);
  }

  /** Another program has a certificate for a new key. */
  async renew(life_ms = LIFE_MS): Promise<string> {
    const span = { notBefore_ms: this.clock.now(), notAfter_ms: this.clock.now() + life_ms };
    const pair = issueCertificate(
      { subject: "mx", names: ["mx.example.org"], ...span },
      AUTHORITY,
      "Simulated",
    );
    await writeFile(this.files.key, pair.key);
    await writeFile(this.files.certificate, pair.certificate);
    return keyDigest(pair.key);
  }

  publish(...digests: readonly string[]): void {
    this.zone.publish({ from_ms: this.clock.now(), digests, ttl_s: this.ttl_s });
  }

  async start(): Promise<void> {
    const zone = watchOf(this.zone, this.clock, () => this.silent());
    const watch: TlsaWatch = {
      look: async (signal) => {
        const sight = await zone.look(signal);
        return { ...sight, sets: [...sight.sets, ...this.stale] };
      },
    };
    const slept = this.clock.sleeps;
    this.keeper = await keepFiles(this.files, this, { files: this.kept, watch });
    await this.#asleep(slept);
  }

  async stop(): Promise<void> {
    await this.keeper?.[Symbol.asyncDispose]();
    this.keeper = undefined;
  }

  async pass(duration_ms: number, step_ms = HOUR_MS): Promise<void> {
    for (const end_ms = this.clock.now() + duration_ms; this.clock.now() < end_ms;) {
      const slept = this.clock.sleeps;
      this.clock.advance(Math.min(step_ms, end_ms - this.clock.now()));
      if (this.keeper !== undefined) await this.#asleep(slept);
    }
  }

  get served(): string {
    return this.keeper === undefined ? "" : keyDigest(this.keeper.current().key);
  }

  count(event: string): number {
    return this.log.events.filter((one) => one.event === event).length;
  }

  async #asleep(slept: number): Promise<void> {
    while (this.clock.sleeps === slept) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A world whose first key is served and, if asked for, published for long. */
async function begun(published: "published" | "not published"): Promise<World & { readonly first: string }> {
  const world = new World();
  const first = await world.renew();
  if (published === "published") world.publish(first);
  await world.start();
  await world.pass(5 * DAY_MS, 12 * HOUR_MS);
  return Object.assign(world, { first });
}

test("without TLSA records another key is served at once", async () => {
  const world = await begun("not published");
  const second = await world.renew();
  await world.pass(60_000, 20_000);
  assert.equal(world.served, second);
  await world.stop();
});

test("a certificate for the same key is served at once", async () => {
  const world = await begun("published");
  const { key } = world.keeper!.current();
  const span = { notBefore_ms: world.clock.now(), notAfter_ms: world.clock.now() + LIFE_MS };
  const again = issueCertificate(
    { subject: "mx", names: ["mx.example.org"], ...span },
    AUTHORITY,
    "Simulated",
    key,
  );
  await writeFile(world.files.certificate, again.certificate);
  await world.pass(60_000, 20_000);
  assert.equal(world.keeper?.current().certificate, again.certificate);
  await world.stop();
});

test("another key waits for its record and for the caches, also over a restart; what to publish is told once a day", async () => {
  const world = await begun("published");
  const second = await world.renew();
  await world.pass(3 * DAY_MS);
  assert.deepEqual([world.served, world.keeper?.waiting()], [world.first, second]);
  const kept = world.log.events.filter(({ event }) => event === "certificate.key-kept");
  assert.match(String(kept[0]?.fields["remedy"]), new RegExp(`Publish _25\\._tcp.* TLSA 3 1 1 ${second}`));
  assert.equal(kept.length, 3);
  world.publish(world.first, second);
  await world.pass(DAY_MS);
  await world.stop();
  await world.start();
  assert.deepEqual([world.served, world.keeper?.waiting()], [world.first, second], "after a restart");
  // Three days of TTL: six from the first look that saw it.
  await world.pass(5 * DAY_MS - HOUR_MS);
  assert.equal(world.served, world.first);
  await world.pass(3 * HOUR_MS);
  assert.deepEqual([world.served, world.keeper?.waiting()], [second, undefined]);
  assert.equal(world.count("certificate.key-changed"), 1);
  await world.stop();
  await world.start();
  assert.equal(world.served, second, "after another restart");
  await world.stop();
});

test("files that go back to the key in use wait for nothing", async () => {
  const world = await begun("published");
  const old = world.keeper!.current();
  await world.renew();
  await world.pass(2 * HOUR_MS);
  await writeFile(world.files.key, old.key);
  await writeFile(world.files.certificate, old.certificate);
  await world.pass(60_000, 20_000);
  assert.deepEqual([world.served, world.keeper?.waiting()], [world.first, undefined]);
  await world.stop();
});

test("nobody waits for a certificate that runs out", async () => {
  const world = new World();
  const first = await world.renew(10 * DAY_MS);
  world.publish(first);
  await world.start();
  await world.pass(5 * DAY_MS, 12 * HOUR_MS);
  const second = await world.renew();
  await world.pass(4.5 * DAY_MS);
  assert.equal(world.served, first);
  await world.pass(DAY_MS / 2);
  assert.equal(world.served, second);
  await world.stop();
});

test("records that refuse the key in use hold no other one back", async () => {
  const world = await begun("published");
  world.publish("ab".repeat(32));
  const second = await world.renew();
  await world.pass(60_000, 20_000);
  assert.equal(world.served, second);
  await world.stop();
});

test("a stale record at another door lets no key through", async () => {
  const world = await begun("published");
  world.stale = [{ owner: "_993._tcp.mx.example.org", records: [record("cd".repeat(32))], ttl_s: 60 }];
  const second = await world.renew();
  await world.pass(3 * HOUR_MS);
  assert.equal(world.served, world.first);
  world.publish(world.first, second);
  await world.pass(6 * DAY_MS + 2 * HOUR_MS);
  assert.equal(world.served, second);
  await world.stop();
});

test("key and certificate in one file, also over a restart", async () => {
  const world = await begun("published");
  await world.stop();
  for (const file of [world.files.key, world.files.certificate])
    await writeFile(
      file,
      `${await readFile(world.files.certificate, "utf8")}${await readFile(world.files.key, "utf8")}`,
    );
  await world.start();
  const second = await world.renew();
  await world.pass(3 * HOUR_MS);
  await world.stop();
  await world.start();
  assert.deepEqual([world.served, world.keeper?.waiting()], [world.first, second]);
  await world.stop();
});

test("a memory that cannot be kept stops neither the start nor a renewal", async () => {
  const world = new World();
  const full = (): Promise<never> => Promise.reject(new Error("ENOSPC"));
  world.kept = { read: full, write: full, remove: full };
  await world.renew();
  await world.start();
  const second = await world.renew();
  await world.pass(60_000, 20_000);
  assert.equal(world.served, second);
  await world.stop();
});

test("silent name servers: who had records waits on, who may have none waits for three hours", async () => {
  const waiting = await begun("published");
  await waiting.renew();
  await waiting.pass(HOUR_MS);
  waiting.silent = () => true;
  await waiting.pass(5 * DAY_MS);
  assert.equal(waiting.served, waiting.first);
  await waiting.stop();
  const resolved = await begun("published");
  resolved.silent = () => true;
  await resolved.renew();
  await resolved.pass(5 * DAY_MS);
  assert.equal(resolved.served, resolved.first, "the resolver has shown its record");
  await resolved.stop();
  const fresh = await begun("not published");
  fresh.silent = () => true;
  const second = await fresh.renew();
  await fresh.pass(2 * HOUR_MS);
  assert.equal(fresh.served, fresh.first);
  await fresh.pass(2 * HOUR_MS);
  assert.equal(fresh.served, second);
  await fresh.stop();
});

test("a season of keys that come by themselves: no cache is ever against the one that is served", async () => {
  let changed = 0;
  for (let seed = 1; seed <= 2; seed++) {
    const random = seeded(seed);
    const world = new World(random() * 6 * HOUR_MS);
    world.silent = () => random() < 0.03;
    world.ttl_s = 86_400 / 2;
    let held = await world.renew(4000 * DAY_MS);
    world.publish(held);
    await world.start();
    await world.pass(4 * DAY_MS, 12 * HOUR_MS);
    for (let renew_ms = 0, look_ms = 0; world.clock.now() < START_MS + 90 * DAY_MS;) {
      if (world.clock.now() > renew_ms) {
        held = await world.renew(4000 * DAY_MS);
        renew_ms = world.clock.now() + (8 + random() * 10) * DAY_MS;
      }
      // The operator publishes what he is told, when he comes by; sometimes he forgets the new one.
      if (world.clock.now() > look_ms) {
        const waiting = world.keeper?.waiting();
        if (world.served !== "")
          world.publish(world.served, ...(waiting === undefined || random() < 0.15 ? [] : [waiting]));
        look_ms = world.clock.now() + (0.5 + random() * 3) * DAY_MS;
      }
      if (world.keeper === undefined) await world.start();
      else if (random() < 0.02) await world.stop();
      await world.pass(6 * HOUR_MS, random() < 0.05 ? 6 * HOUR_MS : 2 * HOUR_MS);
      if (world.keeper === undefined) continue;
      for (const { digests } of world.zone.cacheable(world.clock.now()))
        assert.ok(
          digests.includes(world.served),
          `seed ${seed}: ${new Date(world.clock.now()).toISOString()}`,
        );
    }
    changed += world.count("certificate.key-changed");
    await world.stop();
  }
  assert.ok(changed > 6, `${changed} changes`);
});
