import { request } from "node:https";
import { InvalidArgumentError, type Command } from "commander";
import { addresses } from "../accounts/addresses.ts";
import { systemClock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import { silentLog } from "../base/log.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { resolver } from "../dns/configured.ts";
import { encodeRecord } from "../journal/encode.ts";
import { prepareReport, type Prepared } from "../mta/reports/prepare.ts";
import { findReporter, reporterSettings } from "../mta/reports/reporter.ts";
import { sendReport, type Sending } from "../mta/reports/send.ts";
import { SentToday } from "../mta/reports/sent-today.ts";
import { dayOf } from "../mta/reports/tally.ts";
import { Signer } from "../mta/signer.ts";
import type { ReportDue, ReportSettled } from "../store/report-counts.ts";
import type { Store } from "../store/store.ts";
import { tlsReportPost } from "../tls/tlsrpt-post.ts";
import { configFile, globals, outputOf, withStore } from "./context.ts";
import { durationOption } from "./duration.ts";
import { table } from "./output.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { REPORTS_WORDS } from "./reports-words.ts";
import { headOf } from "./reports-apart.ts";
import { languageOf, spoken } from "./spoken.ts";

const DAY_MS = 86_400_000;
const REPORTS_MAX = 20_000;

/** `wachpost reports sent` and `send`: what this server reports to other domains. */
export function reportsSentCommands(reports: Command): void {
  spoken(reports.command("sent"))
    .description("the reports this server made about mail from other domains and TLS to them")
    .addOption(durationOption("--last <time>", "how far back, e.g. 12h or 7d", "30d"))
    .option("--all", "also those nobody wanted or could be sent")
    .action((options: SentOptions, command: Command) =>
      withStore(command, async (store) => {
        const since_day = dayOf(systemClock.now() - options.last);
        const all = await store.reports.reportsSettled({ since_day, limit: REPORTS_MAX });
        const found = options.all === true ? all : all.filter(({ outcome }) => outcome === "sent");
        outputOf(command).show(
          found,
          found.length === 0
            ? REPORTS_WORDS.nothingsent[languageOf(command)]
            : table([headOf("senthead", languageOf(command)), ...found.map(sentRow)]),
        );
      }),
    );
  spoken(reports.command("send"))
    .description("make and queue the reports of a day now; a running server does it once a day by itself")
    .option("--day <day>", "UTC, e.g. 2026-11-24 (default: yesterday)", day)
    .option("--domain <domain>", "only the report to this domain")
    .option("--dry-run", "only show what would be sent; also for today")
    .action((options: SendOptions, command: Command) => send(command, options));
}

type SentOptions = { readonly last: number; readonly all?: boolean };
type SendOptions = { readonly day?: string; readonly domain?: string; readonly dryRun?: boolean };

const sentRow = ({ day: on, kind, domain, told, outcome, sentTo }: ReportSettled): string[] => [
  on,
  kind,
  domain,
  String(told),
  outcome,
  sentTo.map(({ to }) => to).join(", "),
  sentTo.map(({ id }) => id).join(" "),
];

function day(text: string): string {
  const parsed = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(parsed) || dayOf(parsed) !== text)
    throw new InvalidArgumentError("Write a day as 2026-11-24.");
  return text;
}

type Made = ReportDue & Prepared;

async function send(command: Command, { day: asked, domain, dryRun = false }: SendOptions): Promise<void> {
  const thisDay = dayOf(systemClock.now());
  const wanted = asked ?? dayOf(systemClock.now() - DAY_MS);
  if (!dryRun && wanted >= thisDay)
    throw new OperatorError(
      "day-not-over",
      `${wanted} is not over (UTC), and a day is reported once.`,
      "Look at it with --dry-run, or wait until tomorrow.",
    );
  await withStore(command, async (store) => {
    const sending = await sendingOf(command, store);
    const before_day = dayOf(Date.parse(wanted) + DAY_MS);
    const due = (await store.reports.reportsDue({ before_day, limit: REPORTS_MAX })).filter(
      (one) => one.day === wanted && (domain === undefined || one.domain === domain),
    );
    const today = await SentToday.of(store, systemClock.now());
    const made: Made[] = [];
    for (const one of due) {
      const now_ms = systemClock.now();
      const prepared = dryRun
        ? await prepareReport({ ...sending, reports: store.reports, now_ms }, one)
        : await sendReport(sending, one, today);
      made.push({ ...one, ...prepared });
    }
    outputOf(command).show(
      { day: wanted, dryRun, reports: made.map(valueOf) },
      textOf(made, { on: wanted, dryRun, whole: domain !== undefined, language: languageOf(command) }),
    );
  });
}

async function sendingOf(command: Command, store: Store): Promise<Sending> {
  const config = await loadConfig(configFile(globals(command)));
  const reporter = await findReporter(reporterSettings(config), store.directory);
  if (reporter === undefined)
    throw new OperatorError(
      "no-sender",
      "No domain here has a signing key, so nobody would believe the reports.",
      "Add a domain with `wachpost domain add DOMAIN`.",
    );
  const dns = await resolver(config.dns.servers, systemClock);
  const { days: keep_days, size_octets: octets_max, subjects, fates } = config.journal;
  return {
    store,
    addresses: addresses(store),
    hostName: config.hostname,
    dns,
    signer: new Signer(store, systemClock),
    reporter,
    now: () => systemClock.now(),
    newId: () => randomId(),
    post: tlsReportPost({ dns, request }),
    journal: { entry: (record) => encodeRecord(record, { keep_days, octets_max, subjects, fates }) },
    log: silentLog,
  };
}

function valueOf(made: Made): unknown {
  const { kind: _, ...about } = made;
  return made.state === "ready"
    ? {
        ...about,
        state: made.state,
        mails: made.mails.map(({ to, octets }) => ({ to, size_octets: octets.length })),
      }
    : { ...about, state: made.state };
}

type Told = {
  readonly on: string;
  readonly dryRun: boolean;
  /** With the reports themselves. */
  readonly whole: boolean;
  readonly language: Language;
};

function textOf(made: readonly Made[], { on, dryRun, whole, language }: Told): string {
  if (made.length === 0) return say(REPORTS_WORDS.nothingdue, language, { day: on });
  const rows = made.map((one) => [one.domain, one.kind, String(one.told), fateOf(one, language)]);
  const ready = made.filter(({ state }) => state === "ready").length;
  const values = { ready: String(ready), all: String(made.length) };
  return [
    table([headOf("sendhead", language), ...rows]),
    `\n${say(REPORTS_WORDS[dryRun ? "wouldbesent" : "weresent"], language, values)}`,
    ...(whole ? made.map(({ text }) => `\n${text.trimEnd()}`) : []),
  ].join("\n");
}

function fateOf(made: Made, language: Language): string {
  if (made.state === "ready")
    return [
      ...made.mails.map(({ to, octets }) => ({ to, octets })),
      ...made.posts.map(({ url, octets }) => ({ to: url, octets })),
    ]
      .map(({ to, octets }) => say(REPORTS_WORDS.octets, language, { to, octets: String(octets.length) }))
      .join(", ");
  return made.state === "none"
    ? say(REPORTS_WORDS.nobody, language, { outcome: made.outcome })
    : say(REPORTS_WORDS.later, language, { why: made.why });
}
