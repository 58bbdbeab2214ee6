import { createPrivateKey } from "node:crypto";
import type { AcmeFiles } from "./acme-files.ts";
import { newKey } from "./acme-order.ts";
import * as events from "./certificate-events.ts";
import { KeyRollover, type RolloverWorld } from "./key-rollover.ts";
import { keyDigest, pinOf, type KeyPin } from "./tlsa-key.ts";
import type { Readiness } from "./tlsa-rollover.ts";

type Key = KeyPin & { readonly key: string };

/**
 * The key after the one that is served: made long before it is used, so that its TLSA record can be published first. A
 * renewal takes it once the `KeyRollover` is over, and keeps the one in use until then.
 */
export class NextKey {
  readonly #world: RolloverWorld;
  readonly #rollover: KeyRollover;
  #next: Key;
  /** The key in use, read from PEM once. */
  #inUse: Key | undefined;

  private constructor(world: RolloverWorld, rollover: KeyRollover, next: Key) {
    this.#world = world;
    this.#rollover = rollover;
    this.#next = next;
  }

  /** Reads what an earlier process has left; a key that cannot be read is replaced: nobody was promised it would be used. */
  static async open(world: RolloverWorld): Promise<NextKey> {
    const kept = await keptKey(world.files);
    return new NextKey(world, await KeyRollover.open(world), kept ?? (await makeKey(world)));
  }

  /** For its TLSA record. */
  get digest(): string {
    return this.#next.digest;
  }

  /** Looks at the zone when it is time. `served`: the key in use (PEM). */
  async look(served: string | undefined, signal: AbortSignal): Promise<void> {
    if (this.#rollover.isDue(this.#next.digest)) await this.#see(served, signal);
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
  }

  async #see(served: string | undefined, signal: AbortSignal): Promise<Readiness> {
    if (served !== this.#inUse?.key) this.#inUse = served === undefined ? undefined : keyOf(served);
    // A process that ended between serving a key and making another.
    if (this.#inUse?.digest === this.#next.digest) this.#next = await makeKey(this.#world);
    return await this.#rollover.judge(this.#next, await this.#rollover.see(this.#next.digest, signal));
  }
}

/** For its TLSA record: the key an earlier process has left, else a new one that the server then finds. */
export async function nextKeyDigest(files: AcmeFiles): Promise<string> {
  return ((await keptKey(files)) ?? (await writeKey(files))).digest;
}

const keyOf = (key: string): Key => ({ key, ...pinOf(key) });

async function keptKey(files: AcmeFiles): Promise<Key | undefined> {
  const text = await files.read("next-key.pem");
  if (text === undefined) return undefined;
  try {
    createPrivateKey(text);
    return keyOf(text);
  } catch {
    return undefined;
  }
}

async function makeKey({ files, log }: RolloverWorld): Promise<Key> {
  const next = await writeKey(files);
  events.nextKeyMade(log, next.digest);
  return next;
}

async function writeKey(files: AcmeFiles): Promise<Key> {
  const key = newKey();
  await files.write("next-key.pem", key);
  return keyOf(key);
}
