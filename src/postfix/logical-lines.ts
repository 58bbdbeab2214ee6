import { POSTFIX_LIMITS } from "./limits.ts";

/** A place in a file, both from 1. */
export type Place = { readonly line: number; readonly column: number };
export type Fault = Place & { readonly message: string };

/** One logical line: continuation lines joined, comments gone; `pieces` say where each physical line begins in it. */
export type LogicalLine = {
  readonly line: number;
  readonly text: string;
  readonly pieces: readonly { readonly at: number; readonly line: number }[];
};

/**
 * Splits a text into logical lines: a line that begins with white space continues the one before, lines whose first
 * visible character is `#` and empty lines are nothing, also between a line and its continuation. postconf(5)
 */
export function logicalLines(text: string): {
  readonly lines: readonly LogicalLine[];
  readonly faults: readonly Fault[];
} {
  const lines: { line: number; text: string; pieces: { at: number; line: number }[] }[] = [];
  const faults: Fault[] = [];
  for (const [i, raw] of text.split("\n").entries()) {
    const line = i + 1;
    const content = raw.trimEnd();
    const first = content.trimStart();
    if (first === "" || first.startsWith("#")) continue;
    const last = lines.at(-1);
    if (content.includes("\0"))
      faults.push({ line, column: content.indexOf("\0") + 1, message: "a NUL character" });
    else if (!/^[ \t]/.test(content)) {
      if (content.length > POSTFIX_LIMITS.lineMax) faults.push(tooLong(line));
      else lines.push({ line, text: content, pieces: [{ at: 0, line }] });
    } else if (last === undefined) {
      faults.push({ line, column: 1, message: "continues a line, but there is none before it" });
    } else if (last.text.length + content.length > POSTFIX_LIMITS.lineMax) faults.push(tooLong(line));
    else {
      last.pieces.push({ at: last.text.length, line });
      last.text += content;
    }
    if (lines.length >= POSTFIX_LIMITS.linesMax) {
      faults.push({ line, column: 1, message: `more than ${POSTFIX_LIMITS.linesMax} lines` });
      break;
    }
  }
  return { lines, faults };
}

const tooLong = (line: number): Fault => ({
  line,
  column: 1,
  message: `longer than ${POSTFIX_LIMITS.lineMax} characters`,
});

/** Where the character at `offset` of a logical line stands in the file. */
export function placeIn({ line, pieces }: LogicalLine, offset: number): Place {
  const piece = pieces.findLast(({ at }) => at <= offset);
  return { line: piece?.line ?? line, column: offset - (piece?.at ?? 0) + 1 };
}
