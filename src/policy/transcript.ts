import { printable } from "../base/ascii.ts";
import type { Soon } from "../base/soon.ts";
import { formatReply } from "../smtp/reply.ts";
import type { Judged } from "./contract.ts";
import { evaluate, type Command } from "./evaluate.ts";
import { liveAsk } from "./ask.ts";
import { TranscriptSession } from "./transcript-session.ts";
import { isSetting, TranscriptWorld } from "./transcript-world.ts";

/** Lines that the run writes and the next run replaces. */
const WRITTEN = /^(=>|!!| {3}\|)/;

/**
 * Runs a policy transcript: settings and restriction lists as in main.cf, `zone`, `table` and `list` lines that make up
 * the world, then `client`, `helo`, `mail`, `rcpt`, `data` and `end` lines. Returns the same text with what each command
 * comes to below it, so a transcript with right answers is returned as it is: the golden test.
 */
export async function runTranscript(text: string): Promise<string> {
  const lines = text.split("\n").filter((line) => !WRITTEN.test(line));
  const world = new TranscriptWorld();
  const session = new TranscriptSession(world);
  const output: string[] = [];
  for (let at = 0; at < lines.length;) {
    const block = blockAt(lines, at);
    at += block.length;
    output.push(...block, ...(await runBlock(block, world, session)));
  }
  return output.join("\n");
}

/** A line and the indented ones below it. */
function blockAt(lines: readonly string[], from: number): readonly string[] {
  let to = from + 1;
  const single = /^\s*(#|$)/.test(lines[from] ?? "");
  while (!single && to < lines.length && /^[ \t]+\S/.test(lines[to] ?? "")) to++;
  return lines.slice(from, to);
}

async function runBlock(
  block: readonly string[],
  world: TranscriptWorld,
  session: TranscriptSession,
): Promise<readonly string[]> {
  const [first = "", ...rest] = block;
  if (/^\s*(#|$)/.test(first)) return [];
  if (isSetting(first)) return world.setting(block).map((finding) => `!! ${finding}`);
  const words = first.trim().split(/\s+/);
  const [word = ""] = words;
  if (word === "zone" || word === "list" || word === "table") {
    return world.define(words, rest).map((finding) => `!! ${finding}`);
  }
  const said = session.say(words);
  if (said.kind === "wrong") return [`!! ${said.message}`];
  if (said.kind === "nothing") return [];
  const judged = await judge(said.command, world, session);
  session.judged(said.command, judged);
  return said.command === "connect" && judged.steps.length === 0 ? [] : show(judged, world.explains);
}

const judge = (command: Command, world: TranscriptWorld, session: TranscriptSession): Soon<Judged> =>
  evaluate(world.lists(), command, session.facts(), liveAsk(world.world()));

function show(judged: Judged, explains: boolean): readonly string[] {
  const lines: string[] = [];
  const by = judged.decidedBy === undefined ? "" : ` by ${judged.decidedBy}`;
  if (judged.reply === undefined) lines.push(`=> permit${by}`);
  else
    lines.push(
      ...formatReply(judged.reply)
        .trimEnd()
        .split("\r\n")
        .map((line) => `=> ${line}`),
      `   | ${by.trim()}`,
    );
  for (const step of judged.steps) {
    const shadow = step.verdict.startsWith("would-");
    if (!explains && !shadow) continue;
    const evidence = Object.entries(step.evidence).map(
      ([key, value]) => ` ${key}=${printable(String(value), 100)}`,
    );
    const reason = step.reason === undefined ? "" : ` (${step.reason})`;
    lines.push(`   | ${step.stage}: ${step.rule}: ${step.verdict}${reason}${evidence.join("")}`);
  }
  for (const tag of judged.tags) lines.push(`   | tag ${tag.kind} ${tag.value}`.trimEnd());
  return lines;
}
