import { randomId } from "../base/ids.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Addresses } from "../accounts/contract.ts";
import type { Config } from "../config/schema.ts";
import type { Dns } from "../dns/answer.ts";
import type { Journal } from "../mta/journal.ts";
import { isPastMinute, reportBounds } from "../mta/reports/daily.ts";
import { noReporter } from "../mta/reports/events.ts";
import { REPORTS_LIMITS } from "../mta/reports/limits.ts";
import { findReporter, reporterSettings } from "../mta/reports/reporter.ts";
import { sendDue } from "../mta/reports/send.ts";
import { dayOf, ReportTally } from "../mta/reports/tally.ts";
import type { Signer } from "../mta/signer.ts";
import type { Store } from "../store/store.ts";
import { repeat } from "./repeat.ts";

export type ReportTools = {
  readonly store: Store;
  readonly addresses: Addresses;
  readonly dns: Dns;
  readonly signer: Signer;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly wakeQueue: () => void;
};

/** Counts what reports tell, keeps the counts, and sends the reports of the day before; the rest stays counted. */
export function startReports(
  config: Config,
  tools: ReportTools,
): { readonly tally: ReportTally } & AsyncDisposable {
  const { store, clock, log } = tools;
  const tally = new ReportTally();
  const over = new AbortController();
  const flush = (): Promise<void> => tally.flush(store.reports);
  const keeping = repeat("report-counts", REPORTS_LIMITS.flush_ms, flush, { clock, log });
  const daily = dailyRun(config, tools, over.signal);
  const sending = repeat("reports", REPORTS_LIMITS.look_ms, daily, { clock, log });
  return {
    tally,
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await Promise.all([keeping[Symbol.asyncDispose](), sending[Symbol.asyncDispose]()]);
      await flush();
    },
  };
}

/** Once a day at this server's minute, or soon after a start that came later; what could not be sent again every hour. */
function dailyRun(config: Config, tools: ReportTools, signal: AbortSignal): () => Promise<void> {
  const { store, clock, log, wakeQueue } = tools;
  let next_ms = 0;
  return async () => {
    const now_ms = clock.now();
    if (now_ms < next_ms || !isPastMinute(now_ms, config.hostname)) return;
    next_ms = now_ms + REPORTS_LIMITS.again_ms;
    await store.reports.pruneReports(reportBounds(now_ms, config.journal.days));
    if (!config.reports.enabled) return;
    const reporter = await findReporter(reporterSettings(config), store.directory);
    if (reporter === undefined) return noReporter(log);
    const sending = { ...tools, reporter, signal, now: () => clock.now(), newId: () => randomId() };
    const { sent } = await sendDue(sending, dayOf(now_ms));
    if (sent > 0) wakeQueue();
  };
}
