import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import * as events from "./certificate-events.ts";
import { usableTlsa } from "./dane.ts";
import { readKept, writeKept, type Served } from "./kept-pair.ts";
import { KeyRollover, type RolloverFiles } from "./key-rollover.ts";
import { acceptsKey, keyDigest, pinOf } from "./tlsa-key.ts";
import type { Readiness, TlsaSet } from "./tlsa-rollover.ts";

type World = RolloverFiles & { readonly clock: Clock; readonly log: Log };

/** Nobody has said for this long whether there are records: whoever has none must not wait for ever. */
const SILENCE_MS = 3 * 3_600_000;
/** The old certificate may no longer be waited for: programs that read mail look at its date. */
const ENDS_MS = 6 * 3_600_000;
const TOLD_AGAIN_MS = 24 * 3_600_000;

type Waiting = { readonly digest: string; readonly since_ms: number };

/**
 * The key that is found in files which somebody else renews: it may be another one at any time. Where TLSA records are
 * published it takes a `KeyRollover`, and the pair of before is kept and served meanwhile, also over a restart.
 */
export class FoundKey {
  readonly #world: World;
  readonly #rollover: KeyRollover;
  #waiting: Waiting | undefined;
  #told: { readonly what: string; readonly at_ms: number } = { what: "", at_ms: 0 };

  private constructor(world: World, rollover: KeyRollover) {
    this.#world = world;
    this.#rollover = rollover;
  }

  static async open(world: World): Promise<FoundKey> {
    return new FoundKey(world, await KeyRollover.open(world));
  }

  /** Digest of the key that waits, for its TLSA record. */
  get waiting(): string | undefined {
    return this.#waiting?.digest;
  }

  /** The pair to begin with: what an earlier process served, where the files hold another key since and it has not run out. */
  async first(found: Served): Promise<Served> {
    const kept = await readKept(this.#world.files).catch(() => undefined);
    if (kept !== undefined && digestOf(kept) !== digestOf(found) && !this.#ends(kept)) return kept;
    await this.served(found);
    return found;
  }

  /** This pair is served from now on. Where that cannot be kept, a restart will not know it: no reason not to serve it. */
  async served({ pair }: Served): Promise<void> {
    const { files, log } = this.#world;
    await writeKept(files, pair).catch(async (error: unknown) => {
      events.keeperFailed(log, error);
      // An older one would be begun with at the next start.
      await files.remove("served.pem").catch(() => {});
    });
    if (this.#waiting !== undefined) events.keyChanged(log, this.#waiting.digest);
    await this.nothingWaits();
  }

  /** The files hold what is served. */
  async nothingWaits(): Promise<void> {
    this.#waiting = undefined;
    await this.#rollover.forget();
  }

  /** Asks the zone now and then while the answer is no. */
  async mayServe(found: Served, served: Served, signal: AbortSignal): Promise<boolean> {
    const digest = digestOf(found);
    if (digest === digestOf(served) || this.#ends(served)) return true;
    if (this.#waiting?.digest !== digest) this.#waiting = { digest, since_ms: this.#world.clock.now() };
    return this.#rollover.isDue(digest) && (await this.#look(found, served, this.#waiting, signal));
  }

  async #look(found: Served, served: Served, waiting: Waiting, signal: AbortSignal): Promise<boolean> {
    const { digest, since_ms } = waiting;
    const sight = await this.#rollover.see(digest, signal);
    const begun = this.#rollover.hasBegun(digest);
    const { sets, pinned } = standingFor(sight.sets, served);
    if (sight.kind === "unknown")
      return !begun && sets.length === 0 && this.#world.clock.now() - since_ms >= SILENCE_MS;
    // Only who has begun to wait waits for caches where all records are gone; records that refuse the pair in service hold none back.
    if (sets.length === 0 && (pinned || !begun)) return true;
    const state = await this.#rollover.judge(pinOf(found.pair.key), { kind: "seen", sets });
    if (state.kind === "ready") return true;
    this.#tell(state, digest);
    return false;
  }

  #tell(state: Exclude<Readiness, { kind: "ready" }>, digest: string): void {
    const { clock, log } = this.#world;
    const what = JSON.stringify([state, digest]);
    if (what === this.#told.what && clock.now() - this.#told.at_ms < TOLD_AGAIN_MS) return;
    this.#told = { what, at_ms: clock.now() };
    events.keyKept(log, state, digest);
  }

  #ends({ facts }: Served): boolean {
    return facts.notAfter_ms - this.#world.clock.now() < ENDS_MS;
  }
}

/** Record sets of the names where senders accept the pair in service and would refuse another. `pinned`: there are any records. */
function standingFor(
  sets: readonly TlsaSet[],
  { pair }: Served,
): { readonly sets: readonly TlsaSet[]; readonly pinned: boolean } {
  const { publicKey } = pinOf(pair.key);
  const usable = ({ records }: TlsaSet): boolean => usableTlsa(records).length > 0;
  const byOwner = [...Map.groupBy(sets, ({ owner }) => owner).values()].filter((own) => own.some(usable));
  const standing = byOwner.filter((own) => own.every(({ records }) => acceptsKey(records, publicKey)));
  return { sets: standing.flat(), pinned: byOwner.length > 0 };
}

const digestOf = ({ pair }: Served): string => keyDigest(pair.key);
