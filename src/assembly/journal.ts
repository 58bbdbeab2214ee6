import type { LoginAttempt } from "../accounts/authenticate.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { keepsFate, retention, type Privacy } from "../journal/privacy.ts";
import type { Journal } from "../mta/journal.ts";
import { repeat } from "./repeat.ts";
import type { Store } from "../store/store.ts";

const PRUNE_MS = 3_600_000;

export const privacyOf = ({ journal }: Config): Privacy => ({
  keep_days: journal.days,
  octets_max: journal.size_octets,
  subjects: journal.subjects,
  fates: journal.fates,
});

/** Logins go into the journal with the session they belong to. */
export const loginRecorder =
  (journal: Journal, clock: Clock) =>
  ({ session, protocol, client, login, outcome, password }: LoginAttempt): void =>
    journal.add({
      kind: "login",
      id: session,
      at_ms: clock.now(),
      protocol,
      clientAddress: client,
      login,
      outcome,
      ...(password === undefined ? {} : { password }),
    });

/** What readers do with delivered mail goes into the journal, as far as that is wanted. Returns the way to stop. */
export const recordFates = (store: Store, journal: Journal, privacy: Privacy): (() => void) =>
  store.watchFates((fates) => {
    for (const { origin, login, event, at_ms } of fates)
      if (keepsFate(privacy, event)) journal.add({ kind: "fate", id: origin, at_ms, login, event });
  });

/** Forgets what is too old or too much: at the start and every hour (G-17). */
export function keepRetention(store: Store, privacy: Privacy, clock: Clock, log: Log): AsyncDisposable {
  const prune = async (): Promise<void> => {
    const forgotten = await store.journal.prune(retention(privacy, clock.now()));
    if (forgotten > 0) log.write("info", "journal.pruned", { records: forgotten });
  };
  return repeat("journal-retention", PRUNE_MS, prune, { clock, log });
}
