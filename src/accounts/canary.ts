import { randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { constantTimeEqual, type Secret } from "../base/secret.ts";
import type { Authenticator, AuthResult, Identity } from "../sasl/exchange.ts";
import type { Store } from "../store/store.ts";
import { generatePassword, SCRAM_SALT_OCTETS, type GeneratedPassword } from "./app-password.ts";
import type { Logins } from "./contract.ts";

/** No address, so that nobody else can have it. */
const CANARY_LOGIN = "canary";
/** A domain nobody has: RFC 6761 §6.4. */
export const CANARY_DOMAIN = "canary.invalid";
export const CANARY_SENDER = `canary@${CANARY_DOMAIN}`;
/** Of no row in the store. */
const CREDENTIAL = -1;
const LIFE_MS = 7 * 86_400_000;

export const isCanary = ({ login, credential }: Pick<Identity, "login" | "credential">): boolean =>
  login === CANARY_LOGIN && credential === CREDENTIAL;

/** Whether an event or record is about the canary's mail, which is nobody's. */
export const isCanaryAddress = (address: string): boolean => address.endsWith(`@${CANARY_DOMAIN}`);

/**
 * The account of the mail that flies through the whole server (G-03). It is disabled and has no password in the store;
 * the one that opens it is made with each start and known to this process alone.
 */
export class CanaryAccount {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #salt: Uint8Array;
  readonly #generated: GeneratedPassword;
  #account: AccountId | undefined;

  private constructor(store: Store, clock: Clock, salt: Uint8Array, generated: GeneratedPassword) {
    this.#store = store;
    this.#clock = clock;
    this.#salt = salt;
    this.#generated = generated;
  }

  static async create(store: Store, clock: Clock): Promise<CanaryAccount> {
    const salt = randomBytes(SCRAM_SALT_OCTETS);
    return new CanaryAccount(store, clock, salt, await generatePassword(salt));
  }

  get login(): { readonly user: string; readonly password: Secret } {
    return { user: CANARY_LOGIN, password: this.#generated.password };
  }

  /** The account, made where there is none. A new one each week: what is expunged leaves marks behind in the store. */
  async ready(): Promise<AccountId> {
    const { directory } = this.#store;
    const now_ms = this.#clock.now();
    const known = await directory.accountByLogin(CANARY_LOGIN);
    if (known !== undefined && now_ms - known.created_ms < LIFE_MS) return (this.#account = known.id);
    if (known !== undefined) await directory.removeAccount(known.id);
    const made = await directory.addAccount({
      login: CANARY_LOGIN,
      displayName: "",
      quota_octets: 0,
      administrator: false,
      scramSalt: this.#salt,
      created_ms: now_ms,
      mailboxes: [],
    });
    if (!made.ok) throw new Error(`the canary's account cannot be made: ${made.error}`);
    await directory.changeAccount(made.value, { disabled: true });
    return (this.#account = made.value);
  }

  /** The same logins, and the canary's for sending and IMAP. A wrong password of it is a wrong password like any. */
  among(logins: Logins): Logins {
    return {
      mechanisms: (tls) => logins.mechanisms(tls),
      authenticator: (session) => {
        const inner = logins.authenticator(session);
        return session.protocol === "pop3" ? inner : this.#besides(inner);
      },
    };
  }

  #besides(inner: Authenticator): Authenticator {
    const { password, scram } = this.#generated;
    const isOurs = (login: string): boolean => login === CANARY_LOGIN && this.#account !== undefined;
    return {
      password: async (login, tried) =>
        isOurs(login) && constantTimeEqual(tried.reveal(), password.reveal())
          ? this.#granted()
          : inner.password(login, tried),
      scram: async (login) =>
        isOurs(login)
          ? {
              salt: this.#salt,
              iterations: scram.iterations,
              verifiers: [{ credential: CREDENTIAL, ...scram }],
            }
          : inner.scram(login),
      scramDone: async (login, credential) =>
        isOurs(login) && credential === CREDENTIAL ? this.#granted() : inner.scramDone(login, credential),
    };
  }

  #granted(): AuthResult {
    const account = this.#account;
    if (account === undefined) return { ok: false, failure: { kind: "unavailable" } };
    return { ok: true, identity: { account, login: CANARY_LOGIN, credential: CREDENTIAL } };
  }
}
