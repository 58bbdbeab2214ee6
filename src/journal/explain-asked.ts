import type { AskedFact } from "./record.ts";
import type { Teller } from "./teller.ts";
import type { SentenceKey } from "./words/sentences.ts";

/** Of the questions of a judgement those that say something about the world. `list`: whether a list is believed at all. */
const TOLD: ReadonlySet<string> = new Set(["dns", "table", "counter"]);

const EMPTY: Readonly<Record<string, SentenceKey>> = {
  nodata: "askedNoRecord",
  nxdomain: "askedNoName",
  none: "askedNoEntry",
  "no-such-table": "askedNoTable",
};

/** One question with its answer, in a sentence; undefined where it would tell nothing. */
export function tellAsked(teller: Teller, { kind, question, answer }: AskedFact): string | undefined {
  if (!TOLD.has(kind)) return undefined;
  if (typeof answer !== "object" || answer === null) {
    const empty = EMPTY[String(answer)];
    return empty === undefined
      ? teller.say("evidence", { question, answer: String(answer) })
      : teller.say(empty, { question });
  }
  const { kind: outcome, reason, records, value } = answer as Partial<Record<string, unknown>>;
  if (outcome === "failure") return teller.say("askedInVain", { question, reason: textOf(reason) });
  const empty = EMPTY[textOf(outcome)];
  if (empty !== undefined) return teller.say(empty, { question });
  if (Array.isArray(records) && records.length === 0) return teller.say("askedNoRecord", { question });
  const texts = (Array.isArray(records) ? records : [value ?? answer]).map(textOf);
  return teller.say("evidence", { question, answer: texts.join(", ") });
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");
