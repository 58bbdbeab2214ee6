import { createPrivateKey } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { readMessage } from "./acme-messages.ts";
import { newKey } from "./acme-order.ts";
import * as events from "./certificate-events.ts";
import { digestOf, keyDigest, publicKeyOf } from "./tlsa-key.ts";
import { afterLook, readiness, sightingSchema, type Readiness, type Sighting } from "./tlsa-rollover.ts";
import type { TlsaWatch } from "./tlsa-watch.ts";

type World = {
  readonly files: AcmeFiles;
  readonly watch: TlsaWatch;
  readonly clock: Clock;
  readonly log: Log;
};

/** The zone is looked at this often, and again right before a key is changed. */
const LOOK_MS = 3_600_000;

type Key = { readonly key: string; readonly publicKey: Buffer; readonly digest: string };

/**
 * The key after the one that is served: made long before it is used, so that its TLSA record can be published first. A
 * renewal takes it once no cache can hold records that do not know it, and keeps the old one until then. RFC 7671 §8.1
 */
export class NextKey {
  readonly #world: World;
  #next: Key;
  /** Of the key in use; read from PEM once. */
  #inUse: Key | undefined;
  #sighting: Sighting | undefined;
  #asked_ms = Number.NEGATIVE_INFINITY;

  private constructor(world: World, next: Key, sighting: Sighting | undefined) {
    this.#world = world;
    this.#next = next;
    this.#sighting = sighting;
  }

  /** Reads what an earlier process has left; a key that cannot be read is replaced: nobody was promised it would be used. */
  static async open(world: World): Promise<NextKey> {
    const { files } = world;
    const kept = await files.read("next-key.pem");
    const text = await files.read("tlsa.json");
    const sighting = text === undefined ? undefined : readMessage(sightingSchema, text);
    const next = (kept === undefined ? undefined : readKey(kept)) ?? (await makeKey(world));
    return new NextKey(world, next, sighting?.ok === true ? sighting.value : undefined);
  }

  /** For its TLSA record. */
  get digest(): string {
    return this.#next.digest;
  }

  /** Looks at the zone when it is time. `served`: the key in use (PEM). */
  async look(served: string | undefined, signal: AbortSignal): Promise<void> {
    const now_ms = this.#world.clock.now();
    if (now_ms >= this.#asked_ms && now_ms - this.#asked_ms < LOOK_MS) return;
    await this.#see(served, signal);
  }

  /** The key for the next certificate: the next one where it may be used, else the one in use. */
  async forRenewal(served: string | undefined, signal: AbortSignal): Promise<string> {
    if (served === undefined) return this.#next.key;
    const state = await this.#see(served, signal);
    if (state.kind === "ready") return this.#next.key;
    events.keyKept(this.#world.log, state, this.#next.digest);
    return served;
  }

  /** Asked once a certificate has come: an order may take hours, and records may have gone meanwhile. */
  async mayServe(key: string, served: string | undefined, signal: AbortSignal): Promise<boolean> {
    if (served === undefined || key === served) return true;
    return (await this.#see(served, signal)).kind === "ready";
  }

  /** This key is served from now on; when it was the next one, another becomes that. */
  async served(key: string): Promise<void> {
    if (keyDigest(key) !== this.#next.digest) return;
    events.keyChanged(this.#world.log, this.#next.digest);
    this.#next = await makeKey(this.#world);
    this.#asked_ms = Number.NEGATIVE_INFINITY;
  }

  async #see(served: string | undefined, signal: AbortSignal): Promise<Readiness> {
    const { watch, clock, files, log } = this.#world;
    if (served !== this.#inUse?.key) this.#inUse = served === undefined ? undefined : keyOf(served);
    // A process that ended between serving a key and making another.
    if (this.#inUse?.digest === this.#next.digest) this.#next = await makeKey(this.#world);
    const sight = await watch.look(signal);
    this.#asked_ms = clock.now();
    const seen = afterLook(this.#sighting, this.#next, sight, clock.now());
    if (sight.kind === "unknown") events.tlsaUnknown(log, sight.detail);
    else {
      this.#sighting = seen;
      await files.write("tlsa.json", JSON.stringify(seen));
    }
    return readiness(seen, clock.now());
  }
}

function keyOf(key: string): Key {
  const publicKey = publicKeyOf(key);
  return { key, publicKey, digest: digestOf(publicKey) };
}

/** For its TLSA record: the key an earlier process has left, else a new one that the server then finds. */
export async function nextKeyDigest(files: AcmeFiles): Promise<string> {
  const kept = await files.read("next-key.pem");
  const known = kept === undefined ? undefined : readKey(kept);
  if (known !== undefined) return known.digest;
  const key = newKey();
  await files.write("next-key.pem", key);
  return keyOf(key).digest;
}

function readKey(text: string): Key | undefined {
  try {
    createPrivateKey(text);
    return keyOf(text);
  } catch {
    return undefined;
  }
}

async function makeKey({ files, log }: World): Promise<Key> {
  const key = newKey();
  await files.write("next-key.pem", key);
  const next = keyOf(key);
  events.nextKeyMade(log, next.digest);
  return next;
}
