import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logins } from "../../src/accounts/authenticate.ts";
import type { AuthProtocol, Logins } from "../../src/accounts/contract.ts";
import { addAccount, type Managing, type PasswordChoice } from "../../src/accounts/manage.ts";
import { HASH_COST_MIN, type HashCost } from "../../src/accounts/password-hash.ts";
import { MemoryThrottle } from "../../src/accounts/throttle.ts";
import { ManualClock, systemClock, type Clock } from "../../src/base/clock.ts";
import { parseIp, type IpAddress } from "../../src/base/ip.ts";
import { MemoryLog } from "../../src/base/log.ts";
import type { AccountId } from "../../src/base/mail-ids.ts";
import { Secret } from "../../src/base/secret.ts";
import type { Authenticator } from "../../src/sasl/exchange.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";

/** Time that passes only when told to, or when somebody waits. */
export class PatientClock implements Clock {
  readonly #manual = new ManualClock();
  readonly slept: number[] = [];

  now(): number {
    return this.#manual.now();
  }

  async sleep(duration_ms: number): Promise<void> {
    this.slept.push(duration_ms);
    this.#manual.advance(duration_ms);
  }

  advance(duration_ms: number): void {
    this.#manual.advance(duration_ms);
  }
}

export const ip = (text: string): IpAddress => {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
};

export const chosen = (password: string): PasswordChoice => ({
  kind: "chosen",
  password: new Secret(password),
});

/** A store on disk with a domain, and everything `accounts/` needs around it. */
export class House implements AsyncDisposable {
  readonly store: Store;
  readonly directory: string;
  readonly clock = new PatientClock();
  readonly log = new MemoryLog();
  readonly throttle = new MemoryThrottle(this.clock, this.log);
  readonly managing: Managing;

  private constructor(store: Store, directory: string) {
    this.store = store;
    this.directory = directory;
    this.managing = { store, clock: this.clock, cost: HASH_COST_MIN };
  }

  static async open(): Promise<House> {
    const directory = await mkdtemp(join(tmpdir(), "wachpost-accounts-"));
    const log = new MemoryLog();
    const house = new House(await openStore({ directory, log, clock: systemClock }), directory);
    // Without keys: making them takes longer than most of these tests.
    await house.store.directory.addDomain("example.org");
    return house;
  }

  /** Makes an account and gives back its password. */
  async account(
    login: string,
    password: PasswordChoice = { kind: "generate" },
    administrator = false,
  ): Promise<{ readonly id: AccountId; readonly password: string }> {
    const choice = { login, password, displayName: "", quota_octets: 0, administrator };
    const made = await addAccount(this.managing, choice);
    if (!made.ok) throw made.error;
    const secret = password.kind === "chosen" ? password.password : made.value.generated;
    return { id: made.value.id, password: secret?.reveal() ?? "" };
  }

  logins(cost: HashCost = HASH_COST_MIN, store = this.store): Promise<Logins & AsyncDisposable> {
    const { clock, log, throttle } = this;
    return logins({ store, clock, log, throttle, cost, scram: "auto" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true });
  }
}

let sessions = 0;
export const from = (all: Logins, remote: string, protocol: AuthProtocol = "imap"): Authenticator =>
  all.authenticator({ protocol, remote: ip(remote), id: `session-${++sessions}` });
