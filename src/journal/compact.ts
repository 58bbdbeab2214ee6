/**
 * How a record is written down: most rules of a session had nothing to say, and its commands were judged on nearly the
 * same facts. Older records are written in full, and read like these.
 */
import type { AskedFact, JournalRecord, JudgedFacts, Judgement, Step } from "./record.ts";

/** Among facts: these are as in the judgement before but for what is named; the value lists what is no longer there. */
const AS_BEFORE = "=";
const SAME = { [AS_BEFORE]: [] };

export function compacted(record: JournalRecord): unknown {
  if (record.kind === "message" && record.judgement !== undefined)
    return { ...record, judgement: { ...record.judgement, ...told(record.judgement) } };
  if (record.kind !== "session") return record;
  let before: JudgedFacts | undefined;
  const judgements = record.judgements.map((judgement) => {
    const { facts } = judgement;
    const changed = facts === undefined || before === undefined ? facts : change(before, facts);
    before = facts ?? before;
    return { ...judgement, ...(changed && { facts: changed }), ...told(judgement) };
  });
  return { ...record, judgements };
}

/** Back to a record in full. Total: what is none comes back as it is. */
export function expanded(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (isObject(value.judgement)) return { ...value, judgement: withSteps(withAsked(value.judgement)) };
  if (!Array.isArray(value.judgements)) return value;
  return { ...value, judgements: withFacts(value.judgements).map(withSteps) };
}

/** Judgements as they are written, each with all of its facts and answers; the steps stay as they are. */
export function withFacts(judgements: readonly unknown[]): readonly unknown[] {
  let before: Readonly<Record<string, unknown>> = {};
  return judgements.map(withAsked).map((judgement) => {
    if (!isObject(judgement) || !isObject(judgement.facts)) return judgement;
    const { [AS_BEFORE]: gone, ...told } = judgement.facts;
    if (!Array.isArray(gone)) {
      before = judgement.facts;
      return judgement;
    }
    const kept = Object.entries(before).filter(([name]) => !gone.includes(name));
    before = { ...Object.fromEntries(kept), ...told };
    return { ...judgement, facts: before };
  });
}

const told = ({ steps, asked }: Judgement): Readonly<Record<string, unknown>> => ({
  steps: steps.map(stepText),
  asked: asked.map(askedText),
});

function change(before: JudgedFacts, facts: JudgedFacts): Readonly<Record<string, unknown>> {
  if (facts === before) return SAME;
  const told: Record<string, unknown> = {
    [AS_BEFORE]: Object.keys(before).filter((name) => !(name in facts)),
  };
  for (const name in facts) if (facts[name] !== before[name]) told[name] = facts[name];
  return told;
}

/** `stage rule`, with the reason on a second line; in full where the step said more. */
function stepText(step: Step): string | Step {
  const { stage, rule, verdict, reason, evidence } = step;
  if (verdict !== "dunno") return step;
  const known = TEXTS.get(step);
  if (known !== undefined) return known;
  if (rule.includes("\n")) return step;
  for (const _ in evidence) return step;
  // Joined, not a template: a text that V8 keeps in pieces makes JSON.stringify take twice as long for the whole record.
  const text = [stage, " ", rule, ...(reason === undefined ? [] : ["\n", reason])].join("");
  TEXTS.set(step, text);
  return text;
}

/** The policy notes the same object each time a rule has nothing to say. */
const TEXTS = new WeakMap<Step, string>();

/** `[kind, question, answer]`; most names that are asked for do not exist, which is `[question, time to live]`. */
function askedText({ kind, question, answer }: AskedFact): readonly unknown[] {
  const none =
    kind === "dns" && isObject(answer) && answer.kind === "nxdomain" && answer.authenticated === false;
  return none ? [question, answer.ttl_s] : [kind, question, answer];
}

function withAsked(judgement: unknown): unknown {
  if (!isObject(judgement) || !Array.isArray(judgement.asked)) return judgement;
  return { ...judgement, asked: judgement.asked.map(askedIn) };
}

function askedIn(asked: unknown): unknown {
  if (!Array.isArray(asked)) return asked;
  const [first, second, answer] = asked as readonly unknown[];
  return asked.length === 2
    ? { kind: "dns", question: first, answer: { kind: "nxdomain", ttl_s: second, authenticated: false } }
    : { kind: first, question: second, answer };
}

function withSteps(judgement: unknown): unknown {
  if (!isObject(judgement) || !Array.isArray(judgement.steps)) return judgement;
  return { ...judgement, steps: judgement.steps.map(stepIn) };
}

function stepIn(step: unknown): unknown {
  if (typeof step !== "string") return step;
  const [head = "", reason] = step.split("\n");
  const space = head.indexOf(" ");
  const told = { stage: head.slice(0, space), rule: head.slice(space + 1), verdict: "dunno" };
  return { ...told, ...(reason === undefined ? {} : { reason }), evidence: {} };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
