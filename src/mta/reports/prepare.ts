/** One report as it would go out now: asked of the store and the DNS, nothing changed. */
import { buildAggregateMail } from "../../authentication/reports/aggregate-mail.ts";
import { buildAggregateXml } from "../../authentication/reports/aggregate-build.ts";
import type { AggregateReport } from "../../authentication/reports/aggregate.ts";
import type { Dns } from "../../dns/answer.ts";
import type { Mailbox } from "../../message/address.ts";
import type { ReportDue, ReportReads } from "../../store/report-counts.ts";
import type { Signer } from "../signer.ts";
import { aggregateOfDay, shortened } from "./aggregate-day.ts";
import { aggregatePlaces, type Place, type Places } from "./destinations.ts";
import { domainOfReporter, reportIdOf, type Reporter } from "./reporter.ts";

export type Preparing = {
  readonly reports: ReportReads;
  readonly dns: Dns;
  readonly signer: Pick<Signer, "signatures">;
  readonly reporter: Reporter;
  readonly now_ms: number;
  readonly signal?: AbortSignal;
};

export type PreparedMail = { readonly to: string; readonly octets: Buffer };
export type Prepared = {
  readonly reportId: string;
  /** Messages or connections it tells of. */
  readonly told: number;
  /** The report itself, for people to look at. */
  readonly text: string;
} & (
  | { readonly state: "ready"; readonly mails: readonly PreparedMail[] }
  /** There is nobody to send it to: `not-wanted`, `not-authorised`, … */
  | { readonly state: "none"; readonly outcome: string }
  /** Not now: `dns`, `no-signing-key`. */
  | { readonly state: "later"; readonly why: string }
);

export async function prepareReport(preparing: Preparing, due: ReportDue): Promise<Prepared> {
  const { reports, dns, reporter, signal } = preparing;
  const rows = await reports.reportRows(due);
  const reportId = reportIdOf(due, reporter);
  const report = aggregateOfDay(due, rows, reporter);
  if (report === undefined) return { reportId, told: 0, text: "", state: "none", outcome: "unreadable" };
  const told = report.records.reduce((sum, { count }) => sum + count, 0);
  const known = { reportId, told, text: buildAggregateXml(report) };
  const places = await aggregatePlaces(due.domain, dns, signal);
  return {
    ...known,
    ...(await addressed(preparing, places, (place, n) => aggregateMail(preparing, report, place, n))),
  };
}

type Addressed =
  | { readonly state: "ready"; readonly mails: readonly PreparedMail[] }
  | { readonly state: "none"; readonly outcome: string }
  | { readonly state: "later"; readonly why: string };

async function addressed(
  { signer }: Preparing,
  places: Places,
  build: (place: Place, n: number) => Buffer | undefined,
): Promise<Addressed> {
  if (places.kind === "unknown") return { state: "later", why: "dns" };
  if (places.kind === "none") return { state: "none", outcome: places.outcome };
  const mails: PreparedMail[] = [];
  for (const [n, place] of places.places.entries()) {
    const octets = build(place, n);
    if (octets === undefined) continue;
    const signatures = await signer.signatures(octets);
    // Unsigned it would be refused, and nobody could tell it from a forged one.
    if (signatures.length === 0) return { state: "later", why: "no-signing-key" };
    mails.push({ to: place.to, octets: Buffer.concat([signatures, octets]) });
  }
  return mails.length === 0 ? { state: "none", outcome: "too-large" } : { state: "ready", mails };
}

/** Room for the signatures that come on top. */
const SIGNATURES_OCTETS = 4096;
/** Tries to fit a report into the size that is asked for. */
const FITTINGS_MAX = 8;

function aggregateMail(
  { reporter, now_ms }: Preparing,
  whole: AggregateReport,
  { to, octetsMax }: Place,
  n: number,
): Buffer | undefined {
  let report = whole;
  for (let i = 0; i < FITTINGS_MAX; i++) {
    const octets = buildAggregateMail({
      report,
      submitter: domainOfReporter(reporter),
      from: mailboxOf(reporter.from, reporter.organization),
      to: mailboxOf(to),
      date: { epoch_ms: now_ms, zone_minutes: 0 },
      messageId: `<${n}.${whole.metadata.reportId}>`,
    });
    const room = octetsMax - SIGNATURES_OCTETS;
    if (octets.length <= room) return octets;
    report = shortened(whole, (0.8 ** i * room) / octets.length);
  }
  return undefined;
}

function mailboxOf(address: string, name?: string): Mailbox {
  const at = address.lastIndexOf("@");
  return {
    kind: "mailbox",
    ...(name === undefined ? {} : { name }),
    localPart: address.slice(0, at),
    domain: address.slice(at + 1),
  };
}
