/** A signed zone on a real name server, an authority, and a clock that can skip hours: what the TLSA records of a server live in. */
import assert from "node:assert/strict";
import type { Clock } from "../../src/base/clock.ts";
import { systemClock } from "../../src/base/clock.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import type { Dns } from "../../src/dns/answer.ts";
import { dnsClient } from "../../src/dns/client.ts";
import type { TsigKey } from "../../src/dns/tsig.ts";
import { dynamicZones, type ZoneProvider } from "../../src/dns/update-client.ts";
import type { RecordChange } from "../../src/dns/update.ts";
import type { TlsaOwners } from "../../src/tls/tlsa-owners.ts";
import { watchTlsa, type TlsaWatch } from "../../src/tls/tlsa-watch.ts";
import { startBind } from "../setup/bind.ts";
import { startUnbound } from "../setup/unbound.ts";
import { freePorts } from "../setup/workshop.ts";

export const domain = (text: string): Domain => parseDomain(text) ?? assert.fail(text);
export const HOST = domain("mail.example.test");
export const OWNERS: TlsaOwners = {
  main: domain(`_25._tcp.${HOST}`),
  others: [domain(`_993._tcp.${HOST}`), domain("_25._tcp.mx.elsewhere.test")],
};

/** Goes as the real one, and skips ahead when told to. */
export class SkippingClock implements Clock {
  #ahead_ms = 0;
  readonly #sleepers = new Map<() => void, number>();

  /** How long everybody who sleeps still will. */
  get sleeps_ms(): readonly number[] {
    return [...this.#sleepers.values()].map((due_ms) => due_ms - this.now());
  }

  now(): number {
    return Date.now() + this.#ahead_ms;
  }

  sleep(duration_ms: number, signal?: AbortSignal): Promise<void> {
    const due_ms = this.now() + duration_ms;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(look);
        signal?.removeEventListener("abort", abort);
      };
      const look = (): void => {
        if (this.now() < due_ms) return;
        end();
        resolve();
      };
      const abort = (): void => {
        end();
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(look, duration_ms + 1);
      this.#sleepers.set(look, due_ms);
      if (signal?.aborted === true) abort();
      else signal?.addEventListener("abort", abort);
    });
  }

  skip(duration_ms: number): void {
    this.#ahead_ms += duration_ms;
    for (const look of this.#sleepers.keys()) look();
  }
}

/** What the zone showed from a moment on. */
type Version = { readonly from_ms: number; readonly digests: readonly string[]; readonly ttl_s: number };

export type TlsaWorld = {
  readonly bindPort: number;
  readonly key: TsigKey;
  /** A validating resolver. */
  readonly resolver: Dns;
  /** Signed updates; `clock` is what the signatures bear. */
  provider(clock?: Clock): ZoneProvider;
  watch(): TlsaWatch;
  shown(owner?: Domain): Promise<{ readonly digests: readonly string[]; readonly ttl_s: number }>;
} & AsyncDisposable;

export async function openTlsaWorld(): Promise<TlsaWorld> {
  await using opened = new AsyncDisposableStack();
  const [bindPort = 0, resolverPort = 0] = await freePorts(2);
  const bind = opened.use(await startBind(bindPort, "example.test"));
  opened.use(await startUnbound(resolverPort, "example.test", bindPort, bind.anchorFile));
  const server = { address: "127.0.0.1", port: bindPort };
  const direct = dnsClient([server]);
  const provider = (clock: Clock = systemClock): ZoneProvider =>
    dynamicZones({ server, key: bind.key }, clock);
  const address: RecordChange = { kind: "add", name: HOST, type: "A", ttl_s: 60, data: "127.0.0.1" };
  assert.ok((await provider().change([address])).ok);
  const rest = opened.move();
  return {
    bindPort,
    key: bind.key,
    resolver: dnsClient([{ address: "127.0.0.1", port: resolverPort }]),
    provider,
    // The resolver's memory knows nothing of skipped hours, so the zone's own server stands for it.
    watch: () => watchTlsa({ owners: [OWNERS.main, OWNERS.others[0] ?? HOST], dns: direct, port: bindPort }),
    async shown(owner = OWNERS.main) {
      const answer = await direct.query(owner, "TLSA");
      assert.notEqual(answer.kind, "failure");
      if (answer.kind !== "records") return { digests: [], ttl_s: 0 };
      const digests = answer.records.map(({ data }) => Buffer.from(data).toString("hex")).toSorted();
      return { digests, ttl_s: answer.ttl_s };
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/**
 * Looks at the zone without a pause: the records, and every older set that a cache may still hold, must know the key that
 * `served` names at that moment.
 */
export class Witness implements AsyncDisposable {
  readonly versions: Version[] = [];
  looks = 0;
  readonly #faults: string[] = [];
  #over = false;
  readonly #running: Promise<void>;

  constructor(world: TlsaWorld, clock: Clock, served: () => string | undefined) {
    this.#running = this.#run(world, clock, served);
  }

  async #run(world: TlsaWorld, clock: Clock, served: () => string | undefined): Promise<void> {
    while (!this.#over) {
      const before = served();
      const from_ms = clock.now();
      const { digests, ttl_s } = await world.shown();
      if (digests.join() !== this.versions.at(-1)?.digests.join())
        this.versions.push({ from_ms, digests, ttl_s });
      for (const digest of new Set([before, served()]))
        if (digest !== undefined) this.#compare(digest, clock);
      this.looks++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #compare(digest: string, clock: Clock): void {
    for (const [i, version] of this.versions.entries()) {
      const next = this.versions[i + 1];
      const isHeld = next === undefined || clock.now() < next.from_ms + version.ttl_s * 1000;
      if (isHeld && version.digests.length > 0 && !version.digests.includes(digest))
        this.#faults.push(`served ${digest.slice(0, 8)}, a cache may hold ${short(version.digests)}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await this.#running;
    assert.deepEqual([...new Set(this.#faults)], []);
    assert.ok(this.looks > 10);
  }
}

export const short = (digests: readonly string[]): string => digests.map((one) => one.slice(0, 8)).join(" ");

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds());) {
    assert.ok(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
