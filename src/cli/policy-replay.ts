import type { Command } from "commander";
import { loadConfig } from "../config/load.ts";
import type { ReaderEvent } from "../journal/record.ts";
import { checkedPolicy } from "../policy/from-config.ts";
import type { Change } from "../policy/replay.ts";
import type { FateCounts } from "../policy/replay-fates.ts";
import { dataDirectory, globals, outputOf, withStore } from "./context.ts";
import { replayInThreads } from "./replay-threads.ts";

export type ReplayOptions = { readonly with: string; readonly since: number };

/** Recorded sessions under the rules of another file, with the answers the world gave then. */
export function replayed(command: Command, options: ReplayOptions): Promise<void> {
  return withStore(command, async (store) => {
    const lists = checkedPolicy(await loadConfig(options.with));
    const started_ms = performance.now();
    const now_ms = Date.now();
    const directory = await dataDirectory(globals(command));
    const work = { directory, rules: options.with };
    const result = await replayInThreads(store, lists, work, { from_ms: now_ms - options.since, now_ms });
    const took_s = (performance.now() - started_ms) / 1000;
    const changes = Object.entries(result.changes).map(
      ([change, count]) => `  ${change}: ${count}${fatesText(result.fates[change] ?? {})}`,
    );
    const missed = result.missed.slice(0, EXAMPLES_SHOWN).map(exampleLine);
    const others = result.examples.filter(({ fates: met }) => met === undefined);
    const shown = others.slice(0, Math.max(0, EXAMPLES_SHOWN - missed.length)).map(exampleLine);
    const unknown = Object.entries(result.neverAsked).map(([kind, count]) => `  ${kind}: ${count}`);
    outputOf(command).show(
      {
        ...result,
        examples: result.examples.map(plain),
        missed: result.missed.map(plain),
        seconds: took_s,
      },
      [
        `${result.judged} judged again in ${took_s.toFixed(1)} s: ${result.same} as before, ${result.unknown} cannot be told.`,
        ...(changes.length === 0 ? ["Nothing would change."] : ["Would change:", ...changes]),
        ...(missed.length === 0 ? [] : ["What their recipients have done since:", ...missed]),
        ...(shown.length === 0
          ? []
          : [missed.length === 0 ? "For example:" : "The others, for example:", ...shown]),
        ...(unknown.length === 0 ? [] : ["Never asked then, so not guessed now:", ...unknown]),
      ].join("\n"),
    );
  });
}

const EXAMPLES_SHOWN = 50;

/** JSON has no sets; the steps of then are told by `explain`. */
function plain({ recorded, ...change }: Change): object {
  const { session, messages, facts } = recorded;
  const { steps: _, ...judgement } = recorded.judgement;
  return { ...change, recorded: { session, messages, judgement, facts } };
}

/** In the order of what a rule should not cost. */
const FATE_WORDS = {
  answered: "answered",
  "from-junk": "called no junk",
  read: "read",
  "to-junk": "called junk",
  removed: "removed",
} as const satisfies Record<ReaderEvent, string>;
const FATE_ORDER = Object.keys(FATE_WORDS) as readonly ReaderEvent[];

function fatesText(counts: FateCounts): string {
  const told = FATE_ORDER.flatMap((event) =>
    counts[event] === undefined ? [] : [`${counts[event]} ${FATE_WORDS[event]}`],
  );
  return told.length === 0 ? "" : `; of these messages since: ${told.join(", ")}`;
}

function exampleLine({ recorded, was, becomes, decidedBy, fates }: Change): string {
  const { clientAddress, sender, recipient } = recorded.facts;
  const by = decidedBy === undefined ? "" : ` by ${decidedBy}`;
  const who = `${clientAddress} <${sender ?? ""}> -> <${recipient ?? ""}>`;
  const met = FATE_ORDER.filter((event) => fates?.includes(event)).map((event) => FATE_WORDS[event]);
  const since = met.length === 0 ? "" : ` (${met.join(", ")})`;
  return `  ${recorded.session} ${who}: ${was} -> ${becomes}${by}${since}`;
}
