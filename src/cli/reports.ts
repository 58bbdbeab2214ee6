import { Option, type Command } from "commander";
import type { FeedbackReport } from "../authentication/reports/arf.ts";
import { summarise, type ReportSummary, type SourceSummary } from "../authentication/reports/summary.ts";
import type { TlsReport } from "../authentication/reports/tlsrpt.ts";
import { printable } from "../base/ascii.ts";
import { outputOf } from "./context.ts";
import { durationOption } from "./duration.ts";
import { table } from "./output.ts";
import { showAdvice } from "./reports-advise.ts";
import { apartText, headOf, named, reportersOf } from "./reports-apart.ts";
import type { FoundReports, Received } from "../mta/reports/found.ts";
import { reportsInFiles, reportsInMailboxes, type MailboxesRead } from "./reports-read.ts";
import { reportsSentCommands } from "./reports-sent.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { REPORTS_WORDS } from "./reports-words.ts";
import { languageOf, spoken } from "./spoken.ts";

/** `wachpost reports`: what other servers report about mail in our name (RFC 9990) and about TLS to us (RFC 8460). */
export function reportsCommand(program: Command): void {
  const reports = program
    .command("reports")
    .description(
      "who sends in our name, how TLS went, from the reports others send; and what we report to them",
    );
  reportsSentCommands(reports);
  spoken(reports.command("received", { isDefault: true }))
    .argument("[files...]", "reports or mails that hold them; without: those in a mailbox")
    .description("who sends in our name, and how TLS to us went, from the reports others send")
    .option("--account <login>", "whose mailbox they come to (default: every administrator)")
    .addOption(new Option("--mailbox <name>", "which mailbox").default("INBOX"))
    .addOption(durationOption("--last <time>", "how far back, e.g. 12h or 7d", "30d"))
    .action(async (files: string[], options: MailboxesRead, command: Command) => {
      show(command, await found(files, options, command));
    });
  spoken(reports.command("advise"))
    .argument("[files...]", "reports or mails that hold them; without: those in a mailbox")
    .description(
      "would a stricter DMARC policy lose mail of yours? The sources that fail, and the next record",
    )
    .option("--account <login>", "whose mailbox they come to (default: every administrator)")
    .addOption(new Option("--mailbox <name>", "which mailbox").default("INBOX"))
    .addOption(durationOption("--last <time>", "how far back, e.g. 12h or 7d", "30d"))
    .option("--dns <server>", "ask this resolver for the record that stands (default: dns.servers)")
    .action(async (files: string[], options: AdviseOptions, command: Command) => {
      await showAdvice(command, await found(files, options, command), options.dns);
    });
}

type AdviseOptions = MailboxesRead & { readonly dns?: string };

const found = (files: readonly string[], options: MailboxesRead, command: Command): Promise<FoundReports> =>
  files.length > 0 ? reportsInFiles(command, files) : reportsInMailboxes(command, options);

function show(command: Command, all: FoundReports): void {
  const { aggregate, tls, complaints, unproven, leftOut, unreadable } = all;
  const domains = Map.groupBy(aggregate, ({ report }) => report.policy.domain);
  const language = languageOf(command);
  const summaries = [...domains].map(([domain, own]) => ({
    domain,
    reporters: reportersOf(own, language),
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
      say(REPORTS_WORDS.counted, language, {
        dmarc: String(aggregate.length),
        tls: String(tls.length),
        unreadable: String(unreadable),
      }),
      ...summaries.map((one) => domainText(one, language)),
      ...tls.flatMap((one) => tlsLines(one, language)),
      ...(complaints.length === 0 ? [] : [complaintsText(complaints, language)]),
      ...apartText(unproven, leftOut, language),
      ...summaries.flatMap((one) => adviceFor(one, language)),
    ].join("\n"),
  );
}

type DomainSummary = ReportSummary & { readonly domain: string; readonly reporters: readonly string[] };

function domainText(
  { domain, reporters, messages, passed, sources }: DomainSummary,
  language: Language,
): string {
  const row = (one: SourceSummary): string[] => [
    one.source,
    one.senderDomain,
    ...[one.messages, one.passed, one.spfPassed, one.dkimPassed, one.quarantined, one.rejected].map(String),
  ];
  const head = say(REPORTS_WORDS.domain, language, {
    domain,
    passed: String(passed),
    messages: String(messages),
    reporters: reporters.join(", "),
  });
  return `\n${head}\n${table([headOf("head", language), ...sources.map(row)])}`;
}

const tlsLines = ({ reporter, report }: Received<TlsReport>, language: Language): string[] =>
  report.policies.map(
    ({ domain, type, successes, failures, details }) =>
      `\n${say(REPORTS_WORDS.tls, language, {
        domain,
        type,
        reporter: named(reporter),
        well: String(successes),
        failed: String(failures),
      })}` + details.map((one) => `\n  ${one.type}: ${one.sessions} ${one.receivingHost ?? ""}`).join(""),
  );

/** What users of other providers marked as spam, and signatures others found broken. RFC 5965, RFC 6591 */
function complaintsText(complaints: readonly FeedbackReport[], language: Language): string {
  const row = ({ type, source, reportedDomains, originalSender, original }: FeedbackReport): string[] =>
    [type, source ?? "", reportedDomains.join(" "), originalSender ?? "", original.messageId ?? ""].map(
      (cell) => printable(cell, 100),
    );
  const head = say(REPORTS_WORDS.complaints, language, { count: String(complaints.length) });
  return `\n${head}\n${table([headOf("complaintshead", language), ...complaints.map(row)])}`;
}

/** From none to quarantine to reject, once everything that fails is somebody else. */
function adviceFor({ domain, messages, passed, sources }: DomainSummary, language: Language): string[] {
  if (messages === 0) return [];
  const failing = sources.filter((one) => one.passed < one.messages).length;
  const values = {
    domain,
    sources: String(failing),
    failed: String(messages - passed),
    messages: String(messages),
  };
  return [`\n${say(REPORTS_WORDS[failing === 0 ? "nothingfailed" : "somefailed"], language, values)}`];
}
