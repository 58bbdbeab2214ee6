/** Lines of what the doctor prints, as wide as the terminal. */
import { COLUMNS_MIN, wrap } from "../journal/wrap.ts";
import type { Grade } from "./finding.ts";

export type LineStyle = {
  readonly colour: boolean;
  /** Of the terminal; absent: lines end where they end. */
  readonly columns?: number;
};

const MARKS: Readonly<Record<Grade, string>> = { ok: "✓", warn: "!", fail: "✗", unknown: "?" };
const COLOURS: Readonly<Record<Grade, number>> = { ok: 32, warn: 33, fail: 31, unknown: 36 };
const CELL_COLUMNS: readonly number[] = [46, 28];
const MARKED = "    ";
const BELOW = "      ";

/** A mark and cells beside each other; those that do not fit stand below. `widths`: of all cells but the last. */
export function row(
  grade: Grade,
  cells: readonly string[],
  style: LineStyle,
  widths: readonly number[] = CELL_COLUMNS,
): readonly string[] {
  let count = cells.length;
  while (count > 1 && !hasRoom(cells.slice(0, count), style, widths)) count--;
  const rest = cells.slice(count).filter((cell) => cell !== "");
  return [...point(grade, beside(cells.slice(0, count), widths), style), ...below(rest, style)];
}

/** A cell that fills its column and more would run into the next. */
const hasRoom = (cells: readonly string[], style: LineStyle, widths: readonly number[]): boolean =>
  style.columns === undefined ||
  ((MARKED + beside(cells, widths)).length <= widthOf(style) &&
    cells.slice(0, -1).every((cell, i) => cell.length <= (widths[i] ?? Infinity)));

/** A mark before a sentence. */
export const point = (grade: Grade, sentence: string, style: LineStyle): readonly string[] =>
  marked(grade, fit([MARKED + sentence], style, BELOW.length - MARKED.length), style);

/** Sentences that belong to the row above. */
export const below = (sentences: readonly string[], style: LineStyle): readonly string[] =>
  fit(
    sentences.map((sentence) => BELOW + sentence),
    style,
    0,
  );

/** What to do: `-> …` */
export const remedies = (sentences: readonly string[], indent: string, style: LineStyle): readonly string[] =>
  fit(
    sentences.map((sentence) => `${indent}-> ${sentence}`),
    style,
    "-> ".length,
  );

/** Lines after the first of each stand `hanging` deeper. */
export const fit = (sentences: readonly string[], style: LineStyle, hanging = 0): readonly string[] =>
  wrap(sentences, widthOf(style), hanging);

export const BELOW_A_ROW = BELOW;

/** As much as is worth reading, to the end of a word. */
export function shortened(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const end = text.lastIndexOf(" ", chars);
  return `${text.slice(0, end > 0 ? end : chars)} …`;
}

const widthOf = ({ columns = Infinity }: LineStyle): number => Math.max(columns, COLUMNS_MIN);

const beside = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
    .join(" ")
    .trimEnd();

const marked = (
  grade: Grade,
  [first = "", ...rest]: readonly string[],
  style: LineStyle,
): readonly string[] => [`  ${paint(MARKS[grade], grade, style)} ${first.slice(MARKED.length)}`, ...rest];

const paint = (text: string, grade: Grade, { colour }: LineStyle): string =>
  colour ? `\u001b[${COLOURS[grade]}m${text}\u001b[0m` : text;
