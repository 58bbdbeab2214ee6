/** RFC 5322 §2.1.1 */
const LINE_LENGTH_WANTED = 76;
const FOLD = "\r\n\t";

/** Tags in the order they are written; `b` has its own lines, so that filling it in moves nothing else. */
export type TagToWrite = readonly [name: string, value: string];

/**
 * A field of tags, folded between tags and behind colons of h=, without CRLF at its end. RFC 6376 §3.2
 * With an empty b= it is what its own signature signs, but for what canonicalization makes of white space.
 */
export function writeTags(fieldName: string, tags: readonly TagToWrite[]): string {
  let text = `${fieldName}:`;
  let lineStart = 0;
  const lineBreak = (): void => {
    lineStart = text.length + 2;
    text += FOLD;
  };
  tags.forEach(([name, value], i) => {
    const piece = `${name}=${name === "b" ? foldBase64(value) : value}${i < tags.length - 1 ? ";" : ""}`;
    const afterSignature = tags[i - 1]?.[0] === "b";
    const room = LINE_LENGTH_WANTED - (text.length - lineStart) - 1;
    if (i > 0 && (name === "b" || afterSignature || piece.length > room)) lineBreak();
    else text += " ";
    if (name !== "h") text += piece;
    else {
      for (const part of piece.split(/(?<=:)/)) {
        if (part.length > LINE_LENGTH_WANTED - (text.length - lineStart)) lineBreak();
        text += part;
      }
    }
  });
  return text;
}

/** Lines of 72 with the `b=` of the first. */
const foldBase64 = (value: string): string => `b=${value}`.replace(/.{72}(?=.)/g, `$&${FOLD}`).slice(2);
