import { printable } from "../base/ascii.ts";
import { REPLY_TEXT_MAX } from "./client-limits.ts";
import type { Reply } from "./reply.ts";

/** One line of a remote's reply. */
export type ReplyLine = { readonly code: number; readonly last: boolean; readonly text: string };

/**
 *     Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
 *
 * RFC 5321 §4.2. Total: undefined for a line without a code between 200 and 599 (T-65).
 */
export function parseReplyLine(octets: Buffer): ReplyLine | undefined {
  const line = octets.toString("latin1");
  const parts = /^([2-5][0-9]{2})(?:([ -])(.*))?$/s.exec(line);
  if (!parts) return undefined;
  return { code: Number(parts[1]), last: parts[2] !== "-", text: printable(parts[3] ?? "", REPLY_TEXT_MAX) };
}

/** A whole reply: all lines must have one code. The enhanced code is taken from the first line. RFC 2034 §4 */
export function assembleReply(lines: readonly ReplyLine[]): Reply | undefined {
  const code = lines[0]?.code;
  if (code === undefined || lines.some((line) => line.code !== code)) return undefined;
  const enhanced = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)/.exec(lines[0]?.text ?? "")?.[1];
  const matches = enhanced !== undefined && enhanced[0] === String(code)[0];
  const texts = lines.map((line) =>
    matches ? line.text.replace(/^[245]\.[0-9]{1,3}\.[0-9]{1,3} ?/, "") : line.text,
  );
  return { code, ...(matches ? { enhanced } : {}), lines: texts };
}
