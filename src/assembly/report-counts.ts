import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { REPORTS_LIMITS } from "../mta/reports/limits.ts";
import { ReportTally, type Counting } from "../mta/reports/tally.ts";
import { drainTls } from "../mta/reports/tls-facts.ts";
import type { Store } from "../store/store.ts";
import { TlsrptTally } from "../tls/tlsrpt-tally.ts";
import { repeat } from "./repeat.ts";

export type ReportCounts = AsyncDisposable & {
  /** Judged mail. */
  readonly mail: Counting;
  /** Outgoing connections. */
  readonly tls: TlsrptTally;
};

/** Counts what reports tell in memory, and writes it down now and then and at the end. */
export function keepReportCounts(
  store: Store,
  around: { readonly clock: Clock; readonly log: Log },
): ReportCounts {
  const mail = new ReportTally();
  const tls = new TlsrptTally();
  const flush = (): Promise<void> => {
    drainTls(tls, mail);
    return mail.flush(store.reports);
  };
  const keeping = repeat("report-counts", REPORTS_LIMITS.flush_ms, flush, around);
  return {
    mail,
    tls,
    async [Symbol.asyncDispose]() {
      await keeping[Symbol.asyncDispose]();
      await flush();
    },
  };
}
