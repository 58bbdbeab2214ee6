import { POLICY_LIMITS } from "./limits.ts";

/** One logical line of a table: continuation lines joined, comments gone. */
export type TableLine = { readonly line: number; readonly text: string };

/** Something wrong with a table or a list, and where. */
export type PlacedFault = { readonly line: number; readonly column: number; readonly message: string };

/**
 * Splits a text into logical lines in Postfix's manner: a line that begins with white space continues the one before,
 * `#` in the first column of text makes a comment.
 */
export function logicalLines(text: string): {
  readonly lines: readonly TableLine[];
  readonly faults: readonly PlacedFault[];
} {
  const lines: { line: number; text: string }[] = [];
  const faults: PlacedFault[] = [];
  text.split(/\r?\n/).forEach((raw, i) => {
    const trimmed = raw.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return;
    if (raw.includes("\0"))
      return void faults.push({ line: i + 1, column: raw.indexOf("\0") + 1, message: "a NUL character" });
    const last = lines.at(-1);
    const continues = /^[ \t]/.test(raw);
    if (continues && last === undefined) {
      faults.push({ line: i + 1, column: 1, message: "continues a line, but there is none before it" });
    } else if (raw.length + (continues ? (last?.text.length ?? 0) : 0) > POLICY_LIMITS.tableLineMax) {
      faults.push({
        line: i + 1,
        column: 1,
        message: `longer than ${POLICY_LIMITS.tableLineMax} characters`,
      });
    } else if (continues && last !== undefined) {
      last.text += ` ${trimmed}`;
    } else {
      lines.push({ line: i + 1, text: raw.trimEnd() });
    }
  });
  return { lines, faults };
}
