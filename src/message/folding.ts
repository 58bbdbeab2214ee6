/** One header field on lines of decent length. RFC 5322 §2.2.3 */

/** Where folding is tried. RFC 5322 §2.1.1 */
const LINE_LENGTH_WANTED = 78;
/** Where a line is broken even without white space: no line may pass 998 octets, and a character has up to four. */
const LINE_LENGTH_FORCED = 240;

/**
 * Writes a field, folded before white space; a word too long for any line is broken, for no value may make a line
 * that other servers refuse. Controls become spaces; octets that no field name has are dropped. D-41
 *
 *   field = field-name ":" SP unstructured CRLF
 */
export function foldedField(name: string, value: string): string {
  const oneLine = value.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, " ").toWellFormed();
  const clean = oneLine.replace(LONG_BLANK, " ");
  const first = `${name.replace(/[^\x21-\x39\x3b-\x7e]/g, "")}:`;
  let line = first;
  let folded = "";
  for (const word of ` ${clean.trim()}`.match(WORD_WITH_SPACE) ?? []) {
    if (line.length + word.length > LINE_LENGTH_WANTED && line !== first) {
      folded += `${line}\r\n`;
      line = "";
    }
    line += word;
    while (line.length > LINE_LENGTH_FORCED) {
      const cut = cutBefore(line, LINE_LENGTH_FORCED);
      folded += `${line.slice(0, cut)}\r\n`;
      line = ` ${line.slice(cut)}`;
    }
  }
  return `${folded}${line}\r\n`;
}

/** More white space than a line holds could become a line of white space, which looks like the end of the header. */
const LONG_BLANK = /[ \t]{70,}/g;

/** A word with the white space before it; no two alternatives can begin alike. */
const WORD_WITH_SPACE = /[ \t]*[^ \t]+/g;

/** Not inside a surrogate pair. */
const cutBefore = (text: string, at: number): number =>
  (text.charCodeAt(at) & 0xfc00) === 0xdc00 ? at - 1 : at;
