import { exceptionCommand } from "./exception.ts";
import { tellAsked } from "./explain-asked.ts";
import { JOURNAL_LIMITS } from "./limits.ts";
import type { Judgement, ReplyRecord, Step } from "./record.ts";
import type { Teller } from "./teller.ts";
import { wordsOf } from "./words/catalogue.ts";
import { fill, type Values } from "./words/fill.ts";
import type { SentenceKey } from "./words/sentences.ts";

const INDENT = "  ";
/** Questions told per decision. */
const EVIDENCE_MAX = 3;

const REFUSED = {
  connect: "refusedConnect",
  helo: "refusedHelo",
  mail: "refusedMail",
  rcpt: "refusedRcpt",
  data: "refusedData",
  message: "refusedMessage",
} as const satisfies Record<Judgement["command"], SentenceKey>;

const DEFERRED = {
  connect: "deferredConnect",
  helo: "deferredHelo",
  mail: "deferredMail",
  rcpt: "deferredRcpt",
  data: "deferredData",
  message: "deferredMessage",
} as const satisfies Record<Judgement["command"], SentenceKey>;

/** Judgements in sentences: refusals one by one as far as they differ, then what permitted, then rules on trial. */
export function tellJudgements(teller: Teller, judgements: readonly Judgement[], values: Values): string[] {
  const groups = new Map<string, Judgement[]>();
  for (const judgement of judgements.filter(({ decision }) => decision !== "permit")) {
    const { command, decision, decidedBy } = judgement;
    const key = JSON.stringify([command, decision, decidedBy, reasonOf(judgement)]);
    groups.set(key, [...(groups.get(key) ?? []), judgement]);
  }
  const all = [...groups.values()];
  const lines = all.slice(0, JOURNAL_LIMITS.refusalsShown).flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    return [...tellRefusal(teller, first, values), ...tellLikewise(teller, others)];
  });
  const untold = all.slice(JOURNAL_LIMITS.refusalsShown).flat().length;
  if (untold > 0) lines.push(teller.say("moreRefused", { count: untold }));
  return [
    ...lines,
    ...new Set([
      ...tellPermits(teller, judgements, values),
      ...tellForgiven(teller, judgements, values),
      ...tellShadows(teller, judgements),
    ]),
  ];
}

function tellLikewise(teller: Teller, others: readonly Judgement[]): string[] {
  const recipients = [...new Set(others.map(({ recipient }) => recipient))].filter(
    (one) => one !== undefined,
  );
  if (others.length === 0) return [];
  if (recipients.length === 0) return [INDENT + teller.say("likewise", { count: others.length })];
  return [INDENT + teller.say("likewiseFor", { recipients: teller.list(recipients) })];
}

function tellRefusal(teller: Teller, judgement: Judgement, around: Values): string[] {
  const { command, decision, reply, sender, recipient } = judgement;
  const values = {
    ...around,
    ...(sender === undefined ? {} : { sender: sender === "" ? "<>" : sender }),
    ...(recipient === undefined ? {} : { recipient }),
  };
  const decided = decidingStep(judgement);
  const key = (decision === "reject" ? REFUSED : DEFERRED)[command];
  return [
    teller.say(key, { ...values, reply: reply && replyText(reply) }),
    ...tellWhy(teller, reasonOf(judgement), { ...values, ...decided?.evidence }, judgement.steps, decided),
    INDENT + tellRule(teller, judgement),
    ...tellEvidence(teller, judgement),
  ];
}

/** The reason in words, what would have helped, and the command for an exception. */
export function tellWhy(
  teller: Teller,
  reason: string | undefined,
  values: Values,
  steps: readonly Step[] = [],
  decided?: Step,
): string[] {
  const { language } = teller;
  if (reason === undefined) return [`${INDENT}${teller.say("why")} ${teller.say("noReason")}`];
  const words = wordsOf(reason);
  if (words === undefined) return [`${INDENT}${teller.say("why")} ${teller.say("unworded", { reason })}`];
  const { why, help, exception } = words;
  const command = exception && exceptionCommand(exception, values, steps, decided);
  const lines = [`${INDENT}${teller.say("why")} ${fill(why, language, values)}`];
  if (help !== undefined) lines.push(`${INDENT}${teller.say("help")} ${fill(help, language, values)}`);
  if (command !== undefined)
    lines.push(
      `${INDENT}${teller.say(exception === "table" || exception === "link" ? "exception" : "command")} ${command}`,
    );
  else if (exception === "table")
    lines.push(`${INDENT}${teller.say("exception")} ${teller.say("noException")}`);
  return lines;
}

function tellRule(teller: Teller, judgement: Judgement): string {
  // What is no rule of a list stands there under its reason.
  if (judgement.decidedBy === undefined || judgement.decidedBy === reasonOf(judgement))
    return teller.say("noRule");
  return teller.say("ruleDecided", { rule: judgement.decidedBy, stage: decidingStep(judgement)?.stage });
}

/** The questions that bear on the evidence of the deciding step, with their answers. */
function tellEvidence(teller: Teller, judgement: Judgement): string[] {
  const evidence = Object.values(decidingStep(judgement)?.evidence ?? {});
  const names = evidence
    .filter((value) => typeof value === "string" && value.length > 3)
    .map((value) => String(value));
  return judgement.asked
    .filter(({ question }) => names.some((name) => question.includes(name)))
    .flatMap((fact) => tellAsked(teller, fact) ?? [])
    .slice(0, EVIDENCE_MAX)
    .map((line) => INDENT + line);
}

/** Only permits that say why: most rules just have nothing against it. */
function tellPermits(teller: Teller, judgements: readonly Judgement[], values: Values): string[] {
  return judgements.flatMap((judgement) => {
    const step = decidingStep(judgement);
    const words = step?.reason === undefined ? undefined : wordsOf(step.reason);
    if (judgement.decision !== "permit" || words === undefined) return [];
    const why = fill(words.why, teller.language, { ...values, ...step?.evidence });
    return [`${teller.say("passed")} ${why}`, INDENT + tellRule(teller, judgement)];
  });
}

/** Mail that failed DMARC or SPF, or of which nothing could be learned, and was believed all the same. */
const tellForgiven = (teller: Teller, judgements: readonly Judgement[], values: Values): string[] =>
  judgements
    .flatMap(({ steps }) => steps)
    .flatMap(({ reason, evidence }) => {
      const words = reason !== undefined && FORGIVEN.has(reason) ? wordsOf(reason) : undefined;
      if (words === undefined) return [];
      return [`${teller.say("passed")} ${fill(words.why, teller.language, { ...values, ...evidence })}`];
    });

const FORGIVEN: ReadonlySet<string> = new Set([
  "dmarc-forwarder",
  "dmarc-sealed",
  "dmarc-unknown-forwarder",
  "dmarc-no-dns",
  "spf-forwarder",
]);

const tellShadows = (teller: Teller, judgements: readonly Judgement[]): string[] =>
  judgements
    .flatMap(({ steps }) => steps)
    .filter(({ verdict }) => verdict === "would-reject" || verdict === "would-defer")
    .map(({ verdict, rule }) => teller.say(verdict === "would-reject" ? "shadow" : "shadowDefer", { rule }));

/** Rules that marked the message for the junk mailbox, each once. */
export function tellTags(teller: Teller, judgements: readonly Judgement[], values: Values): string[] {
  const lines = judgements.flatMap(({ steps }) =>
    steps
      .filter(({ verdict }) => verdict === "tag")
      .flatMap((step) => [
        ...tellWhy(teller, step.reason, { ...values, ...step.evidence }, steps, step),
        INDENT + teller.say("ruleDecided", { rule: step.rule, stage: step.stage }),
      ]),
  );
  return [...new Set(lines)];
}

function decidingStep({ steps, decidedBy, decision }: Judgement): Step | undefined {
  const deciding = steps.filter(({ rule }) => rule === decidedBy);
  return deciding.findLast(({ verdict }) => verdict === decision) ?? deciding.at(-1);
}

const reasonOf = (judgement: Judgement): string | undefined =>
  decidingStep(judgement)?.reason ?? judgement.reply?.reason;

const replyText = ({ code, enhanced, text }: ReplyRecord): string =>
  [code, enhanced, text].filter((part) => part !== undefined && part !== "").join(" ");
