import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Secret } from "../base/secret.ts";
import type { CredentialRow } from "../store/store.ts";

const LIFE_MS = 60 * 60_000;
const ENTRIES_MAX = 10_000;

/**
 * Passwords that were right a while ago, so that a program that logs in every minute costs no argon2id. Holds HMACs
 * under a key that lives and dies with the process; a credential whose stored hash changed is not found.
 */
export class VerifiedCache {
  readonly #clock: Clock;
  readonly #key = randomBytes(32);
  readonly #verified = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(credential: CredentialRow, password: Secret): boolean {
    const at_ms = this.#verified.get(this.#digest(credential, password));
    return at_ms !== undefined && this.#clock.now() - at_ms < LIFE_MS;
  }

  add(credential: CredentialRow, password: Secret): void {
    const digest = this.#digest(credential, password);
    if (this.#verified.has(digest)) return;
    this.#verified.set(digest, this.#clock.now());
    if (this.#verified.size <= ENTRIES_MAX) return;
    const [oldest] = this.#verified.keys();
    if (oldest !== undefined) this.#verified.delete(oldest);
  }

  #digest({ id, hash }: CredentialRow, password: Secret): string {
    return createHmac("sha256", this.#key).update(`${id}\0${hash}\0${password.reveal()}`).digest("base64");
  }
}
