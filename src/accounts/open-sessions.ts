import { setImmediate as nextTurn } from "node:timers/promises";
import type { Identity } from "../sasl/exchange.ts";
import type { AccountRow, CredentialRow, Store } from "../store/store.ts";
import { isCanary } from "./canary.ts";
import type { AuthProtocol } from "./contract.ts";
import { mayOpen } from "./standing.ts";

/** A session that has logged in, and the way to end it. */
type Seat = {
  readonly identity: Identity;
  readonly protocol: AuthProtocol;
  /** When the own password it was opened with was set; undefined until looked at, and for app passwords. */
  set_ms: number | undefined;
  end(): void;
};

/** Accounts looked at before others get their turn. */
const TURN_ACCOUNTS = 50;

/**
 * Sessions that are open on a password. The command line changes accounts in a process of its own, so that nobody tells
 * the server: it looks. A revoked password, a changed one, a disabled or removed account end their sessions (F-09).
 */
export class OpenSessions {
  readonly #store: Pick<Store, "directory">;
  readonly #seats = new Set<Seat>();

  constructor(store: Pick<Store, "directory">) {
    this.#store = store;
  }

  get size(): number {
    return this.#seats.size;
  }

  /** `end` is called once when the login becomes worthless; the caller calls what is returned when the session is over. */
  enter(identity: Identity, protocol: AuthProtocol, end: () => void): () => void {
    const seat: Seat = { identity, protocol, set_ms: undefined, end };
    this.#seats.add(seat);
    return () => void this.#seats.delete(seat);
  }

  /** Ends what is to end. Two reads of the store for each account that has sessions. Returns how many ended. */
  async look(): Promise<number> {
    const byAccount = Map.groupBy(this.#seats, ({ identity }) => identity.account);
    let ended = 0;
    let looked = 0;
    for (const [id, seats] of byAccount) {
      const account = await this.#store.directory.account(id);
      const credentials = account === undefined ? [] : await this.#store.directory.credentials(id);
      for (const seat of seats) {
        if (account !== undefined && stands(seat, account, credentials)) continue;
        if (!this.#seats.delete(seat)) continue;
        seat.end();
        ended++;
      }
      if (++looked % TURN_ACCOUNTS === 0) await nextTurn();
    }
    return ended;
  }
}

/** A password that was hashed anew is another row and the same password: it was set at the same time. */
function stands(seat: Seat, account: AccountRow, credentials: readonly CredentialRow[]): boolean {
  const { identity, protocol } = seat;
  if (isCanary(identity)) return true;
  const credential =
    credentials.find(({ id }) => id === identity.credential) ??
    credentials.find(({ kind, created_ms }) => kind === "password" && created_ms === seat.set_ms);
  if (credential === undefined) return false;
  if (credential.kind === "password") seat.set_ms = credential.created_ms;
  return mayOpen(account, credential, protocol);
}
