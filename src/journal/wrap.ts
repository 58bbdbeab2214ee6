/** What fits beside other windows, and into a letter. */
export const COLUMNS_MIN = 80;

/** Lines after the first of a sentence stand deeper than what follows. */
const HANGING = 4;

/** What is copied as a whole. A label is ours; quoted text before it would be from outside. */
const COMMAND = /^( *[^`“„]{1,40}:) (wachpost .*)$/u;

/**
 * Sentences as lines of at most `columns`, broken at spaces. A command to copy is never split: if it does not fit, it
 * stands on a line of its own, however long.
 */
export function wrap(
  sentences: readonly string[],
  columns: number = COLUMNS_MIN,
  deeper: number = HANGING,
): string[] {
  return sentences.flatMap((sentence) => wrapOne(sentence, Math.max(columns, COLUMNS_MIN), deeper));
}

function wrapOne(sentence: string, columns: number, deeper: number): string[] {
  if (lengthOf(sentence) <= columns) return [sentence];
  const indent = /^ */.exec(sentence)?.[0] ?? "";
  const hanging = " ".repeat(indent.length + deeper);
  const [, label, command] = COMMAND.exec(sentence) ?? [];
  if (label !== undefined && command !== undefined) return [label, hanging + command];
  const lines: string[] = [];
  let line = "";
  for (const word of wordsOf(sentence.trim())) {
    const longer = line === "" ? (lines.length === 0 ? indent : hanging) + word : `${line} ${word}`;
    if (line === "" || lengthOf(longer) <= columns) line = longer;
    else {
      lines.push(line);
      line = hanging + word;
    }
  }
  return [...lines, line];
}

/** Split at spaces, but not within `code`. */
const wordsOf = (text: string): readonly string[] => text.match(/(?:`[^`]*`|[^ `]|`)+/g) ?? [];

const lengthOf = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : Array.from(text).length;
