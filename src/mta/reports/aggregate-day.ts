/** A domain's day in one aggregate report. RFC 9990 §3.1 */
import type { AggregateRecord, AggregateReport } from "../../authentication/reports/aggregate.ts";
import type { ReportDue, ReportRow } from "../../store/report-counts.ts";
import { decodeDmarcFacts, type DmarcFacts } from "./dmarc-facts.ts";
import { periodOf, reportIdOf, type Reporter } from "./reporter.ts";

type Told = DmarcFacts & { readonly count: number };

/** Undefined where no row can be read. One report for domain and day, also where the record changed in between. */
export function aggregateOfDay(
  due: ReportDue,
  rows: readonly ReportRow[],
  reporter: Reporter,
): AggregateReport | undefined {
  const told = rows.flatMap(({ facts, count }): Told[] => {
    const read = decodeDmarcFacts(facts);
    return read === undefined ? [] : [{ ...read, count }];
  });
  const policies = Map.groupBy(told, ({ policy }) => JSON.stringify(policy));
  const messages = (rowsOf: readonly Told[]): number => rowsOf.reduce((sum, { count }) => sum + count, 0);
  const [main, ...others] = [...policies.values()].toSorted((a, b) => messages(b) - messages(a));
  const policy = main?.[0]?.policy;
  if (policy === undefined) return undefined;
  const changed = messages(others.flat());
  return {
    metadata: {
      organization: reporter.organization,
      email: reporter.from,
      ...(reporter.contact === undefined ? {} : { contact: reporter.contact }),
      reportId: reportIdOf(due, reporter),
      ...periodOf(due.day),
      errors: [
        ...(changed === 0 ? [] : [`the policy changed during the day; ${changed} messages met another one`]),
        ...(due.dropped === 0 ? [] : [`${due.dropped} messages found no room in this report`]),
      ],
      generator: "Wachpost",
    },
    policy,
    records: alike(told),
  };
}

/** Rows that differ only in the record they met are one row. */
function alike(told: readonly Told[]): readonly AggregateRecord[] {
  const groups = Map.groupBy(told, ({ record }) => JSON.stringify(record));
  return [...groups.values()].flatMap((rows) => {
    const [first] = rows;
    return first === undefined
      ? []
      : [{ ...first.record, count: rows.reduce((sum, { count }) => sum + count, 0) }];
  });
}

/** The report with its smallest rows left out, so that about this share stays. */
export function shortened(report: AggregateReport, share: number): AggregateReport {
  const records = [...report.records].toSorted((a, b) => b.count - a.count);
  const kept = records.slice(0, Math.max(1, Math.floor(records.length * share)));
  const left = records.slice(kept.length).reduce((sum, { count }) => sum + count, 0);
  const errors = [
    ...report.metadata.errors,
    `${left} messages are left out: the whole report exceeds the size that is asked for`,
  ];
  return { ...report, metadata: { ...report.metadata, errors }, records: kept };
}
