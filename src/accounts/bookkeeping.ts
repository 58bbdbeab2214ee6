import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Secret } from "../base/secret.ts";
import type { CredentialRow, Store } from "../store/store.ts";
import { bookkeepingFailed } from "./events.ts";
import type { HashGate } from "./hash-gate.ts";
import { hashPassword, needsRehash, type HashCost } from "./password-hash.ts";

/** `lastUsed` of a credential is written at most this often. */
const USED_RESOLUTION_MS = 60_000;

export type BookkeepingOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly cost: HashCost;
  readonly gate: HashGate;
};

/**
 * What a good login leaves behind. Nothing here can make a login fail: on a full disk people must still get in, to
 * delete mail.
 */
export class Bookkeeping implements AsyncDisposable {
  readonly #options: BookkeepingOptions;
  /** Last noted use by credential, while its write is under way. */
  readonly #writing = new Map<number, Promise<void>>();

  constructor(options: BookkeepingOptions) {
    this.#options = options;
  }

  /** Notes the use without making the login wait for the disk. */
  noteUse({ id, lastUsed_ms = -Infinity }: CredentialRow, login: string): void {
    const { store, clock, log } = this.#options;
    const now = clock.now();
    if (now - lastUsed_ms < USED_RESOLUTION_MS || this.#writing.has(id)) return;
    const write = store.directory
      .credentialUsed(id, now)
      .catch((error: unknown) => bookkeepingFailed(log, "last-used", login, error))
      .finally(() => this.#writing.delete(id));
    this.#writing.set(id, write);
  }

  /**
   * The credential under the cost now asked for; itself when it has that already or cannot be changed now (F-07).
   * Awaited by the login, since the identity names the credential as it is stored.
   */
  async rehashed(credential: CredentialRow, password: Secret, login: string): Promise<CredentialRow> {
    const { store, log, cost, gate } = this.#options;
    if (!needsRehash(credential.hash, cost)) return credential;
    try {
      const hash = await gate.run({ network: "", known: true }, () => hashPassword(password, cost));
      // Somebody may have set another password meanwhile: that one must stay.
      const now = (await store.directory.credentials(credential.account)).find(
        ({ id }) => id === credential.id,
      );
      if (hash === undefined || now?.hash !== credential.hash) return credential;
      const { id: _, ...row } = now;
      const put = await store.directory.putCredential({ ...row, hash });
      return put.ok ? { ...row, id: put.value, hash } : credential;
    } catch (error) {
      bookkeepingFailed(log, "rehash", login, error);
      return credential;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#writing.values());
  }
}
