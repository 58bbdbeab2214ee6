import type { Command } from "commander";
import {
  ADVICE_DAYS_MIN,
  ADVICE_MESSAGES_MIN,
  adviseDomain,
  raisedRecord,
  type Advice,
} from "../authentication/reports/advice.ts";
import type { SourceSummary } from "../authentication/reports/summary.ts";
import { systemClock } from "../base/clock.ts";
import { parseDomain } from "../base/domain-name.ts";
import { loadConfig } from "../config/load.ts";
import { resolver } from "../dns/configured.ts";
import { configFile, globals, outputOf } from "./context.ts";
import { table } from "./output.ts";
import { apartText, headOf, reportersOf } from "./reports-apart.ts";
import type { FoundReports } from "../mta/reports/found.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { REPORTS_WORDS } from "./reports-words.ts";
import { languageOf } from "./spoken.ts";

/** `record`: the line to publish; absent where the DNS does not tell what stands there. */
type Advised = Advice & { readonly reporters: readonly string[]; readonly record?: string };

/** `wachpost reports advise`: whether a stricter DMARC policy would hurt, from what others report. */
export async function showAdvice(
  command: Command,
  { aggregate, unproven, leftOut }: FoundReports,
  dnsServer: string | undefined,
): Promise<void> {
  const language = languageOf(command);
  const byDomain = Map.groupBy(aggregate, ({ report }) => report.policy.domain);
  const advised: Advised[] = [];
  for (const [domain, own] of byDomain) {
    const advice = adviseDomain(
      domain,
      own.map(({ report }) => report),
    );
    const record = advice.next && (await recordLine(command, domain, advice.next, dnsServer));
    advised.push({
      ...advice,
      reporters: reportersOf(own, language),
      ...(record === undefined ? {} : { record }),
    });
  }
  const text =
    advised.length === 0
      ? say(REPORTS_WORDS.noreports, language, {})
      : advised.map((one) => adviceText(one, language)).join("\n\n");
  outputOf(command).show(advised, [text, ...apartText(unproven, leftOut, language)].join("\n"));
}

async function recordLine(
  command: Command,
  domain: string,
  next: NonNullable<Advice["next"]>,
  dnsServer: string | undefined,
): Promise<string | undefined> {
  const name = parseDomain(`_dmarc.${domain}`);
  if (name === undefined) return undefined;
  const servers =
    dnsServer === undefined ? (await loadConfig(configFile(globals(command)))).dns.servers : [dnsServer];
  const answer = await (await resolver(servers, systemClock)).query(name, "TXT");
  const texts =
    answer.kind === "records" ? answer.records.flatMap((one) => raisedRecord(one, next) ?? []) : [];
  return texts.length === 1 ? `${name}. TXT "${texts[0]}"` : undefined;
}

function adviceText(advice: Advised, language: Language): string {
  const { domain, policy, days, messages, passed, reporters, ours, unknown } = advice;
  const values = {
    domain,
    policy: policy === "testing" ? say(REPORTS_WORDS.tested, language, {}) : `p=${policy}`,
    passed: String(passed),
    messages: String(messages),
    days: String(days),
  };
  return [
    say(REPORTS_WORDS.stands, language, values),
    say(REPORTS_WORDS.reportedby, language, { reporters: reporters.join(", ") }),
    ...sourcesText("ours", ours, language),
    ...sourcesText("unknown", unknown, language),
    verdictText(advice, language),
  ].join("\n");
}

function sourcesText(
  title: "ours" | "unknown",
  sources: readonly SourceSummary[],
  language: Language,
): string[] {
  if (sources.length === 0) return [];
  const rows = sources.map((one) => [
    one.source,
    one.senderDomain,
    String(one.messages),
    String(one.messages - one.passed),
  ]);
  return [REPORTS_WORDS[title][language], table([headOf("sourceshead", language), ...rows])];
}

function verdictText({ verdict, next: step, record, unknown }: Advised, language: Language): string {
  const next = step ?? "";
  if (verdict === "strictest") return REPORTS_WORDS.strictest[language];
  if (verdict === "too-few")
    return say(REPORTS_WORDS.toofew, language, {
      days: String(ADVICE_DAYS_MIN),
      messages: String(ADVICE_MESSAGES_MIN),
    });
  if (verdict === "ours-fail") return say(REPORTS_WORDS.oursfail, language, { next });
  const publish = REPORTS_WORDS[unknown.length === 0 ? "publish" : "publishif"][language];
  return `${publish}\n  ${record ?? say(REPORTS_WORDS.record, language, { next })}`;
}
