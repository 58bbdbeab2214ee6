import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Store } from "../store/store.ts";
import type { ChangeWatch } from "./change-watch.ts";
import type { MailboxLimits } from "./limits.ts";
import type { MailboxSummaries } from "./mailbox-summary.ts";
import type { RecentMarks } from "./recent-marks.ts";

/** What every account and open mailbox of this process shares. */
export type MailboxTools = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: MailboxLimits;
  /** Largest message for APPEND, octets. */
  readonly appendSizeMax: number;
  readonly summaries: MailboxSummaries;
  readonly recent: RecentMarks;
  readonly changes: ChangeWatch;
};
