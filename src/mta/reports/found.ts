/** What was found among the mails and files that were read: each report once, with who vouches for it. */
import type { AggregateReport } from "../../authentication/reports/aggregate.ts";
import { parseAggregate } from "../../authentication/reports/aggregate-parse.ts";
import { parseFeedbackReport, type FeedbackReport } from "../../authentication/reports/arf.ts";
import { attachedReport } from "../../authentication/reports/attachment.ts";
import { REPORT_LIMITS } from "../../authentication/reports/limits.ts";
import {
  namesReporter,
  type ReportOrigin,
  type SameOrganization,
  type UnprovenReason,
} from "../../authentication/reports/origin.ts";
import type { TlsReport } from "../../authentication/reports/tlsrpt.ts";
import { parseTlsReport } from "../../authentication/reports/tlsrpt-parse.ts";
import { decodeWords } from "../../message/encoded-word.ts";
import type { Outline } from "../../message/outline.ts";

/** Who is said to have sent a report. `byHand`: a file, in which anybody can have written that we had seen a proof. */
export type Origin = { readonly domain: string | undefined; readonly byHand: boolean };
const UNKNOWN_FILE: Origin = { domain: undefined, byHand: true };

/** `reporter`: the domain that sent it; where none is known, what the report says of itself. */
export type Received<T> = { readonly reporter: string; readonly report: T; readonly byHand?: true };
export type Unproven = { readonly claimed: string; readonly why: UnprovenReason; readonly mails: number };
/** Reports that found no room in the bounds of a run, by reporter. */
export type LeftOut = { readonly reporter: string; readonly mails: number };

const DAY_MS = 86_400_000;
const DAY_S = 86_400;

export class FoundReports {
  readonly #aggregate = new Map<string, Received<AggregateReport>>();
  readonly #tls = new Map<string, Received<TlsReport>>();
  /** By what was complained about, so that one that came twice counts once. */
  readonly #complaints = new Map<string, FeedbackReport>();
  readonly #unproven = new Map<string, Unproven>();
  readonly #leftOut = new Map<string, LeftOut>();
  /** Reports by reporter, domain and day. */
  readonly #perDay = new Map<string, number>();
  readonly #isSame: SameOrganization;
  unreadable = 0;

  constructor(isSame: SameOrganization = () => Promise.resolve(false)) {
    this.#isSame = isSame;
  }

  get aggregate(): readonly Received<AggregateReport>[] {
    return [...this.#aggregate.values()];
  }
  get tls(): readonly Received<TlsReport>[] {
    return [...this.#tls.values()];
  }
  get complaints(): readonly FeedbackReport[] {
    return [...this.#complaints.values()];
  }
  get unproven(): readonly Unproven[] {
    return [...this.#unproven.values()];
  }
  get leftOut(): readonly LeftOut[] {
    return [...this.#leftOut.values()];
  }

  /** The octets it took to read it. */
  async noteMail(octets: Buffer, outline: Outline, origin: Origin): Promise<number> {
    const complaint = parseFeedbackReport(octets, outline);
    if (complaint.ok) {
      const { type, userAgent, arrival_ms, original } = complaint.value;
      const key = JSON.stringify([type, userAgent, arrival_ms, original]);
      if (!this.#complaints.has(key)) this.#complaints.set(key, complaint.value);
      return octets.length;
    }
    const attached = attachedReport(octets, outline);
    if (!attached.ok) {
      if (attached.error !== "no-report") this.unreadable++;
      return octets.length;
    }
    const submitter = SUBMITTER.exec(decodeWords(outline.envelope.subject ?? ""))?.[1];
    if (!(await this.noteReport(attached.value.octets, origin, submitter))) this.unreadable++;
    return octets.length + attached.value.octets.length;
  }

  /** A report that came twice counts once, the first time: a later one cannot take its place. False: it is none. */
  async noteReport(octets: Buffer, origin: Origin = UNKNOWN_FILE, submitter?: string): Promise<boolean> {
    const aggregate = parseAggregate(octets);
    if (aggregate.ok) {
      const { report } = aggregate.value;
      const { organization, email, reportId, end_s } = report.metadata;
      // Nobody knows what will be; the newest report says what the policy is.
      if (end_s * 1000 > Date.now() + DAY_MS) return false;
      const about = {
        domain: report.policy.domain,
        end_s,
        reportId,
        names: [submitter, email, organization],
      };
      await this.#noteOnce(this.#aggregate, origin, about, report);
      return true;
    }
    const tls = parseTlsReport(octets);
    if (!tls.ok) return false;
    const { organization, contact, reportId, end_s, policies } = tls.value;
    const domain = policies[0]?.domain ?? "";
    await this.#noteOnce(
      this.#tls,
      origin,
      { domain, end_s, reportId, names: [submitter, contact, organization] },
      tls.value,
    );
    return true;
  }

  noteUnproven({ why, claimed = "" }: Extract<ReportOrigin, { kind: "unproven" }>): void {
    const own = JSON.stringify([why, claimed]);
    // The names are the senders' choice: beyond the limit they are counted together.
    const isApart = this.#unproven.has(own) || this.#unproven.size < REPORT_LIMITS.unprovenMax;
    const key = isApart ? own : why;
    const mails = (this.#unproven.get(key)?.mails ?? 0) + 1;
    this.#unproven.set(key, { why, claimed: isApart ? claimed : "", mails });
  }

  noteLeftOut(reporter: string): void {
    const mails = (this.#leftOut.get(reporter)?.mails ?? 0) + 1;
    this.#leftOut.set(reporter, { reporter, mails });
  }

  async #noteOnce<T>(
    reports: Map<string, Received<T>>,
    { domain: sender, byHand }: Origin,
    about: About,
    report: T,
  ): Promise<void> {
    const { names, domain, end_s, reportId } = about;
    if (sender !== undefined && !(await namesReporter(sender, names, this.#isSame)))
      return this.noteUnproven({ kind: "unproven", why: "other-name", claimed: sender });
    const reporter = sender ?? names.at(-1) ?? "";
    const key = JSON.stringify([byHand, reporter, reportId]);
    if (reports.has(key)) return;
    const day = JSON.stringify([byHand, reporter, domain, Math.floor(end_s / DAY_S)]);
    const sameDay = this.#perDay.get(day) ?? 0;
    if (sameDay >= REPORT_LIMITS.reporterDayReports) return this.noteLeftOut(reporter);
    this.#perDay.set(day, sameDay + 1);
    reports.set(key, { reporter, report, ...(byHand ? { byHand } : {}) });
  }
}

type About = {
  readonly domain: string;
  readonly end_s: number;
  readonly reportId: string;
  /** What the report calls its maker; the last one is for people. */
  readonly names: readonly (string | undefined)[];
};

/** Of the Subject; some leave out the colon, or put the name in braces. RFC 9990 §3.5.2 */
const SUBMITTER = /\bsubmitter:?\s+\{?([^\s;{}]+)/i;
