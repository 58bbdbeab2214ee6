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
import { apartText, reportersOf } from "./reports-apart.ts";
import type { FoundReports } from "./reports-found.ts";

/** `record`: the line to publish; absent where the DNS does not tell what stands there. */
type Advised = Advice & { readonly reporters: readonly string[]; readonly record?: string };

/** `wachpost reports advise`: whether a stricter DMARC policy would hurt, from what others report. */
export async function showAdvice(
  command: Command,
  { aggregate, unproven, leftOut }: FoundReports,
  dnsServer: string | undefined,
): Promise<void> {
  const byDomain = Map.groupBy(aggregate, ({ report }) => report.policy.domain);
  const advised: Advised[] = [];
  for (const [domain, own] of byDomain) {
    const advice = adviseDomain(
      domain,
      own.map(({ report }) => report),
    );
    const record = advice.next && (await recordLine(command, domain, advice.next, dnsServer));
    advised.push({ ...advice, reporters: reportersOf(own), ...(record === undefined ? {} : { record }) });
  }
  const text = advised.length === 0 ? NO_REPORTS : advised.map(adviceText).join("\n\n");
  outputOf(command).show(advised, [text, ...apartText(unproven, leftOut)].join("\n"));
}

const NO_REPORTS =
  "No DMARC report was found. They come a day or two after rua=mailto:… stands in your record; `wachpost dns DOMAIN` shows it.";

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

function adviceText(advice: Advised): string {
  const { domain, policy, days, messages, passed, reporters, ours, unknown } = advice;
  const stands = policy === "testing" ? "its policy is only tested (t=y)" : `p=${policy}`;
  return [
    `${domain}: ${stands}; ${passed} of ${messages} messages on ${days} days passed.`,
    `Reported by ${reporters.join(", ")}.`,
    ...sourcesText("Sources that prove most of their mail, and fail with some:", ours),
    ...sourcesText(
      "Sources that prove little or nothing (forgers, forwarders, or a service not set up yet):",
      unknown,
    ),
    verdictText(advice),
  ].join("\n");
}

function sourcesText(title: string, sources: readonly SourceSummary[]): string[] {
  if (sources.length === 0) return [];
  const rows = sources.map((one) => [
    one.source,
    one.senderDomain,
    String(one.messages),
    String(one.messages - one.passed),
  ]);
  return [title, table([["SOURCE", "ENVELOPE", "MESSAGES", "FAILED"], ...rows])];
}

function verdictText({ verdict, next, record, unknown }: Advised): string {
  if (verdict === "strictest")
    return "This is the strictest policy; nothing is left to do but to look at new sources.";
  if (verdict === "too-few")
    return `Wait: ${ADVICE_DAYS_MIN} days and ${ADVICE_MESSAGES_MIN} messages show who writes in your name; there are fewer.`;
  if (verdict === "ours-fail")
    return `Wait: p=${next} would lose mail of the sources above. Give them DKIM of this domain, then look again.`;
  const condition = unknown.length === 0 ? "Nothing failed" : "If none of these sources is yours";
  const line = record ?? `the record of _dmarc as it stands, with p=${next} and without t=y`;
  return `${condition}, take the next step and publish:\n  ${line}`;
}
