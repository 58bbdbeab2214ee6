import type { Logins } from "../accounts/contract.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { ImapBackend } from "../imap/backend.ts";
import type { Store } from "../store/store.ts";
import { MailAccount } from "./account.ts";
import { ChangeWatch } from "./change-watch.ts";
import { tooManySessions } from "./events.ts";
import { MAILBOX_LIMITS, type MailboxLimits } from "./limits.ts";
import { MailboxSummaries } from "./mailbox-summary.ts";
import { RecentMarks } from "./recent-marks.ts";
import { SessionCount } from "./session-count.ts";
import type { MailboxTools } from "./tools.ts";

export type ImapBackendOptions = {
  readonly store: Store;
  readonly logins: Logins;
  readonly hostName: string;
  /** Octets. */
  readonly appendSizeMax: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<MailboxLimits>;
};

/** What IMAP asks of the server, answered from the store and the logins. */
export function imapBackend(options: ImapBackendOptions): ImapBackend {
  const { store, logins, hostName, appendSizeMax, clock, log } = options;
  const limits = { ...MAILBOX_LIMITS, ...options.limits };
  const sessions = new SessionCount(limits);
  const tools: MailboxTools = {
    store,
    clock,
    log,
    limits,
    appendSizeMax,
    summaries: new MailboxSummaries(store.mail, limits.summaries),
    recent: new RecentMarks(store.mail, clock.now()),
    changes: new ChangeWatch({ store, clock, log, limits }),
  };
  return {
    hostName,
    appendSizeMax,
    async connect({ id, remote }) {
      if (sessions.enter(id, remote.address)) return undefined;
      tooManySessions(log, "imap", id, remote.address.text);
      return "Too many connections from your address";
    },
    disconnected: ({ id }) => sessions.leave(id),
    mechanisms: ({ tls }) => logins.mechanisms(tls !== undefined),
    authenticator: ({ id, remote }) =>
      sessions.authenticator(id, logins.authenticator({ protocol: "imap", remote: remote.address, id })),
    account: async (identity) => new MailAccount(tools, identity.account),
  };
}
