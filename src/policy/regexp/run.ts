import { POLICY_LIMITS } from "../limits.ts";
import type { Instruction, Program } from "./program.ts";
import type { CharacterSet } from "./syntax.ts";

/** What the whole and each group matched; undefined where a group took no part. */
export type PatternMatch = readonly (string | undefined)[];

type Thread = { readonly at: number; readonly saved: readonly number[] };

/**
 * Finds the first match of a program, anywhere in the text, the way Perl would choose it, in time proportional to
 * program times text: all threads advance together, none ever goes back (Thompson 1968, Pike 1985; D-43).
 */
export function matchPattern(program: Program, text: string): PatternMatch | undefined {
  const subject = text.slice(0, POLICY_LIMITS.patternSubjectMax);
  const seen = new Uint32Array(program.code.length);
  let threads: Thread[] = [];
  let found: readonly number[] | undefined;
  for (let position = 0; position <= subject.length; position++) {
    const ready: Thread[] = [];
    const place = { subject, position, mark: position + 1 };
    for (const thread of threads) follow(program.code, thread, place, seen, ready);
    // A new start has the least say, and none once something was found.
    if (found === undefined) follow(program.code, { at: 0, saved: [position] }, place, seen, ready);
    threads = [];
    const code = subject.charCodeAt(position);
    for (const thread of ready) {
      const instruction = program.code[thread.at] as Instruction;
      if (instruction.op === "match") {
        found = withSlot(thread.saved, 1, position);
        break;
      }
      if (
        instruction.op === "set" &&
        position < subject.length &&
        holds(instruction.set, code, program.ignoreCase)
      ) {
        threads.push({ at: thread.at + 1, saved: thread.saved });
      }
    }
    if (found !== undefined && threads.length === 0) break;
  }
  return found === undefined ? undefined : groupsOf(program, subject, found);
}

type Place = { readonly subject: string; readonly position: number; readonly mark: number };

/** Follows everything that takes no character, in order of preference; each instruction once per position. */
function follow(
  code: readonly Instruction[],
  start: Thread,
  place: Place,
  seen: Uint32Array,
  ready: Thread[],
): void {
  const stack: Thread[] = [start];
  for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
    const { at, saved } = thread;
    if (seen[at] === place.mark) continue;
    seen[at] = place.mark;
    const instruction = code[at] as Instruction;
    switch (instruction.op) {
      case "jump":
        stack.push({ at: instruction.to, saved });
        break;
      case "split":
        stack.push({ at: instruction.second, saved }, { at: instruction.first, saved });
        break;
      case "save":
        stack.push({ at: at + 1, saved: withSlot(saved, instruction.slot, place.position) });
        break;
      case "assert":
        if (asserted(instruction.what, place)) stack.push({ at: at + 1, saved });
        break;
      default:
        ready.push(thread);
    }
  }
}

function withSlot(saved: readonly number[], slot: number, position: number): readonly number[] {
  const next = [...saved];
  next[slot] = position;
  return next;
}

function asserted(what: "start" | "end" | "word" | "not-word", { subject, position }: Place): boolean {
  if (what === "start") return position === 0;
  if (what === "end") return position === subject.length;
  const boundary = isWord(subject, position - 1) !== isWord(subject, position);
  return what === "word" ? boundary : !boundary;
}

const isWord = (text: string, at: number): boolean => /^[A-Za-z0-9_]$/.test(text.charAt(at));

function holds(set: CharacterSet, code: number, ignoreCase: boolean): boolean {
  const inside = within(set, code) || (ignoreCase && within(set, otherCase(code)));
  return inside !== set.negated;
}

const within = (set: CharacterSet, code: number): boolean =>
  set.ranges.some(([from, to]) => code >= from && code <= to);

function otherCase(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code + 0x20;
  return code >= 0x61 && code <= 0x7a ? code - 0x20 : code;
}

function groupsOf(program: Program, subject: string, saved: readonly number[]): PatternMatch {
  return Array.from({ length: program.groups + 1 }, (_, i) => {
    const [from, to] = [saved[i * 2], saved[i * 2 + 1]];
    return from === undefined || to === undefined ? undefined : subject.slice(from, to);
  });
}
