import type { Log } from "../../base/log.ts";
import type { ReportKey, ReportSettled } from "../../store/report-counts.ts";

export const reportSettled = (log: Log, settled: ReportSettled, from: string): void =>
  log.write("info", settled.outcome === "sent" ? "report.sent" : "report.not-sent", {
    kind: settled.kind,
    day: settled.day,
    domain: settled.domain,
    outcome: settled.outcome,
    told: settled.told,
    from,
    queue: settled.sentTo.map(({ id }) => id).join(" "),
  });

/** Tried again an hour later. */
export const reportPostponed = (log: Log, { kind, day, domain }: ReportKey, why: string): void =>
  log.write("warn", "report.postponed", { kind, day, domain, why });

export const reportNotTaken = (
  log: Log,
  { kind, day, domain }: ReportKey,
  url: string,
  error: string,
): void => log.write("warn", "report.not-taken", { kind, day, domain, url, error });

/** Many domains name one place that nobody asked whether it wants this. */
export const reportTooMany = (log: Log, { kind, day, domain }: ReportKey, to: string): void =>
  log.write("warn", "report.too-many", {
    kind,
    day,
    domain,
    to,
    remedy: "Nothing is to be done: this place has had its share of reports today, and gets no more.",
  });

export const noReporter = (log: Log): void =>
  log.write("warn", "report.no-sender", {
    remedy:
      "No domain here has a signing key: add one with `wachpost domain add`, or set reports.enabled = false.",
  });
