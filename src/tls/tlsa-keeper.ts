import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Log } from "../base/log.ts";
import { err, type Result } from "../base/result.ts";
import type { Dns } from "../dns/answer.ts";
import type { RecordChange } from "../dns/update.ts";
import type { ZoneFault, ZoneProvider } from "../dns/update-client.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { failurePause_ms } from "./acme-renewal.ts";
import * as events from "./certificate-events.ts";
import { keepChecking } from "./certificate-served.ts";
import { isShown, mismatch, tlsaChanges } from "./tlsa-changes.ts";
import { pinOf, type KeyPin } from "./tlsa-key.ts";
import { readLedger, writeLedger, type Ledger } from "./tlsa-ledger.ts";
import type { TlsaOwners } from "./tlsa-owners.ts";
import { afterLook, readiness, type TlsaSight } from "./tlsa-rollover.ts";
import type { TlsaWatch } from "./tlsa-watch.ts";

/** Keys that records can be of. */
export type PinnableKeys = {
  /** PEM, in use now; undefined where it will soon be another. */
  readonly served: string | undefined;
  /** Digest of the one after it, where that is known. */
  readonly next: string | undefined;
};

export type TlsaKeeping = {
  keys(): PinnableKeys;
  readonly hostName: Domain;
  readonly owners: TlsaOwners;
  readonly watch: TlsaWatch;
  /** To learn whether the zone is signed. */
  readonly dns: Dns;
  /** Without it the zone is only looked at. */
  readonly provider?: ZoneProvider | undefined;
  readonly files: AcmeFiles;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};

/** What is wrong with the records now; nothing, where nothing is. */
export type TlsaStatus = {
  /** Senders who use DANE do not deliver here. */
  readonly mismatch?: { readonly owner: string; readonly digest: string } | undefined;
  /** The zone could not be changed, so often in a row. */
  readonly fault?: (ZoneFault & { readonly failures: number }) | undefined;
};

export interface TlsaKeeper extends AsyncDisposable {
  status(): TlsaStatus;
}

/** Keys are compared this often, without asking anybody. */
const KEYS_MS = 20_000;
/** The zone is looked at this often; sooner after a change. `readiness` wants looks that are no three hours apart. */
const LOOK_MS = 3_600_000;
const SOON_MS = 300_000;

/**
 * Keeps the TLSA records of a signed zone in step with our keys: those of the key in use and of the next one stand together, and
 * that of a key which is used no more goes once no cache can be without the key in use. Which key is used is decided
 * elsewhere (`key-rollover.ts`), by what is seen in the zone: whatever goes wrong here, no key changes early. RFC 7671 §8.1; T-49, G-11
 */
export async function keepTlsa(keeping: TlsaKeeping): Promise<TlsaKeeper> {
  const keeper = new Keeper(keeping, await readLedger(keeping.files));
  const checking = keepChecking((signal) => keeper.check(signal), keeping);
  return {
    status: () => keeper.status,
    [Symbol.asyncDispose]: () => checking[Symbol.asyncDispose](),
  };
}

class Keeper {
  readonly #keeping: TlsaKeeping;
  #ledger: Ledger;
  #status: TlsaStatus = {};
  /** The keys of the last look, and when the next one is due. */
  #known = "";
  #due_ms = 0;
  #published: ReadonlySet<string> = new Set();
  #isSigned: boolean | undefined;

  constructor(keeping: TlsaKeeping, ledger: Ledger) {
    this.#keeping = keeping;
    this.#ledger = ledger;
  }

  get status(): TlsaStatus {
    return this.#status;
  }

  async check(signal: AbortSignal): Promise<number> {
    const { clock } = this.#keeping;
    const { served, next } = this.#keeping.keys();
    if (served === undefined) return KEYS_MS;
    const inUse = pinOf(served);
    const wanted = [...new Set([inUse.digest, ...(next === undefined ? [] : [next])])];
    const left_ms = this.#due_ms - clock.now();
    if (wanted.join() === this.#known && left_ms > 0 && left_ms <= LOOK_MS) return KEYS_MS;
    const pause_ms = await this.#step(inUse, wanted, signal);
    this.#known = wanted.join();
    this.#due_ms = clock.now() + pause_ms;
    return Math.min(pause_ms, KEYS_MS);
  }

  /** One look and what follows from it. Milliseconds until the next. */
  async #step(inUse: KeyPin, wanted: readonly string[], signal: AbortSignal): Promise<number> {
    const { watch, provider, files } = this.#keeping;
    const sight = await watch.look(signal);
    if (signal.aborted) return LOOK_MS;
    const over = this.#judge(sight, inUse, wanted);
    if (provider === undefined) return LOOK_MS;
    const isSigned = await this.#signed(signal);
    if (isSigned === undefined) return SOON_MS;
    if (!isSigned) return this.#settled(undefined, LOOK_MS);
    const digests = this.#ledger.digests.filter((digest) => !isForgotten(digest, over, sight));
    this.#ledger = { ...this.#ledger, digests: [...new Set([...digests, ...wanted])] };
    await writeLedger(files, this.#ledger);
    const { owners } = this.#keeping;
    const changes = tlsaChanges(owners, { wanted, over, published: this.#published }, sight);
    const possible = await unlessOver(ofOurZones(changes, owners.main, provider), signal);
    if (possible === undefined) return LOOK_MS;
    if (possible.length === 0) return this.#settled(undefined, LOOK_MS);
    const made = await unlessOver(changed(provider, possible), signal);
    return made === undefined ? LOOK_MS : this.#changed(made, possible, wanted);
  }

  /** Compares with the key in use; the digests whose records no cache needs any more. */
  #judge(sight: TlsaSight, inUse: KeyPin, wanted: readonly string[]): readonly string[] {
    const { clock, log } = this.#keeping;
    const sighting = afterLook(this.#ledger.sighting, inUse, sight, clock.now());
    this.#ledger = { ...this.#ledger, sighting };
    if (sight.kind === "seen") {
      const against = mismatch(sight.sets, inUse);
      const known = this.#status.mismatch;
      if (against !== undefined && (against.owner !== known?.owner || against.digest !== known.digest))
        events.tlsaMismatch(log, against.owner, against.digest);
      this.#status = { ...this.#status, mismatch: against };
    }
    if (readiness(sighting, clock.now()).kind !== "ready") return [];
    return this.#ledger.digests.filter((digest) => !wanted.includes(digest));
  }

  /** Records that nobody can verify protect nobody; said when it is first so. Undefined: the DNS does not tell. */
  async #signed(signal: AbortSignal): Promise<boolean | undefined> {
    const { dns, hostName, log } = this.#keeping;
    for (const type of ["A", "AAAA"] as const) {
      const answer = await dns.query(hostName, type, signal);
      if (answer.kind === "failure") return undefined;
      if (answer.kind !== "records") continue;
      if (!answer.authenticated && this.#isSigned !== false) events.tlsaUnsigned(log, hostName);
      return (this.#isSigned = answer.authenticated);
    }
    return undefined;
  }

  #changed(
    made: Result<void, ZoneFault>,
    changes: readonly RecordChange[],
    wanted: readonly string[],
  ): number {
    const { clock, random, log } = this.#keeping;
    if (made.ok) {
      events.tlsaChanged(log, changes);
      this.#published = new Set(wanted);
      return this.#settled(undefined, SOON_MS);
    }
    const failures = (this.#status.fault?.failures ?? 0) + 1;
    const pause_ms = Math.min(failurePause_ms(failures, undefined, random()), LOOK_MS);
    events.tlsaUpdateFailed(log, made.error, failures, clock.now() + pause_ms);
    return this.#settled({ ...made.error, failures }, pause_ms);
  }

  #settled(fault: TlsaStatus["fault"], pause_ms: number): number {
    this.#status = { ...this.#status, fault };
    return pause_ms;
  }
}

/** A name of the certificate may be in a zone of somebody else; that must not keep the main one from being changed. */
async function ofOurZones(
  changes: readonly RecordChange[],
  main: Domain,
  provider: ZoneProvider,
): Promise<readonly RecordChange[]> {
  const others = [...new Set(changes.map(({ name }) => name))].filter((name) => name !== main);
  const zones = await Promise.all(others.map((name) => provider.zoneOf(name).catch(() => undefined)));
  const foreign = others.filter((_, i) => zones[i] === undefined);
  return changes.filter(({ name }) => !foreign.includes(name));
}

/** Over, and gone from every server and from the resolver's memory. */
const isForgotten = (digest: string, over: readonly string[], sight: TlsaSight): boolean =>
  over.includes(digest) && sight.kind === "seen" && !isShown(sight.sets, digest);

/** Whatever a provider throws is a failure like any other. */
async function changed(
  provider: ZoneProvider,
  changes: readonly RecordChange[],
): Promise<Result<void, ZoneFault>> {
  try {
    return await provider.change(changes);
  } catch (error) {
    return err({ kind: "failed", detail: String(error) });
  }
}

/** An update has a deadline of its own, and a server that ends does not wait for it; the ledger knows what was meant. */
async function unlessOver<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const over = Promise.withResolvers<undefined>();
  const end = (): void => over.resolve(undefined);
  signal.addEventListener("abort", end);
  try {
    return await (signal.aborted ? undefined : Promise.race([work, over.promise]));
  } finally {
    signal.removeEventListener("abort", end);
  }
}
