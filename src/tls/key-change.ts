import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { readMessage } from "./acme-messages.ts";
import * as events from "./certificate-events.ts";
import { usableTlsa } from "./dane.ts";
import { readKept, writeKept, type Served } from "./kept-pair.ts";
import { acceptsKey, digestOf, publicKeyOf } from "./tlsa-key.ts";
import {
  afterLook,
  readiness,
  sightingSchema,
  type Readiness,
  type Sighting,
  type TlsaSet,
} from "./tlsa-rollover.ts";
import type { TlsaWatch } from "./tlsa-watch.ts";

export type KeyWatch = {
  /** In a directory of their own: the pair that is served, and what was seen of records with the next one in mind. */
  readonly files: AcmeFiles;
  readonly watch: TlsaWatch;
};
type World = KeyWatch & { readonly clock: Clock; readonly log: Log };

const LOOK_MS = 3_600_000;
/** Nobody has said for this long whether there are records: whoever has none must not wait for ever. */
const SILENCE_MS = 3 * 3_600_000;
/** The old certificate may no longer be waited for: programs that read mail look at its date. */
const ENDS_MS = 6 * 3_600_000;
const TOLD_AGAIN_MS = 24 * 3_600_000;

/**
 * Files that somebody else renews may bring another key at any time. Where TLSA records are published, the old pair is served
 * on until no cache can hold records that do not know the new key, also over a restart. RFC 7671 §8.1, RFC 7672 §8; T-49
 */
export class KeyChange {
  readonly #world: World;
  #sighting: Sighting | undefined;
  /** The key that waits, since when, and when the zone was asked last. */
  #waiting: { readonly digest: string; readonly since_ms: number; asked_ms: number } | undefined;
  #told: { readonly what: string; readonly at_ms: number } = { what: "", at_ms: 0 };

  private constructor(world: World, sighting: Sighting | undefined) {
    this.#world = world;
    this.#sighting = sighting;
  }

  static async open(world: World): Promise<KeyChange> {
    const text = await world.files.read("tlsa.json").catch(() => undefined);
    const sighting = text === undefined ? undefined : readMessage(sightingSchema, text);
    return new KeyChange(world, sighting?.ok === true ? sighting.value : undefined);
  }

  /** Digest of the key that waits, for its TLSA record. */
  get waiting(): string | undefined {
    return this.#waiting?.digest;
  }

  /** The pair to begin with: what an earlier process served, where the files hold another key since and it has not run out. */
  async first(files: Served): Promise<Served> {
    const kept = await readKept(this.#world.files).catch(() => undefined);
    if (kept !== undefined && digest(kept) !== digest(files) && !this.#ends(kept)) return kept;
    await this.served(files);
    return files;
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
    if (this.#sighting === undefined) return;
    this.#sighting = undefined;
    await this.#world.files.remove("tlsa.json").catch(() => {});
  }

  /** Asks the zone once an hour while the answer is no. */
  async mayServe(next: Served, served: Served, signal: AbortSignal): Promise<boolean> {
    const now_ms = this.#world.clock.now();
    const wanted = digest(next);
    if (wanted === digest(served) || this.#ends(served)) return true;
    if (this.#waiting?.digest !== wanted)
      this.#waiting = { digest: wanted, since_ms: now_ms, asked_ms: Number.NEGATIVE_INFINITY };
    const pause_ms = now_ms - this.#waiting.asked_ms;
    if (pause_ms >= 0 && pause_ms < LOOK_MS) return false;
    this.#waiting.asked_ms = now_ms;
    return this.#look(next, served, this.#waiting, signal);
  }

  async #look(
    next: Served,
    served: Served,
    waiting: { readonly digest: string; readonly since_ms: number },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { watch, clock, files, log } = this.#world;
    const sight = await watch.look(signal);
    const begun = this.#sighting?.digest === waiting.digest;
    const { sets, pinned } = standingFor(sight.sets, served);
    if (sight.kind === "unknown") {
      events.tlsaUnknown(log, sight.detail);
      return !begun && sets.length === 0 && clock.now() - waiting.since_ms >= SILENCE_MS;
    }
    // Only who has begun to wait waits for caches where all records are gone; records that refuse the pair in service hold none back.
    if (sets.length === 0 && (pinned || !begun)) return true;
    const key = { publicKey: publicKeyOf(next.pair.key), digest: waiting.digest };
    this.#sighting = afterLook(this.#sighting, key, { kind: "seen", sets }, clock.now());
    const text = JSON.stringify(this.#sighting);
    await files.write("tlsa.json", text).catch((error: unknown) => events.keeperFailed(log, error));
    const state = readiness(this.#sighting, clock.now());
    if (state.kind === "ready") return true;
    this.#tell(state, waiting.digest);
    return false;
  }

  #tell(state: Exclude<Readiness, { kind: "ready" }>, wanted: string): void {
    const { clock, log } = this.#world;
    const what = JSON.stringify([state, wanted]);
    if (what === this.#told.what && clock.now() - this.#told.at_ms < TOLD_AGAIN_MS) return;
    this.#told = { what, at_ms: clock.now() };
    events.keyKept(log, state, wanted);
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
  const publicKey = publicKeyOf(pair.key);
  const usable = ({ records }: TlsaSet): boolean => usableTlsa(records).length > 0;
  const byOwner = [...Map.groupBy(sets, ({ owner }) => owner).values()].filter((own) => own.some(usable));
  const standing = byOwner.filter((own) => own.every(({ records }) => acceptsKey(records, publicKey)));
  return { sets: standing.flat(), pinned: byOwner.length > 0 };
}

const digest = ({ pair }: Served): string => digestOf(publicKeyOf(pair.key));
