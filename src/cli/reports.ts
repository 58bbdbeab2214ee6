import { Option, type Command } from "commander";
import type { AggregateReport } from "../authentication/reports/aggregate.ts";
import { parseAggregate } from "../authentication/reports/aggregate-parse.ts";
import { parseFeedbackReport, type FeedbackReport } from "../authentication/reports/arf.ts";
import { attachedReport } from "../authentication/reports/attachment.ts";
import { summarise, type ReportSummary, type SourceSummary } from "../authentication/reports/summary.ts";
import type { TlsReport } from "../authentication/reports/tlsrpt.ts";
import { parseTlsReport } from "../authentication/reports/tlsrpt-parse.ts";
import { unpackReport } from "../authentication/reports/unpack.ts";
import { printable } from "../base/ascii.ts";
import { OperatorError } from "../base/operator-error.ts";
import { scan } from "../message/mime.ts";
import type { MailboxRow, Store } from "../store/store.ts";
import { globals, outputOf, withStore } from "./context.ts";
import { duration_ms } from "./duration.ts";
import { readNamedFile } from "./named-file.ts";
import { table } from "./output.ts";
import { showAdvice } from "./reports-advise.ts";
import { reportsSentCommands } from "./reports-sent.ts";

/** `wachpost reports`: what other servers report about mail in our name (RFC 9990) and about TLS to us (RFC 8460). */
export function reportsCommand(program: Command): void {
  const reports = program
    .command("reports")
    .description(
      "who sends in our name, how TLS went, from the reports others send; and what we report to them",
    );
  reportsSentCommands(reports);
  reports
    .command("received", { isDefault: true })
    .argument("[files...]", "reports or mails that hold them; without: those in a mailbox")
    .description("who sends in our name, and how TLS to us went, from the reports others send")
    .option("--account <login>", "whose mailbox they come to (default: every administrator)")
    .addOption(new Option("--mailbox <name>", "which mailbox").default("INBOX"))
    .option("--last <time>", "how far back, e.g. 30d", duration_ms, 30 * 86_400_000)
    .action(async (files: string[], options: ReportsOptions, command: Command) => {
      const found = files.length > 0 ? await inFiles(files) : await inMailboxes(command, options);
      show(command, found);
    });
  reports
    .command("advise")
    .argument("[files...]", "reports or mails that hold them; without: those in a mailbox")
    .description(
      "would a stricter DMARC policy lose mail of yours? The sources that fail, and the next record",
    )
    .option("--account <login>", "whose mailbox they come to (default: every administrator)")
    .addOption(new Option("--mailbox <name>", "which mailbox").default("INBOX"))
    .option("--last <time>", "how far back, e.g. 30d", duration_ms, 30 * 86_400_000)
    .option("--dns <server>", "ask this resolver for the record that stands (default: dns.servers)")
    .action(async (files: string[], options: AdviseOptions, command: Command) => {
      const { aggregate } = files.length > 0 ? await inFiles(files) : await inMailboxes(command, options);
      await showAdvice(command, [...aggregate.values()], options.dns);
    });
}

type ReportsOptions = { readonly account?: string; readonly mailbox: string; readonly last: number };
type AdviseOptions = ReportsOptions & { readonly dns?: string };
type Found = {
  readonly aggregate: Map<string, AggregateReport>;
  readonly tls: Map<string, TlsReport>;
  /** By what was complained about, so that one that came twice counts once. */
  readonly complaints: Map<string, FeedbackReport>;
  unreadable: number;
};
const nothing = (): Found => ({
  aggregate: new Map(),
  tls: new Map(),
  complaints: new Map(),
  unreadable: 0,
});

async function inFiles(files: readonly string[]): Promise<Found> {
  const found = nothing();
  for (const file of files) {
    const octets = await readNamedFile(file);
    const unpacked = unpackReport(octets);
    if (!unpacked.ok || !note(found, unpacked.value)) noteMail(found, octets);
  }
  return found;
}

/** The mails themselves are where reports are kept: nothing else to back up or to forget. */
function inMailboxes(command: Command, { account, mailbox, last }: ReportsOptions): Promise<Found> {
  return withStore(command, async (store) => {
    const found = nothing();
    const since_ms = Date.now() - last;
    for (const box of await mailboxes(store, account, mailbox)) await gather(store, box, since_ms, found);
    return found;
  });
}

async function mailboxes(store: Store, login: string | undefined, name: string): Promise<MailboxRow[]> {
  const accounts = (await store.directory.accounts()).filter((row) =>
    login === undefined ? row.administrator : row.login === login,
  );
  if (accounts.length === 0)
    throw new OperatorError(
      "no-account",
      login === undefined ? "There is no administrator." : `There is no account ${login}.`,
      "Name the account that gets the reports with --account LOGIN.",
    );
  const boxes = await Promise.all(accounts.map(({ id }) => store.mail.mailboxByName(id, name)));
  return boxes.filter((box) => box !== undefined);
}

async function gather({ mail }: Store, box: MailboxRow, since_ms: number, found: Found): Promise<void> {
  for await (const rows of mail.messages(box.id, await mail.uids(box.id))) {
    for (const { blob, internalDate_ms } of rows) {
      if (internalDate_ms < since_ms) continue;
      const outline = await mail.outline(blob);
      if (outline === undefined) continue;
      // Complaints have subjects of every kind, but are multipart/report.
      const isReport = outline.root.subtype === "report" || /report/i.test(outline.envelope.subject ?? "");
      if (!isReport) continue;
      const octets = await mail.octets(blob);
      if (octets !== undefined) noteMail(found, octets);
    }
  }
}

function noteMail(found: Found, octets: Buffer): void {
  const outline = scan(octets);
  const complaint = parseFeedbackReport(octets, outline);
  if (complaint.ok) {
    const { type, userAgent, arrival_ms, original } = complaint.value;
    found.complaints.set(JSON.stringify([type, userAgent, arrival_ms, original]), complaint.value);
    return;
  }
  const attached = attachedReport(octets, outline);
  if (attached.ok) {
    if (!note(found, attached.value.octets)) found.unreadable++;
  } else if (attached.error !== "no-report") found.unreadable++;
}

const DAY_MS = 86_400_000;

/** A report that came twice counts once, the first time: a later one cannot take its place. False: it is none. */
function note(found: Found, octets: Buffer): boolean {
  const aggregate = parseAggregate(octets);
  if (aggregate.ok) {
    const { report } = aggregate.value;
    const { organization, reportId, end_s } = report.metadata;
    // Nobody knows what will be; the newest report says what the policy is.
    if (end_s * 1000 > Date.now() + DAY_MS) return false;
    noteOnce(found.aggregate, `${organization} ${reportId}`, report);
    return true;
  }
  const tls = parseTlsReport(octets);
  if (tls.ok) noteOnce(found.tls, `${tls.value.organization} ${tls.value.reportId}`, tls.value);
  return tls.ok;
}

function noteOnce<T>(reports: Map<string, T>, key: string, report: T): void {
  if (!reports.has(key)) reports.set(key, report);
}

function show(command: Command, { aggregate, tls, complaints, unreadable }: Found): void {
  const domains = new Map<string, AggregateReport[]>();
  for (const report of aggregate.values())
    domains.set(report.policy.domain, [...(domains.get(report.policy.domain) ?? []), report]);
  const summaries = [...domains].map(([domain, reports]) => ({ domain, ...summarise(reports) }));
  const tlsReports = [...tls.values()];
  outputOf(command).show(
    {
      reports: aggregate.size,
      unreadable,
      domains: summaries,
      tls: tlsReports,
      complaints: [...complaints.values()],
    },
    [
      `${aggregate.size} DMARC and ${tls.size} TLS reports, ${unreadable} unreadable.`,
      ...summaries.map(domainText),
      ...tlsReports.flatMap(tlsLines),
      ...(complaints.size === 0 ? [] : [complaintsText([...complaints.values()])]),
      ...(globals(command).json === true ? [] : adviceFor(summaries)),
    ].join("\n"),
  );
}

const HEAD = ["SOURCE", "ENVELOPE", "MESSAGES", "PASS", "SPF", "DKIM", "JUNK", "REFUSED"];

function domainText(summary: ReportSummary & { readonly domain: string }): string {
  const { domain, messages, passed, sources } = summary;
  const row = (one: SourceSummary): string[] => [
    one.source,
    one.senderDomain,
    ...[one.messages, one.passed, one.spfPassed, one.dkimPassed, one.quarantined, one.rejected].map(String),
  ];
  return `\n${domain}: ${passed} of ${messages} messages passed DMARC.\n${table([HEAD, ...sources.map(row)])}`;
}

const tlsLines = ({ organization, policies }: TlsReport): string[] =>
  policies.map(
    ({ domain, type, successes, failures, details }) =>
      `\nTLS to ${domain} (${type}), seen by ${organization}: ${successes} well, ${failures} failed` +
      details.map((one) => `\n  ${one.type}: ${one.sessions} ${one.receivingHost ?? ""}`).join(""),
  );

/** What users of other providers marked as spam, and signatures others found broken. RFC 5965, RFC 6591 */
function complaintsText(complaints: readonly FeedbackReport[]): string {
  const row = ({ type, source, reportedDomains, originalSender, original }: FeedbackReport): string[] =>
    [type, source ?? "", reportedDomains.join(" "), originalSender ?? "", original.messageId ?? ""].map(
      (cell) => printable(cell, 100),
    );
  return `\n${complaints.length} complaints:\n${table([COMPLAINT_HEAD, ...complaints.map(row)])}`;
}

const COMPLAINT_HEAD = ["KIND", "SOURCE", "DOMAIN", "SENDER", "MESSAGE-ID"];

/** From none to quarantine to reject, once everything that fails is somebody else. */
function adviceFor(summaries: readonly (ReportSummary & { readonly domain: string })[]): string[] {
  return summaries.flatMap(({ domain, messages, passed, sources }) => {
    if (messages === 0) return [];
    const failing = sources.filter((one) => one.passed < one.messages).length;
    return failing === 0
      ? [
          `\n${domain}: nothing failed; a stricter policy (p=quarantine, then p=reject) would hit nobody seen here.`,
        ]
      : [`\n${domain}: ${failing} sources fail for ${messages - passed} messages. Which of them are yours?`];
  });
}
