import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Secret } from "../base/secret.ts";
import type { CredentialRow } from "../store/store.ts";
import { BoundedMap } from "./bounded-map.ts";

/** A program that logs in every few minutes pays for one slow hash an hour. */
const RIGHT_MS = 60 * 60_000;
/** A program that repeats an old password makes one guess an hour, not a hundred. */
const WRONG_MS = 60 * 60_000;
const ENTRIES_MAX = 10_000;

/** An attempt: a password said for a login from one network, against the credentials it could have matched. */
export type Attempt = {
  readonly login: string;
  readonly client: string;
  readonly candidates: readonly CredentialRow[];
  readonly password: Secret;
};

/**
 * Which passwords were right and wrong a while ago, so that repetition costs no slow hash. Holds HMACs under a key that
 * lives and dies with the process. Every answer depends on the rows as they are stored now: a credential that was
 * changed, removed, disabled or put out of scope is not remembered.
 */
export class LoginMemory {
  readonly #clock: Clock;
  readonly #key = randomBytes(32);
  readonly #right = new BoundedMap<number>(ENTRIES_MAX);
  readonly #wrong = new BoundedMap<number>(ENTRIES_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wasRight(credential: CredentialRow, password: Secret): boolean {
    return this.#fresh(this.#right.get(this.#digest(credentialKey(credential), password)), RIGHT_MS);
  }

  rememberRight(credential: CredentialRow, password: Secret): void {
    this.#right.set(this.#digest(credentialKey(credential), password), this.#clock.now());
  }

  /** The same wrong password from the same network: no new guess. */
  wasWrong(attempt: Attempt): boolean {
    return this.#fresh(this.#wrong.get(this.#digest(attemptKey(attempt), attempt.password)), WRONG_MS);
  }

  rememberWrong(attempt: Attempt): void {
    this.#wrong.set(this.#digest(attemptKey(attempt), attempt.password), this.#clock.now());
  }

  #fresh(at_ms: number | undefined, life_ms: number): boolean {
    return at_ms !== undefined && this.#clock.now() - at_ms < life_ms;
  }

  #digest(key: string, password: Secret): string {
    return createHmac("sha256", this.#key).update(`${key}\0${password.reveal()}`).digest("base64");
  }
}

const credentialKey = ({ id, hash }: CredentialRow): string => `${id}\0${hash}`;
const attemptKey = ({ login, client, candidates }: Attempt): string =>
  [login, client, ...candidates.map(credentialKey)].join("\0");
