import type { Managing } from "../accounts/manage.ts";
import type { Clock } from "../base/clock.ts";
import type { Secret } from "../base/secret.ts";
import type { Net } from "../doctor/probe.ts";
import type { Language } from "../journal/words/language.ts";
import type { Answers } from "./answers.ts";
import type { SystemUser } from "./machine-users.ts";
import type { SetupState } from "./state.ts";

/** What every step is given: the answers, the world, and what an earlier run left. */
export type Job = {
  readonly answers: Answers;
  readonly net: Net;
  readonly clock: Clock;
  readonly language: Language;
  /** Where the first account's password comes from; without it one is made. */
  readonly password: Secret | undefined;
  /** Secret of the update key as the operator gave it; without it the kept one is used. */
  readonly updateSecret: Secret | undefined;
  /** Servers of others, to see whether port 25 is open outwards. */
  readonly outside: readonly { readonly host: string; readonly port: number }[];
  readonly state: SetupState;
  /** Writes the state with these changes. */
  save(change: Partial<SetupState>): Promise<void>;
  /** The store, opened as the server's user. */
  withStore<T>(work: (managing: Managing) => Promise<T>): Promise<T>;
  /** The user the server runs as, once there is one. */
  owner(): Promise<SystemUser | undefined>;
  /** One line that is overwritten by the next. */
  progress(text: string): void;
  /** Shows lines at once: a secret must be seen before it is forgotten. */
  show(text: string): void;
  /** Starts the server below this process; a text says why it ended. Undefined where a service manager runs it. */
  readonly startHere: (() => Promise<string | undefined>) | undefined;
  /** Asks the operator to press Enter; undefined where nobody is there. */
  readonly pause: ((text: string) => Promise<"go-on" | "skip">) | undefined;
};
