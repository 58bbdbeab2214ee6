import type { Envelope, Outline, Part, Range } from "./outline.ts";

/**
 * The outline of a message after `length` octets of whole header fields have come into its header: fields no outline
 * speaks of, between others or in front of them. Much cheaper than another pass over the octets.
 */
export const shifted = (outline: Outline, length: number): Outline => ({
  ...outline,
  size: outline.size + length,
  root: shiftedPart(outline.root, length),
});

function shiftedPart(part: Part, by: number): Part {
  const { header, body, parts, message } = part;
  return {
    ...part,
    header: shiftedRange(header, by),
    body: shiftedRange(body, by),
    parts: parts.length === 0 ? parts : parts.map((child) => shiftedPart(child, by)),
    ...(message === undefined ? {} : { message: shiftedMessage(message, by) }),
  };
}

const shiftedMessage = (
  { envelope, root }: { readonly envelope: Envelope; readonly root: Part },
  by: number,
): NonNullable<Part["message"]> => ({ envelope, root: shiftedPart(root, by) });

/** The header of the message begins where it did. */
const shiftedRange = ({ start, end }: Range, by: number): Range => ({
  start: start === 0 ? 0 : start + by,
  end: end + by,
});
