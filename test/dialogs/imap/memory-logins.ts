import type { AccountId } from "../../../src/base/mail-ids.ts";
import type { Secret } from "../../../src/base/secret.ts";
import type { Authenticator, AuthResult, ScramAccount } from "../../../src/sasl/exchange.ts";
import { scramKeys } from "../../../src/sasl/scram-keys.ts";

export const LOGIN = "you@wachpost.test";
export const PASSWORD = "correct horse";
const SALT = Buffer.alloc(16, 7);
const ITERATIONS = 4096;

/** One login with one password. */
export class MemoryLogins implements Authenticator {
  readonly #manner: string;
  readonly #account: AccountId;

  constructor(manner = "", account = 1 as AccountId) {
    this.#manner = manner;
    this.#account = account;
  }

  async password(login: string, password: Secret): Promise<AuthResult> {
    if (this.#manner === "throttled") return { ok: false, failure: { kind: "throttled" } };
    return this.#result(login, login === LOGIN && password.reveal() === PASSWORD);
  }

  async scram(login: string): Promise<ScramAccount> {
    const { storedKey, serverKey } = await scramKeys(PASSWORD, SALT, ITERATIONS);
    const verifiers = login === LOGIN ? [{ credential: 1, storedKey, serverKey }] : [];
    return { salt: SALT, iterations: ITERATIONS, verifiers };
  }

  async scramDone(login: string, credential: number | undefined): Promise<AuthResult> {
    return this.#result(login, credential !== undefined);
  }

  #result(login: string, good: boolean): AuthResult {
    if (!good) return { ok: false, failure: { kind: "invalid" } };
    return { ok: true, identity: { account: this.#account, login, credential: 1 } };
  }
}
