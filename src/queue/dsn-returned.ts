/** What of the original message goes back with a notice. RFC 3461 §4.3, RFC 6522 §3, RFC 6533 §4.2, §4.3 */
import { CR, LF, NUL } from "../base/ascii.ts";
import { headerEnd } from "../message/header.ts";
import { asBuffer } from "../message/octets.ts";
import { encodeBase64 } from "../message/transfer-encoding.ts";
import type { DsnAction, DsnForm, DsnPart, OriginalMessage } from "./dsn.ts";
import { QUEUE_LIMITS } from "./limits.ts";

/**
 * True where the whole message goes back: asked for, of bearable size, and about a failure. Everywhere else its header:
 * whoever wrote a message has it already, and a forged sender should not get a stranger's attachments (T-16).
 */
export function returnsWhole(
  entry: { readonly ret?: "FULL" | "HDRS"; readonly tls?: string; readonly size_octets: number },
  actions: readonly DsnAction[],
): boolean {
  return (
    entry.ret === "FULL" &&
    // RFC 8689 §5: what must not travel without TLS does not come back whole.
    entry.tls !== "required" &&
    entry.size_octets <= QUEUE_LIMITS.returnedMessage_octets &&
    actions.includes("failed")
  );
}

export type Returned = { readonly kind: "whole" | "header" | "none"; readonly part: DsnPart };

export function returnedPart(original: OriginalMessage, form: DsnForm): Returned {
  const octets = asBuffer(original.octets);
  if (original.kind === "whole" && isPlain(octets)) {
    return { kind: "whole", part: partOf(form.global ? "message/global" : "message/rfc822", octets, form) };
  }
  const header = headerOf(octets);
  const part = partOf(form.global ? "message/global-headers" : "text/rfc822-headers", header, form);
  return { kind: header.length === 0 ? "none" : "header", part };
}

/** Only the global types may be encoded; the others are sent as they are. */
function partOf(type: string, octets: Buffer, { global, smtpUtf8 }: DsnForm): DsnPart {
  if (octets.every((octet) => octet < 0x80)) return { fields: `Content-Type: ${type}\r\n`, octets };
  const encoding = global && !smtpUtf8 ? "base64" : "8bit";
  const fields = `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n`;
  return { fields, octets: encoding === "base64" ? Buffer.from(encodeBase64(octets)) : octets };
}

/** Lines of bearable length that end in CRLF, no NUL: what any server takes with 8BITMIME. */
function isPlain(octets: Buffer): boolean {
  let lineStart = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at];
    if (octet === NUL) return false;
    if (octet === CR && octets[at + 1] !== LF) return false;
    if (octet !== LF) continue;
    if (octets[at - 1] !== CR || at - 1 - lineStart > QUEUE_LIMITS.line_octets) return false;
    lineStart = at + 1;
  }
  return octets.length - lineStart <= QUEUE_LIMITS.line_octets;
}

/** The header fields without the empty line, in lines any server takes. */
function headerOf(octets: Buffer): Buffer {
  const header = octets.subarray(0, headerEnd(octets));
  const lines: Buffer[] = [];
  let size_octets = 0;
  for (let start = 0; start < header.length;) {
    const found = header.indexOf(LF, start);
    const end = found < 0 ? header.length : found;
    const line = plainLine(header.subarray(start, end));
    size_octets += line.length;
    if (size_octets > QUEUE_LIMITS.returnedHeader_octets) break;
    if (line.length > CRLF.length) lines.push(line);
    start = end + 1;
  }
  return Buffer.concat(lines);
}

const CRLF = Buffer.from("\r\n");

const plainLine = (line: Buffer): Buffer =>
  Buffer.concat([
    line.filter((octet) => octet !== CR && octet !== NUL).subarray(0, QUEUE_LIMITS.line_octets),
    CRLF,
  ]);
