import { DOT, LF } from "../base/ascii.ts";
import { POP3_LIMITS } from "./limits.ts";

/** RFC 2449 §8, RFC 3206 §4 */
export type ResponseCode = "IN-USE" | "AUTH" | "SYS/TEMP" | "SYS/PERM";

/** What the server says to one line. */
export type Reply =
  | StatusReply
  /** A SASL challenge: `+ ` and base64. RFC 5034 §4 */
  | { readonly kind: "challenge"; readonly octets: Uint8Array }
  /** A status line, lines without CRLF that never begin with a dot, and the final dot. */
  | { readonly kind: "listing"; readonly text: string; readonly lines: readonly string[] }
  /** A message, to be dot-stuffed. */
  | { readonly kind: "message"; readonly text: string; readonly octets: Buffer };

export type StatusReply = {
  readonly kind: "status";
  readonly ok: boolean;
  readonly code?: ResponseCode;
  readonly text: string;
  /** What follows once the line is sent. */
  readonly next?: "close" | "tls";
};

export const positive = (text: string): StatusReply => ({ kind: "status", ok: true, text });
export const negative = (text: string, code?: ResponseCode): StatusReply => ({
  kind: "status",
  ok: false,
  text,
  ...(code === undefined ? {} : { code }),
});

/** The octets of a reply, in pieces that may be written one after the other. RFC 1939 §3 */
export function* formatReply(reply: Reply): Generator<string | Uint8Array, void, undefined> {
  switch (reply.kind) {
    case "status":
      yield statusLine(reply);
      return;
    case "challenge":
      yield `+ ${Buffer.from(reply.octets).toString("base64")}\r\n`;
      return;
    case "listing":
      yield statusLine(positive(reply.text));
      for (const line of reply.lines) yield `${line}\r\n`;
      yield ".\r\n";
      return;
    case "message":
      yield statusLine(positive(reply.text));
      yield* stuffDots(reply.octets);
      yield endsInCrlf(reply.octets) ? ".\r\n" : "\r\n.\r\n";
  }
}

const statusLine = ({ ok, code, text }: StatusReply): string =>
  `${ok ? "+OK" : "-ERR"}${code === undefined ? "" : ` [${code}]`} ${text}\r\n`;

/** A message without a final CRLF gets one: the final dot needs a line of its own. */
const endsInCrlf = (octets: Buffer): boolean => octets.length === 0 || octets.subarray(-2).equals(CRLF);
const CRLF = Buffer.from("\r\n");

/**
 * Doubles the dot at the beginning of each line; every other octet stays as it is. RFC 1939 §3
 *
 * Deviation: a line here also begins after a bare LF. Most clients read lines so, and without the second dot
 * such a message (BINARYMIME and IMAP APPEND can store one) would end early and speak for the server.
 */
export function* stuffDots(octets: Buffer): Generator<Buffer, void, undefined> {
  let lineStart = true;
  for (let from = 0; from < octets.length; from += POP3_LIMITS.stuffing_octets) {
    const piece = octets.subarray(from, from + POP3_LIMITS.stuffing_octets);
    yield stuffPiece(piece, lineStart);
    lineStart = piece.at(-1) === LF;
  }
}

function stuffPiece(piece: Buffer, lineStart: boolean): Buffer {
  const dots = leadingDots(piece, lineStart);
  if (dots.length === 0) return piece;
  const stuffed = Buffer.allocUnsafe(piece.length + dots.length);
  let read = 0;
  let written = 0;
  for (const dot of dots) {
    written += piece.copy(stuffed, written, read, dot);
    stuffed[written++] = DOT;
    read = dot;
  }
  piece.copy(stuffed, written, read);
  return stuffed;
}

function leadingDots(piece: Buffer, lineStart: boolean): readonly number[] {
  const dots: number[] = lineStart && piece[0] === DOT ? [0] : [];
  for (let at = piece.indexOf("\n."); at >= 0; at = piece.indexOf("\n.", at + 1)) dots.push(at + 1);
  return dots;
}
