/** One report as it would go out now: asked of the store and the DNS, nothing changed. */
import { buildAggregateMail } from "../../authentication/reports/aggregate-mail.ts";
import { buildAggregateXml, packAggregate } from "../../authentication/reports/aggregate-build.ts";
import type { AggregateReport } from "../../authentication/reports/aggregate.ts";
import {
  buildTlsReportJson,
  buildTlsReportMail,
  packTlsReport,
} from "../../authentication/reports/tlsrpt-build.ts";
import type { Dns } from "../../dns/answer.ts";
import type { Mailbox } from "../../message/address.ts";
import type { ReportDue, ReportReads, ReportRow } from "../../store/report-counts.ts";
import type { Signer } from "../signer.ts";
import { aggregateOfDay, shortened } from "./aggregate-day.ts";
import { aggregatePlaces, tlsPlaces, type Place, type Places } from "./destinations.ts";
import { domainOfReporter, reportIdOf, type Reporter } from "./reporter.ts";
import { tlsReportOfDay } from "./tls-day.ts";

export type Preparing = {
  readonly reports: ReportReads;
  readonly dns: Dns;
  readonly signer: Pick<Signer, "signatures">;
  readonly reporter: Reporter;
  readonly now_ms: number;
  readonly signal?: AbortSignal;
};

export type PreparedMail = { readonly to: string; readonly octets: Buffer };
export type PreparedPost = { readonly url: string; readonly octets: Buffer };
export type Prepared = {
  readonly reportId: string;
  /** Messages or connections it tells of. */
  readonly told: number;
  /** The report itself, for people to look at. */
  readonly text: string;
} & (
  | {
      readonly state: "ready";
      readonly mails: readonly PreparedMail[];
      /** Endpoints that take it by HTTPS; only where nobody wants it by mail. */
      readonly posts: readonly PreparedPost[];
    }
  /** There is nobody to send it to: `not-wanted`, `not-authorised`, … */
  | { readonly state: "none"; readonly outcome: string }
  /** Not now: `dns`, `no-signing-key`. */
  | { readonly state: "later"; readonly why: string }
);

export async function prepareReport(preparing: Preparing, due: ReportDue): Promise<Prepared> {
  const rows = await preparing.reports.reportRows(due);
  const reportId = reportIdOf(due, preparing.reporter);
  const made = due.kind === "dmarc" ? aggregate(preparing, due, rows) : tls(preparing, due, rows);
  if (made === undefined) return { reportId, told: 0, text: "", state: "none", outcome: "unreadable" };
  const { told, text, places, build, packed } = made;
  const where = await places();
  return { reportId, told, text, ...(await addressed(preparing, where, build, packed)) };
}

/** A report with the ways to send it. */
type Made = {
  readonly told: number;
  readonly text: string;
  readonly places: () => Promise<Places>;
  readonly build: (place: Place, n: number) => Buffer | undefined;
  readonly packed: () => Buffer;
};

function aggregate(preparing: Preparing, due: ReportDue, rows: readonly ReportRow[]): Made | undefined {
  const { dns, reporter, signal } = preparing;
  const report = aggregateOfDay(due, rows, reporter);
  return (
    report && {
      told: report.records.reduce((sum, { count }) => sum + count, 0),
      text: buildAggregateXml(report),
      places: () => aggregatePlaces(due.domain, dns, signal),
      build: (place, n) => aggregateMail(preparing, report, place, n),
      packed: () => packAggregate(report),
    }
  );
}

function tls(preparing: Preparing, due: ReportDue, rows: readonly ReportRow[]): Made | undefined {
  const { dns, reporter, signal } = preparing;
  const report = tlsReportOfDay(due, rows, reporter);
  return (
    report && {
      told: report.policies.reduce((sum, { successes, failures }) => sum + successes + failures, 0),
      text: buildTlsReportJson(report),
      places: () => tlsPlaces(due.domain, dns, signal),
      build: ({ to, octetsMax }, n) => {
        const octets = buildTlsReportMail({
          ...headOf(preparing, to, report.reportId, n),
          report,
          policyDomain: due.domain,
        });
        return octets.length <= octetsMax - SIGNATURES_OCTETS ? octets : undefined;
      },
      packed: () => packTlsReport(report),
    }
  );
}

type Addressed =
  | {
      readonly state: "ready";
      readonly mails: readonly PreparedMail[];
      readonly posts: readonly PreparedPost[];
    }
  | { readonly state: "none"; readonly outcome: string }
  | { readonly state: "later"; readonly why: string };

async function addressed(
  { signer }: Preparing,
  places: Places,
  build: Made["build"],
  packed: Made["packed"],
): Promise<Addressed> {
  if (places.kind === "unknown") return { state: "later", why: "dns" };
  if (places.kind === "none") return { state: "none", outcome: places.outcome };
  const mails: PreparedMail[] = [];
  const posts = places.places
    .filter(({ by }) => by === "https")
    .map(({ to }) => ({ url: to, octets: packed() }));
  for (const [n, place] of places.places.entries()) {
    if (place.by !== "mail") continue;
    const octets = build(place, n);
    if (octets === undefined) continue;
    const signatures = await signer.signatures(octets);
    // Unsigned it would be refused, and nobody could tell it from a forged one.
    if (signatures.length === 0) return { state: "later", why: "no-signing-key" };
    mails.push({ to: place.to, octets: Buffer.concat([signatures, octets]) });
  }
  if (mails.length === 0 && posts.length === 0) return { state: "none", outcome: "too-large" };
  return { state: "ready", mails, posts };
}

/** Room for the signatures that come on top. */
const SIGNATURES_OCTETS = 4096;
/** Tries to fit a report into the size that is asked for. */
const FITTINGS_MAX = 8;

function aggregateMail(
  preparing: Preparing,
  whole: AggregateReport,
  { to, octetsMax }: Place,
  n: number,
): Buffer | undefined {
  const room = octetsMax - SIGNATURES_OCTETS;
  let report = whole;
  let wholeLength = 0;
  for (let i = 0; i < FITTINGS_MAX; i++) {
    const head = headOf(preparing, to, whole.metadata.reportId, n);
    const octets = buildAggregateMail({ ...head, report });
    if (octets.length <= room) return octets;
    if (i === 0) wholeLength = octets.length;
    report = shortened(whole, (0.8 ** i * room) / wholeLength);
  }
  return undefined;
}

const headOf = ({ reporter, now_ms }: Preparing, to: string, reportId: string, n: number) => ({
  submitter: domainOfReporter(reporter),
  from: mailboxOf(reporter.from, reporter.organization),
  to: mailboxOf(to),
  date: { epoch_ms: now_ms, zone_minutes: 0 },
  messageId: `<${n}.${reportId}>`,
});

function mailboxOf(address: string, name?: string): Mailbox {
  const at = address.lastIndexOf("@");
  return {
    kind: "mailbox",
    ...(name === undefined ? {} : { name }),
    localPart: address.slice(0, at),
    domain: address.slice(at + 1),
  };
}
