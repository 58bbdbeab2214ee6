import { tellJudgements, tellTags, tellWhy } from "./explain-judgement.ts";
import { knownRefusal } from "./known-refusals.ts";
import { JOURNAL_LIMITS } from "./limits.ts";
import type { JournalRecord, Judgement } from "./record.ts";
import type { Teller } from "./teller.ts";
import { shown, type Values } from "./words/fill.ts";
import type { SentenceKey } from "./words/sentences.ts";

type Of<K extends JournalRecord["kind"]> = Extract<JournalRecord, { readonly kind: K }>;

/** A message, what became of its copies, and why. `judgements`: those of its session. */
export function tellMessage(
  teller: Teller,
  message: Of<"message">,
  judgements: readonly Judgement[],
  around: Values,
): string[] {
  const sender = message.sender === "" ? "<>" : message.sender;
  const values = { ...around, id: message.id, sender, recipient: message.recipients[0] };
  const own = message.judgement === undefined ? [] : [message.judgement];
  return [
    teller.say("message", {
      time: teller.time(message.at_ms),
      id: message.id,
      sender,
      recipients: teller.list(message.recipients),
      size: message.size_octets,
      messageId: message.messageId,
    }),
    ...(message.subject === undefined ? [] : [teller.say("subject", { subject: message.subject })]),
    ...tellAuthentication(teller, message.authentication),
    ...tellOutcome(teller, message),
    ...tellNotForwarded(teller, message, values),
    ...(message.outcome === "junk"
      ? [...tellTags(teller, wholeOnes(judgements, own), values), `  ${teller.say("junkHelp")}`]
      : []),
    ...tellJudgements(teller, own, values),
  ];
}

/** The record of a session holds every step of a judgement, that of a message may not. */
const wholeOnes = (whole: readonly Judgement[], own: readonly Judgement[]): readonly Judgement[] => [
  ...whole,
  ...own.filter(({ command, at_ms }) => !whole.some((one) => one.command === command && one.at_ms === at_ms)),
];

function tellOutcome(teller: Teller, { outcome, copies }: Of<"message">): string[] {
  if (outcome === "rejected") return [teller.say("outcomeRejected")];
  if (outcome === "deferred") return [teller.say("outcomeDeferred")];
  if (outcome === "queued" && copies.length === 0) return [teller.say("outcomeQueued")];
  const key = outcome === "junk" ? "copyJunk" : "copyDelivered";
  const lines = copies
    .slice(0, JOURNAL_LIMITS.refusalsShown)
    .map(({ login, mailbox }) => teller.say(key, { login, mailbox }));
  if (copies.length === 0) lines.push(teller.say(outcome === "junk" ? "outcomeJunk" : "outcomeDelivered"));
  if (outcome === "queued") lines.push(teller.say("outcomeQueued"));
  return lines;
}

function tellNotForwarded(teller: Teller, { notForwarded = [] }: Of<"message">, values: Values): string[] {
  return notForwarded
    .slice(0, JOURNAL_LIMITS.refusalsShown)
    .flatMap(({ address, reason }) => [
      teller.say("notForwarded", { address }),
      ...tellWhy(teller, reason, { ...values, domain: domainOf(values["sender"]) }),
    ]);
}

const domainOf = (sender: unknown): string =>
  typeof sender === "string" ? sender.slice(sender.lastIndexOf("@") + 1) : "";

/** SPF, DKIM, ARC and DMARC in their own short words; whatever else stands there is passed over. */
function tellAuthentication(teller: Teller, authentication: unknown): string[] {
  if (typeof authentication !== "object" || authentication === null) return [];
  const results = ["spf", "dkim", "arc", "dmarc"].flatMap((method) => {
    const found = (authentication as Readonly<Record<string, unknown>>)[method];
    const list: readonly unknown[] = Array.isArray(found) ? found : [found];
    return list.slice(0, 3).flatMap((one) => {
      const { result, domain, authorDomain, sealer } = (one ?? {}) as Readonly<Record<string, unknown>>;
      if (typeof result !== "string" || result === "none") return [];
      const about = [domain, authorDomain, sealer].find(isName);
      const text = shown(result, teller.language);
      return [
        `${method.toUpperCase()} ${text}${about === undefined ? "" : ` (${shown(about, teller.language)})`}`,
      ];
    });
  });
  return results.length === 0
    ? []
    : [teller.say("authentication", { results: { ours: results.join("; ") } })];
}

const isName = (value: unknown): value is string => typeof value === "string" && value !== "";

const TRIES = {
  delivered: "tryDelivered",
  relayed: "tryRelayed",
  deferred: "tryDeferred",
  failed: "tryFailed",
  expired: "tryExpired",
} as const satisfies Record<Of<"delivery">["state"], SentenceKey>;

/** The tries of each recipient: the first and the last ones. */
export function tellDeliveries(teller: Teller, deliveries: readonly Of<"delivery">[]): string[] {
  const byRecipient = Map.groupBy(deliveries, ({ recipient }) => recipient);
  const shownOnes = [...byRecipient.values()].slice(0, JOURNAL_LIMITS.refusalsShown);
  return shownOnes.flatMap((tries) => {
    const [first, ...others] = tries;
    const last = others.slice(-(JOURNAL_LIMITS.triesShown - 1));
    const between = others.length - last.length;
    if (first === undefined) return [];
    return [
      ...tellTry(teller, first, others.length === 0),
      ...(between > 0 ? [`  ${teller.say("triesBetween", { count: between })}`] : []),
      ...last.flatMap((one, i) => tellTry(teller, one, i === last.length - 1)),
    ];
  });
}

/** Only the last try says what helps and what comes next. */
function tellTry(teller: Teller, one: Of<"delivery">, last: boolean): string[] {
  const { at_ms, state, recipient, host, reply, reason, notice, nextAttempt_ms } = one;
  const good = state === "delivered" || state === "relayed";
  const lines = [teller.say(TRIES[state], { time: teller.time(at_ms), recipient, host, reply })];
  if (good) lines.push(...tellSecurity(teller, one).map((line) => `  ${line}`));
  if (!good && reason !== undefined) {
    const all = tellWhy(teller, reason, { id: one.id, recipient, host });
    // What helps is told once; what has come back is no longer in the queue.
    if (!last) lines.push(...all.slice(0, 1));
    else lines.push(...(state === "deferred" ? all : all.filter((line) => !line.includes("wachpost queue"))));
  } else if (!good && last && host !== undefined) {
    const known = knownRefusal(host, reply);
    lines.push(...(known === undefined ? [`  ${teller.say("remoteSaid")}`] : tellWhy(teller, known, {})));
  }
  if (last && state === "deferred" && nextAttempt_ms !== undefined)
    lines.push(`  ${teller.say("nextTry", { time: teller.time(nextAttempt_ms) })}`);
  if (notice === "failed") lines.push(`  ${teller.say("bounced")}`);
  if (notice === "delayed") lines.push(`  ${teller.say("toldDelayed")}`);
  if (notice === "delivered" || notice === "relayed") lines.push(`  ${teller.say("toldDelivered")}`);
  return lines;
}

function tellSecurity(teller: Teller, { security, daneOff }: Of<"delivery">): string[] {
  if (security === undefined) return [];
  if (security !== "none" && security !== "opportunistic")
    return [teller.say("securityProven", { how: security })];
  const how = teller.say(security === "none" ? "securityNone" : "securityOpportunistic");
  return daneOff ? [how, teller.say("daneOff")] : [how];
}

const FATES = {
  read: "fateRead",
  answered: "fateAnswered",
  "to-junk": "fateToJunk",
  "from-junk": "fateFromJunk",
  removed: "fateRemoved",
  expired: "fateExpired",
} as const satisfies Record<Of<"fate">["event"], SentenceKey>;

/** What became of it since; the latest where there is too much. */
export const tellFates = (teller: Teller, fates: readonly Of<"fate">[]): string[] =>
  fates
    .slice(-JOURNAL_LIMITS.refusalsShown)
    .map(({ event, at_ms, login }) => teller.say(FATES[event], { time: teller.time(at_ms), login }));
