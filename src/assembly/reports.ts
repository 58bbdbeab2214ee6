import { request } from "node:https";
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
import { dayOf } from "../mta/reports/tally.ts";
import { reportedTlsFailures, type TlsFailures } from "../mta/reports/tls-alarm.ts";
import type { Signer } from "../mta/signer.ts";
import type { Store } from "../store/store.ts";
import { tlsReportPost } from "../tls/tlsrpt-post.ts";
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

/** Others' reports are looked for this often; each tells of a whole day. */
const LOOK_MS = 3_600_000;

export type TlsReportWatch = AsyncDisposable & { readonly failures: () => readonly TlsFailures[] };

/** Looks now and then whether reports tell that mail could not come to us over TLS. */
export function watchTlsReports(
  { hostname: hostName }: Config,
  { store, dns, clock, log }: Pick<ReportTools, "store" | "dns" | "clock" | "log">,
): TlsReportWatch {
  let failures: readonly TlsFailures[] = [];
  const look = async (): Promise<void> => {
    failures = await reportedTlsFailures({ store, dns, clock, hostName });
  };
  return Object.assign(repeat("tls-reports", LOOK_MS, look, { clock, log }), { failures: () => failures });
}

/** Sends the reports of the day before, every day. */
export function startReports(config: Config, tools: ReportTools): AsyncDisposable {
  const { clock, log } = tools;
  const over = new AbortController();
  const daily = dailyRun(config, tools, over.signal);
  const sending = repeat("reports", REPORTS_LIMITS.look_ms, daily, { clock, log });
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await sending[Symbol.asyncDispose]();
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
    const post = tlsReportPost({ dns: tools.dns, request });
    const { hostname: hostName } = config;
    const now = (): number => clock.now();
    const sending = { ...tools, hostName, reporter, signal, post, now, newId: () => randomId() };
    const { sent } = await sendDue(sending, dayOf(now_ms));
    if (sent > 0) wakeQueue();
  };
}
