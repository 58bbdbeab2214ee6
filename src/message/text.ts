/** The words of a message, for search: what a person would read, in one string. */
import { decode } from "./charset.ts";
import { decodeWords } from "./encoded-word.ts";
import { unfold } from "./header-text.ts";
import { htmlText } from "./html-text.ts";
import { asBuffer } from "./octets.ts";
import type { Outline, Part } from "./outline.ts";
import { decodeParameter } from "./parameter.ts";
import { decodeTransfer } from "./transfer-encoding.ts";

/** A header value as people read it: encoded words decoded, on one line. RFC 2047 */
export const decodedHeader = (value: string): string => decodeWords(unfold(value));

/**
 * Decoded text of all text parts in order, those of enclosed messages too; tags of HTML removed. `budget_octets`
 * bounds the octets of text parts that are looked at, in their transfer encoding.
 */
export function messageText(octets: Uint8Array, outline: Outline, budget_octets: number): string {
  const texts: string[] = [];
  let left = budget_octets;
  for (const part of textParts(outline.root)) {
    if (left <= 0) break;
    const end = Math.min(part.body.end, part.body.start + left);
    left -= end - part.body.start;
    const text = partText(octets, { ...part, body: { start: part.body.start, end } });
    if (text !== "") texts.push(text);
  }
  return texts.join("\n");
}

/** Text of one text part; empty where its transfer encoding is unknown. */
export function partText(octets: Uint8Array, part: Part): string {
  const text = decodedText(octets, part);
  return part.subtype === "html" ? htmlText(text) : text;
}

/** The same with the tags of HTML. */
export function decodedText(octets: Uint8Array, part: Part): string {
  const decoded = decodeTransfer(asBuffer(octets).subarray(part.body.start, part.body.end), part.encoding);
  return decoded === undefined ? "" : decode(decoded, decodeParameter(part.parameters, "charset") ?? "");
}

/** All text parts in order, those of enclosed messages too. */
export function* textParts(part: Part): Generator<Part, void, undefined> {
  if (part.type === "text") yield part;
  for (const child of part.parts) yield* textParts(child);
  if (part.message) yield* textParts(part.message.root);
}
