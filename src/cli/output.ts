import { OperatorError } from "../base/operator-error.ts";

/** What a command prints: people read lines and tables, programs one JSON value (`--json`). */
export type Output = {
  readonly json: boolean;
  /** `value` for --json, `text` for people. */
  show(value: unknown, text: string): void;
};

export const output = (json: boolean): Output => ({
  json,
  show: (value, text) => process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
});

/** Columns padded to their widest cell; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Exit codes: 0 done, 1 refused or failed, 2 wrong use of the command. */
export function showError(error: unknown, json: boolean): void {
  const known = error instanceof OperatorError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const value = { ok: false, code: known?.code ?? "internal", message, remedy: known?.remedy };
    process.stderr.write(`${JSON.stringify(value)}\n`);
  } else {
    process.stderr.write(`wachpost: ${message}\n`);
    if (known) process.stderr.write(`  -> ${known.remedy}\n`);
    else if (error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
  }
  process.exitCode = 1;
}
