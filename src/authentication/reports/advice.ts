/** From `p=none` to `quarantine` to `reject`: may the next step be taken, and what would it have hit? RFC 9989 §5.1 */
import { asciiLower } from "../../base/ascii.ts";
import { trimBlank } from "../../message/header-text.ts";
import { parseDmarcRecord, type Requested } from "../dmarc/record.ts";
import type { AggregateReport } from "./aggregate.ts";
import { summarise, type SourceSummary } from "./summary.ts";

/** Circulars and bills come once a month or seldom; two weeks show the daily and the weekly ones. */
export const ADVICE_DAYS_MIN = 14;
/** Fewer messages say nothing about who writes in our name. */
export const ADVICE_MESSAGES_MIN = 20;

export type PolicyStep = Requested | "testing";
export type Advice = {
  readonly domain: string;
  readonly policy: PolicyStep;
  readonly next?: Requested;
  readonly days: number;
  readonly messages: number;
  readonly passed: number;
  /** Sources that prove most of what they send: ours, or somebody we let write; what they fail with would be lost. */
  readonly ours: readonly SourceSummary[];
  /** Sources that never or seldom prove anything: forgers, forwarders, or a service nobody has set up. */
  readonly unknown: readonly SourceSummary[];
  readonly verdict: "strictest" | "too-few" | "ours-fail" | "ready";
};

const DAY_S = 86_400;
const REPORT_DAYS_MAX = 2;

/** `reports` are all of one domain; the newest tells which policy stands. */
export function adviseDomain(domain: string, reports: readonly AggregateReport[]): Advice {
  const { messages, passed, sources } = summarise(reports);
  const newest = reports.toSorted((a, b) => b.metadata.end_s - a.metadata.end_s)[0];
  const { p = "none", testing = false } = newest?.policy ?? {};
  const days = new Set(reports.flatMap(daysOf)).size;
  const failing = sources.filter((one) => one.passed < one.messages);
  const ours = failing.filter((one) => one.passed * 2 >= one.messages);
  const next = testing ? p : p === "none" ? "quarantine" : p === "quarantine" ? "reject" : undefined;
  const seen = { domain, policy: testing ? "testing" : p, days, messages, passed } as const;
  const found = { ...seen, ours, unknown: failing.filter((one) => !ours.includes(one)) };
  if (next === undefined) return { ...found, verdict: "strictest" };
  const few = days < ADVICE_DAYS_MIN || messages < ADVICE_MESSAGES_MIN;
  return { ...found, next, verdict: few ? "too-few" : ours.length > 0 ? "ours-fail" : "ready" };
}

/** Days a report tells of; honest ones tell of one, or of two where it does not begin at midnight: no single one fills the weeks. */
function daysOf({ metadata: { begin_s, end_s } }: AggregateReport): number[] {
  const first = Math.floor(begin_s / DAY_S);
  const count = Math.floor(end_s / DAY_S) - first + 1;
  return Array.from({ length: Math.min(Math.max(count, 0), REPORT_DAYS_MAX) }, (_, i) => first + i);
}

/** The record as it stands with p= raised and t=y gone; all else stays. Undefined: it is no DMARC record. RFC 9989 §4.7 */
export function raisedRecord(text: string, next: Requested): string | undefined {
  if (parseDmarcRecord(text) === undefined) return undefined;
  const [version = "", ...tags] = text.split(";").map(trimBlank);
  const nameOf = (tag: string): string => asciiLower(trimBlank(tag.split("=", 1)[0] ?? ""));
  const kept = tags.filter((tag) => tag !== "" && !["p", "t"].includes(nameOf(tag)));
  return [version, `p=${next}`, ...kept].join("; ");
}
