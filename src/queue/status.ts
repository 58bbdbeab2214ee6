import { printable } from "../base/ascii.ts";
import type { Reply } from "../smtp/reply.ts";
import { QUEUE_LIMITS } from "./limits.ts";

const STATUS = /^[245]\.[0-9]{1,3}\.[0-9]{1,3}$/;

/** The status code of a reply: its enhanced code where that agrees with the reply code, else `4.0.0` and the like. RFC 3461 §6.3 (g) */
export function statusOf({ code, enhanced }: Pick<Reply, "code" | "enhanced">): string {
  const digit = String(code).charAt(0);
  if (enhanced !== undefined && STATUS.test(enhanced) && enhanced.startsWith(digit)) return enhanced;
  return /[245]/.test(digit) ? `${digit}.0.0` : "4.0.0";
}

/** One line for the queue list and the log: `450 4.2.0 mx.example.org said: Try again later`. */
export function replyLine({ code, enhanced, lines }: Reply, host?: string): string {
  const text = lines.slice(0, QUEUE_LIMITS.diagnosticLinesMax).join(" ");
  const said = host === undefined ? text : `${host} said: ${text}`;
  return printable(
    [code, enhanced, said].filter((part) => part !== undefined).join(" "),
    QUEUE_LIMITS.lastReply_chars,
  );
}

/** The lines of a reply as they came, for a Diagnostic-Code field. RFC 3461 §9.2 */
export function diagnosticLines({ code, enhanced, lines }: Reply): readonly string[] {
  const kept = lines.slice(0, QUEUE_LIMITS.diagnosticLinesMax);
  const prefix = enhanced === undefined ? "" : `${enhanced} `;
  return (kept.length === 0 ? [""] : kept).map((line, i, all) => {
    const separator = i === all.length - 1 ? " " : "-";
    return `${code}${separator}${prefix}${printable(line, QUEUE_LIMITS.diagnosticLine_chars)}`.trimEnd();
  });
}
