import { networkOf, type IpAddress } from "../base/ip.ts";
import type { AccountId } from "../base/mail-ids.ts";
import type { Authenticator, AuthResult } from "../sasl/exchange.ts";
import type { MailboxLimits } from "./limits.ts";

type Counted = { readonly client: string; account: AccountId | undefined };

/**
 * Sessions per client before login and per account after it: a client that guesses is bounded, many users
 * behind one address are not (D-13, D-14).
 */
export class SessionCount {
  readonly #limits: Pick<MailboxLimits, "clientPreauth" | "accountSessions">;
  readonly #sessions = new Map<string, Counted>();
  readonly #clients = new Map<string, number>();
  readonly #accounts = new Map<AccountId, number>();

  constructor(limits: Pick<MailboxLimits, "clientPreauth" | "accountSessions">) {
    this.#limits = limits;
  }

  /** False: the client has too many sessions without a login; this one is not counted. */
  enter(session: string, address: IpAddress): boolean {
    const client = networkOf(address, 32, 64);
    if ((this.#clients.get(client) ?? 0) >= this.#limits.clientPreauth) return false;
    this.#sessions.set(session, { client, account: undefined });
    change(this.#clients, client, 1);
    return true;
  }

  leave(session: string): void {
    const counted = this.#sessions.get(session);
    if (counted === undefined) return;
    this.#sessions.delete(session);
    if (counted.account === undefined) change(this.#clients, counted.client, -1);
    else change(this.#accounts, counted.account, -1);
  }

  /** The same authenticator, whose success moves the session from its client's count to its account's. */
  authenticator(session: string, inner: Authenticator): Authenticator {
    return {
      password: async (login, password) => this.#loggedIn(session, await inner.password(login, password)),
      scram: (login) => inner.scram(login),
      scramDone: async (login, credential) =>
        this.#loggedIn(session, await inner.scramDone(login, credential)),
    };
  }

  #loggedIn(session: string, result: AuthResult): AuthResult {
    const counted = this.#sessions.get(session);
    if (!result.ok || counted === undefined || counted.account !== undefined) return result;
    const { account } = result.identity;
    if ((this.#accounts.get(account) ?? 0) >= this.#limits.accountSessions) {
      return { ok: false, failure: { kind: "unavailable" } };
    }
    counted.account = account;
    change(this.#clients, counted.client, -1);
    change(this.#accounts, account, 1);
    return result;
  }
}

function change<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
