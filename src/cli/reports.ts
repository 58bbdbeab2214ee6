import { Option, type Command } from "commander";
import type { FeedbackReport } from "../authentication/reports/arf.ts";
import { summarise, type ReportSummary, type SourceSummary } from "../authentication/reports/summary.ts";
import type { TlsReport } from "../authentication/reports/tlsrpt.ts";
import { printable } from "../base/ascii.ts";
import { globals, outputOf } from "./context.ts";
import { duration_ms } from "./duration.ts";
import { table } from "./output.ts";
import { showAdvice } from "./reports-advise.ts";
import { apartText, named, reportersOf } from "./reports-apart.ts";
import type { FoundReports, Received } from "./reports-found.ts";
import { reportsInFiles, reportsInMailboxes, type MailboxesRead } from "./reports-read.ts";
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
    .action(async (files: string[], options: MailboxesRead, command: Command) => {
      show(command, await found(files, options, command));
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
      await showAdvice(command, await found(files, options, command), options.dns);
    });
}

type AdviseOptions = MailboxesRead & { readonly dns?: string };

const found = (files: readonly string[], options: MailboxesRead, command: Command): Promise<FoundReports> =>
  files.length > 0 ? reportsInFiles(files) : reportsInMailboxes(command, options);

function show(command: Command, all: FoundReports): void {
  const { aggregate, tls, complaints, unproven, leftOut, unreadable } = all;
  const domains = Map.groupBy(aggregate, ({ report }) => report.policy.domain);
  const summaries = [...domains].map(([domain, own]) => ({
    domain,
    reporters: reportersOf(own),
    ...summarise(own.map(({ report }) => report)),
  }));
  outputOf(command).show(
    {
      reports: aggregate.length,
      unreadable,
      domains: summaries,
      tls: tls.map(({ reporter, report }) => ({ reporter, ...report })),
      complaints,
      unproven,
      leftOut,
    },
    [
      `${aggregate.length} DMARC and ${tls.length} TLS reports, ${unreadable} unreadable.`,
      ...summaries.map(domainText),
      ...tls.flatMap(tlsLines),
      ...(complaints.length === 0 ? [] : [complaintsText(complaints)]),
      ...apartText(unproven, leftOut),
      ...(globals(command).json === true ? [] : adviceFor(summaries)),
    ].join("\n"),
  );
}

const HEAD = ["SOURCE", "ENVELOPE", "MESSAGES", "PASS", "SPF", "DKIM", "JUNK", "REFUSED"];

type DomainSummary = ReportSummary & { readonly domain: string; readonly reporters: readonly string[] };

function domainText({ domain, reporters, messages, passed, sources }: DomainSummary): string {
  const row = (one: SourceSummary): string[] => [
    one.source,
    one.senderDomain,
    ...[one.messages, one.passed, one.spfPassed, one.dkimPassed, one.quarantined, one.rejected].map(String),
  ];
  const head = `\n${domain}: ${passed} of ${messages} messages passed DMARC, by reports of ${reporters.join(", ")}.`;
  return `${head}\n${table([HEAD, ...sources.map(row)])}`;
}

const tlsLines = ({ reporter, report }: Received<TlsReport>): string[] =>
  report.policies.map(
    ({ domain, type, successes, failures, details }) =>
      `\nTLS to ${domain} (${type}), seen by ${named(reporter)}: ${successes} well, ${failures} failed` +
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
function adviceFor(summaries: readonly DomainSummary[]): string[] {
  return summaries.flatMap(({ domain, messages, passed, sources }) => {
    if (messages === 0) return [];
    const failing = sources.filter((one) => one.passed < one.messages).length;
    return failing === 0
      ? [
          `\n${domain}: nothing failed; a stricter policy (p=quarantine, then p=reject) would hit nobody seen here.`,
        ]
      : [
          `\n${domain}: sources that fail: ${failing}, for ${messages - passed} of ${messages} messages. Which of them are yours?`,
        ];
  });
}
