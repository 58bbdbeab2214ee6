import { logicalLines, placeIn, type Fault, type LogicalLine, type Place } from "./logical-lines.ts";

/** One `name = value` of main.cf, as written. */
export type Setting = {
  readonly name: string;
  /** Not expanded; continuation lines joined. */
  readonly value: string;
  readonly line: number;
  readonly column: number;
  /** For the place of a word inside the value. */
  readonly source: LogicalLine;
  readonly valueAt: number;
};

export type MainCf = {
  /** In the order of the file, repeated ones included. */
  readonly settings: readonly Setting[];
  /** What counts: of a repeated setting the last. */
  readonly last: ReadonlyMap<string, Setting>;
  readonly faults: readonly Fault[];
};

/**
 * Reads main.cf; lines that are no setting become faults (Postfix would not start). Total. postconf(5)
 *
 *     line = name *WSP "=" *WSP value
 */
export function parseMainCf(text: string): MainCf {
  const { lines, faults: lineFaults } = logicalLines(text);
  const faults = [...lineFaults];
  const settings: Setting[] = [];
  for (const line of lines) {
    const setting = parseSetting(line, 0);
    if (setting === undefined) faults.push({ line: line.line, column: 1, message: "no `name = value`" });
    else settings.push(setting);
  }
  faults.sort((a, b) => a.line - b.line);
  return { settings, last: new Map(settings.map((setting) => [setting.name, setting])), faults };
}

/** Reads `name = value` from `from` on (0 in main.cf, behind `-o` in master.cf). */
export function parseSetting(
  source: LogicalLine,
  from: number,
  to = source.text.length,
): Setting | undefined {
  const text = source.text.slice(from, to);
  const head = /^[ \t]*([A-Za-z0-9_.-]+)[ \t]*=[ \t]*/.exec(text);
  if (head === null) return undefined;
  const name = head[1] as string;
  const place = placeIn(source, from + text.indexOf(name));
  return {
    name,
    value: text.slice(head[0].length).trimEnd(),
    ...place,
    source,
    valueAt: from + head[0].length,
  };
}

/** Where the character at `offset` of a setting's value stands. */
export const placeInValue = (setting: Setting, offset: number): Place =>
  placeIn(setting.source, setting.valueAt + offset);
