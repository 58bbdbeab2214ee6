import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { readMessage } from "./acme-messages.ts";
import * as events from "./certificate-events.ts";
import type { KeyPin } from "./tlsa-key.ts";
import {
  afterLook,
  readiness,
  sightingSchema,
  type Readiness,
  type Sighting,
  type TlsaSight,
} from "./tlsa-rollover.ts";
import type { TlsaWatch } from "./tlsa-watch.ts";

export type RolloverFiles = {
  /** Where what was seen is kept, in a directory of this keeper's own. */
  readonly files: AcmeFiles;
  readonly watch: TlsaWatch;
};
export type RolloverWorld = RolloverFiles & { readonly clock: Clock; readonly log: Log };

/** Looks are so far apart while the answer is no; one is taken besides right before a key is changed. */
const LOOK_MS = 3_600_000;

/**
 * The change to another key under published TLSA records, whoever made it: the old one is served until no cache can hold
 * records that do not know the new one. What was seen is kept over a restart. RFC 7671 §8.1, RFC 7672 §8; T-49
 */
export class KeyRollover {
  readonly #world: RolloverWorld;
  #sighting: Sighting | undefined;
  #asked: { readonly digest: string; readonly at_ms: number } | undefined;

  private constructor(world: RolloverWorld, sighting: Sighting | undefined) {
    this.#world = world;
    this.#sighting = sighting;
  }

  /** Where nothing can be read the wait begins anew, which harms nobody. */
  static async open(world: RolloverWorld): Promise<KeyRollover> {
    const text = await world.files.read("tlsa.json").catch(() => undefined);
    const sighting = text === undefined ? undefined : readMessage(sightingSchema, text);
    return new KeyRollover(world, sighting?.ok === true ? sighting.value : undefined);
  }

  /** Is it time to look with this key in mind? */
  isDue(digest: string): boolean {
    if (this.#asked?.digest !== digest) return true;
    const pause_ms = this.#world.clock.now() - this.#asked.at_ms;
    return pause_ms < 0 || pause_ms >= LOOK_MS;
  }

  /** Have its records, or their absence, been seen with this key in mind? */
  hasBegun(digest: string): boolean {
    return this.#sighting?.digest === digest;
  }

  async see(digest: string, signal: AbortSignal): Promise<TlsaSight> {
    const { watch, clock, log } = this.#world;
    this.#asked = { digest, at_ms: clock.now() };
    const sight = await watch.look(signal);
    if (sight.kind === "unknown") events.tlsaUnknown(log, sight.detail);
    return sight;
  }

  /** May the key be served after what has just been seen? */
  async judge(next: KeyPin, sight: TlsaSight): Promise<Readiness> {
    const { clock, files, log } = this.#world;
    const seen = afterLook(this.#sighting, next, sight, clock.now());
    if (sight.kind === "seen") {
      this.#sighting = seen;
      await files
        .write("tlsa.json", JSON.stringify(seen))
        .catch((error: unknown) => events.keeperFailed(log, error));
    }
    return readiness(seen, clock.now());
  }

  /** No key waits. */
  async forget(): Promise<void> {
    this.#asked = undefined;
    if (this.#sighting === undefined) return;
    this.#sighting = undefined;
    await this.#world.files.remove("tlsa.json").catch(() => {});
  }
}
