/** The part of the contract that holds what reports to other domains tell, and which were made. */
import type { Delivery } from "./store.ts";

/** `dmarc`: about mail in the name of a domain; `tls`: about the way to its mail hosts. */
export type ReportKind = "dmarc" | "tls";
/** What one report is about. */
export type ReportKey = {
  readonly kind: ReportKind;
  /** UTC, `2026-11-24`. */
  readonly day: string;
  readonly domain: string;
};
/** Something that happened `count` times; equal facts are one row. `facts`: JSON, `mta/reports` knows what it says. */
export type ReportCount = ReportKey & { readonly facts: string; readonly count: number };
export type ReportRow = Pick<ReportCount, "facts" | "count">;
/** A report that is still to be made. */
export type ReportDue = ReportKey & {
  readonly rows: number;
  /** What happened but found no room in a row. */
  readonly dropped: number;
};
/** A report that was made, or why there is none. */
export type ReportSettled = ReportKey & {
  readonly settled_ms: number;
  readonly reportId: string;
  /** `sent`, or the constant that names why not. */
  readonly outcome: string;
  /** How many messages or connections it tells of. */
  readonly told: number;
  /** Queue ids with their addresses, or other places it went to. */
  readonly sentTo: readonly { readonly id: string; readonly to: string }[];
};

export interface ReportReads {
  /** Reports of days before this one that are not settled; oldest first. */
  reportsDue(question: {
    readonly before_day: string;
    readonly limit: number;
  }): Promise<readonly ReportDue[]>;
  /** The one report, while it is not settled. */
  reportDue(key: ReportKey): Promise<ReportDue | undefined>;
  reportRows(key: ReportKey): Promise<readonly ReportRow[]>;
  /** Newest first. */
  reportsSettled(question: {
    readonly since_day: string;
    readonly limit: number;
  }): Promise<readonly ReportSettled[]>;
}

export interface ReportWrites {
  /** Adds up; what exceeds the limits, and what comes after its report was settled, is not kept. */
  countReports(counts: readonly ReportCount[]): Promise<void>;
  /**
   * Writes down what became of a report, forgets its rows and hands over its mails, all in one commit. False, and nothing
   * is done: it was settled before.
   */
  settleReport(settled: ReportSettled, mails: readonly Delivery[]): Promise<boolean>;
  /** Forgets settled reports and rows of days before these. Returns how many reports went. */
  pruneReports(bounds: {
    readonly settled_before_day: string;
    readonly due_before_day: string;
  }): Promise<number>;
}
