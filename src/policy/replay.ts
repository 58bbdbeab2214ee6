import { asciiLower } from "../base/ascii.ts";
import { withFacts } from "../journal/compact.ts";
import { JOURNAL_LIMITS } from "../journal/limits.ts";
import type { ReaderEvent, Judgement } from "../journal/record.ts";
import { replayingAsk } from "./ask.ts";
import type { Judged } from "./contract.ts";
import { evaluateUnrecorded, type Command } from "./evaluate.ts";
import { readFacts, type PolicyFacts } from "./facts.ts";
import type { PolicyLists } from "./policy-lists.ts";
import { FateCount, fatesOf, type FateCounts, type Fates } from "./replay-fates.ts";
import type { TableShelf } from "./table-shelf.ts";

/** One recorded command with all that is needed to judge it again. */
export type Recorded = {
  /** Session id, and the queue ids of the messages it brought: the way to their later fate. */
  readonly session: string;
  readonly messages: readonly string[];
  /** Of the whole session, lower case. */
  readonly recipients: ReadonlySet<string>;
  readonly judgement: Judgement;
  readonly facts: PolicyFacts;
};

/**
 * The commands of a recorded session that can be judged again, from its text in the journal. Total. Those kept without
 * facts cannot. Only what is used is looked at: a month of sessions is read for one question.
 */
export function recordedCommands(body: string): readonly Recorded[] {
  const record = sessionIn(body);
  if (record === undefined) return [];
  const { id, messages, judgements } = record;
  const recipients = new Set(judgements.flatMap(recipientIn));
  return judgements.flatMap((judgement) => {
    const facts = isJudgement(judgement) ? readFacts(judgement.facts) : undefined;
    return facts === undefined
      ? []
      : [{ session: id, messages, recipients, judgement: judgement as Judgement, facts }];
  });
}

function recipientIn(judgement: unknown): readonly string[] {
  if (typeof judgement !== "object" || judgement === null) return [];
  const { recipient } = judgement as Record<string, unknown>;
  return typeof recipient === "string" ? [asciiLower(recipient)] : [];
}

type SessionText = {
  readonly id: string;
  readonly messages: string[];
  readonly judgements: readonly unknown[];
};

function sessionIn(body: string): SessionText | undefined {
  if (body.length > JOURNAL_LIMITS.bodyReadMax) return undefined;
  try {
    const { id, messages, judgements } = (parsedWithoutSteps(body) ?? {}) as Record<string, unknown>;
    const whole = typeof id === "string" && Array.isArray(messages) && Array.isArray(judgements);
    return whole && messages.every((message) => typeof message === "string")
      ? { id, messages, judgements: withFacts(judgements) }
      : undefined;
  } catch {
    return undefined;
  }
}

const STEPS = '"steps":[';
const AFTER_STEPS = '],"asked":[';

/**
 * Steps are half of a record and not looked at: they are cut out before the text is parsed. No text inside a record holds
 * the marks, since its quotes are escaped; where the cut leaves no JSON the whole is parsed.
 */
function parsedWithoutSteps(body: string): unknown {
  let kept = "";
  let from = 0;
  for (;;) {
    const begin = body.indexOf(STEPS, from);
    const end = begin < 0 ? -1 : body.indexOf(AFTER_STEPS, begin);
    if (end < 0) break;
    kept += body.slice(from, begin + STEPS.length);
    from = end;
  }
  if (from === 0) return JSON.parse(body);
  try {
    return JSON.parse(kept + body.slice(from));
  } catch {
    return JSON.parse(body);
  }
}

const COMMANDS: ReadonlySet<unknown> = new Set(["connect", "helo", "mail", "rcpt", "data", "message"]);
const DECISIONS: ReadonlySet<unknown> = new Set(["permit", "reject", "defer"]);

/** Steps are not looked at: replay makes its own. */
function isJudgement(value: unknown): value is { readonly facts?: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const { command, decision, asked, recipient = "" } = value as Record<string, unknown>;
  return (
    typeof recipient === "string" &&
    COMMANDS.has(command) &&
    DECISIONS.has(decision) &&
    Array.isArray(asked) &&
    asked.every(isAsked)
  );
}

function isAsked(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { kind, question } = value as Record<string, unknown>;
  return typeof kind === "string" && typeof question === "string";
}

export type Change = {
  readonly recorded: Recorded;
  readonly was: Judgement["decision"];
  readonly becomes: Judgement["decision"];
  readonly decidedBy?: string;
  /** What its recipient has done since with the messages of the session. */
  readonly fates?: readonly ReaderEvent[];
};

export type ReplayResult = {
  readonly judged: number;
  /** As before. */
  readonly same: number;
  /** Would be decided otherwise, by what it was and what it becomes. */
  readonly changes: Readonly<Record<string, number>>;
  /** Of those, by the same change: messages that their recipients have since read, answered, called junk or no junk, removed. */
  readonly fates: Readonly<Record<string, FateCounts>>;
  /** The new rules ask what was never asked; nothing is guessed. */
  readonly unknown: number;
  /** The questions that were never asked, by kind, with how often. */
  readonly neverAsked: Readonly<Record<string, number>>;
  /** The first of those that change. */
  readonly examples: readonly Change[];
  /** The first of those that change and met a fate. */
  readonly missed: readonly Change[];
};

/** Changes shown one by one; the counts hold all of them. */
export const EXAMPLES_MAX = 200;

export type ReplayOptions = {
  /** Tables of the new rules, asked anew; others answer as recorded. */
  readonly tables?: TableShelf;
  readonly examplesMax?: number;
  readonly fates?: Fates;
};

/** Judges recorded commands again under other rules, with the answers of then. The order and the clock play no part. */
export async function replay(
  recorded: AsyncIterable<Recorded> | Iterable<Recorded>,
  lists: PolicyLists,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const counts = { judged: 0, same: 0, unknown: 0 };
  const changes = new Map<string, number>();
  const neverAsked = new Map<string, number>();
  const fates = new Map<string, FateCount>();
  const examples: Change[] = [];
  const missed: Change[] = [];
  const examplesMax = options.examplesMax ?? EXAMPLES_MAX;
  for await (const entry of recorded) {
    const again = await judgeAgain(entry, lists, options.tables);
    if (again === undefined) continue;
    counts.judged++;
    const was = entry.judgement.decision;
    const becomes = again.judged.decision;
    if (again.unanswered.length > 0) {
      counts.unknown++;
      for (const question of again.unanswered) count(neverAsked, kindOf(question));
    } else if (was === becomes) {
      counts.same++;
    } else {
      const name = `${was} -> ${becomes}`;
      count(changes, name);
      const by = again.judged.decidedBy === undefined ? {} : { decidedBy: again.judged.decidedBy };
      const met = options.fates === undefined ? NO_FATES : fatesOf(entry, options.fates);
      const events = [...new Set([...met.values()].flatMap((one) => [...one]))];
      const change = { recorded: entry, was, becomes, ...by, ...(met.size === 0 ? {} : { fates: events }) };
      if (examples.length < examplesMax) examples.push(change);
      if (met.size === 0) continue;
      if (missed.length < examplesMax) missed.push(change);
      const counted = fates.get(name) ?? new FateCount();
      fates.set(name, counted);
      counted.add(met);
    }
  }
  return {
    ...counts,
    changes: Object.fromEntries(changes),
    fates: Object.fromEntries([...fates].map(([name, { counts }]) => [name, counts])),
    neverAsked: Object.fromEntries(neverAsked),
    examples,
    missed,
  };
}

const NO_FATES: ReturnType<typeof fatesOf> = new Map();

/** One recorded command under other rules; undefined for commands that rules do not judge. */
export async function judgeAgain(
  { judgement, facts }: Recorded,
  lists: PolicyLists,
  tables?: TableShelf,
): Promise<{ readonly judged: Judged; readonly unanswered: readonly string[] } | undefined> {
  const { command } = judgement;
  if (command === "helo" || command === "mail") return undefined;
  const { ask, unanswered } = replayingAsk(judgement.asked, tables);
  return { judged: await evaluateUnrecorded(lists, command satisfies Command, facts, ask), unanswered };
}

const count = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);

/** `dns A zen.spamhaus.org` of a question about one client: the last labels say which list or table it was. */
function kindOf(question: string): string {
  const [kind = "", type = "", name = ""] = question.split(" ");
  if (kind !== "dns") return `${kind} ${type}`;
  return `${kind} ${type} ${name.split(".").slice(-3).join(".")}`;
}
