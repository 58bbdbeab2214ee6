import type { ReportCount, ReportKind, ReportWrites } from "../../store/report-counts.ts";
import { REPORTS_LIMITS } from "./limits.ts";

/** Counts something for the report to a domain; the caller does not wait. */
export interface Counting {
  add(kind: ReportKind, domain: string, at_ms: number, facts: string, count?: number): void;
}

/** UTC, as RFC 8460 §4.1 and RFC 9990 want their days. */
export const dayOf = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 10);

/** Counts in memory until the next flush: the way of a message holds one look into a map and no write. */
export class ReportTally implements Counting {
  #waiting = new Map<string, ReportCount>();

  add(kind: ReportKind, domain: string, at_ms: number, facts: string, count = 1): void {
    const day = dayOf(at_ms);
    const name = `${kind} ${day} ${domain} ${facts}`;
    const known = this.#waiting.get(name);
    if (known === undefined && this.#waiting.size >= REPORTS_LIMITS.waitingMax) return;
    this.#waiting.set(name, { kind, day, domain, facts, count: (known?.count ?? 0) + count });
  }

  /** Writes down what has come together. Where that fails it waits for the next time. */
  async flush(reports: Pick<ReportWrites, "countReports">): Promise<void> {
    if (this.#waiting.size === 0) return;
    const taken = this.#waiting;
    this.#waiting = new Map();
    try {
      await reports.countReports([...taken.values()]);
    } catch (error) {
      for (const { kind, day, domain, facts, count } of taken.values())
        this.add(kind, domain, Date.parse(day), facts, count);
      throw error;
    }
  }
}
