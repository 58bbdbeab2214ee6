import type { AggregateRecord, AggregateReport } from "./aggregate.ts";
import { REPORT_LIMITS } from "./limits.ts";

/** Who sends in our name: one row for each address and the names that vouched for it. */
export type SourceSummary = {
  readonly source: string;
  /** Domain of MAIL FROM or HELO the reporters saw; empty where they did not say. */
  readonly senderDomain: string;
  readonly headerFrom: string;
  readonly messages: number;
  /** Aligned: what DMARC counts. */
  readonly passed: number;
  readonly spfPassed: number;
  readonly dkimPassed: number;
  readonly quarantined: number;
  readonly rejected: number;
  /** Failed, and delivered for a reason the reporter gave. */
  readonly overridden: number;
};

export type ReportSummary = {
  /** Those with most failures first, then by messages. */
  readonly sources: readonly SourceSummary[];
  /** Messages of sources beyond the limit. */
  readonly otherMessages: number;
  readonly messages: number;
  readonly passed: number;
};

/** Adds up reports; a report seen twice is the caller's to drop (by reporter and report id). C-19, G-13 */
export function summarise(reports: readonly AggregateReport[]): ReportSummary {
  const sources = new Map<string, SourceSummary>();
  let messages = 0;
  let passed = 0;
  let otherMessages = 0;
  for (const record of reports.flatMap((report) => report.records)) {
    messages += record.count;
    if (passes(record)) passed += record.count;
    const key = JSON.stringify([record.source, senderDomain(record), record.headerFrom]);
    const known = sources.get(key);
    if (known === undefined && sources.size >= REPORT_LIMITS.sourcesMax) otherMessages += record.count;
    else sources.set(key, added(known, record));
  }
  const failures = (row: SourceSummary): number => row.messages - row.passed;
  const order = [...sources.values()].sort((a, b) => failures(b) - failures(a) || b.messages - a.messages);
  return { sources: order, otherMessages, messages, passed };
}

function added(known: SourceSummary | undefined, record: AggregateRecord): SourceSummary {
  const when = (condition: boolean): number => (condition ? record.count : 0);
  const { disposition } = record;
  return {
    source: record.source,
    senderDomain: senderDomain(record),
    headerFrom: record.headerFrom,
    messages: (known?.messages ?? 0) + record.count,
    passed: (known?.passed ?? 0) + when(passes(record)),
    spfPassed: (known?.spfPassed ?? 0) + when(record.spf === "pass"),
    dkimPassed: (known?.dkimPassed ?? 0) + when(record.dkim === "pass"),
    quarantined: (known?.quarantined ?? 0) + when(disposition === "quarantine"),
    rejected: (known?.rejected ?? 0) + when(disposition === "reject"),
    overridden: (known?.overridden ?? 0) + when(!passes(record) && record.reasons.length > 0),
  };
}

const passes = ({ dkim, spf }: AggregateRecord): boolean => dkim === "pass" || spf === "pass";

const senderDomain = ({ senders, envelopeFrom }: AggregateRecord): string =>
  senders[0]?.domain ?? envelopeFrom ?? "";
