/** A reply as data; `server.ts` turns it into lines. RFC 5321 §4.2, RFC 2034 (enhanced codes) */
export type Reply = {
  /** 200 to 599. */
  readonly code: number;
  /** `class.subject.detail`, e.g. `5.1.1`; absent only in greeting, HELO/EHLO and 3xx (T-17). */
  readonly enhanced?: string;
  /** One entry per line; ASCII without CR, LF or NUL, text an enemy may read. */
  readonly lines: readonly string[];
  /** For our log only: the reason constant, e.g. `unknown-recipient`. */
  readonly reason?: string;
  /** The text ends with an id that `wachpost explain` takes. */
  readonly quotable?: true;
  /** The session ends after this reply (421, 521, QUIT). */
  readonly close?: boolean;
};

export function reply(code: number, enhanced: string, text: string, reason?: string): Reply {
  return reason === undefined ? { code, enhanced, lines: [text] } : { code, enhanced, lines: [text], reason };
}

export const closing = (answer: Reply): Reply => ({ ...answer, close: true });

/** What the reader of a refusal can quote to us, in its last line. */
export function withId(refusal: Reply, id: string): Reply {
  const last = refusal.lines.length - 1;
  const lines = refusal.lines.map((line, i) => (i === last ? `${line} (${id})` : line));
  return { ...refusal, lines, quotable: true };
}

const written = new WeakMap<Reply, string>();

/** A reply that every dialogue has, written once for all of them. */
export function constant(answer: Reply): Reply {
  written.set(answer, formatReply(answer));
  return answer;
}

/** What stands on the wire for a constant reply; undefined for others. */
export const writtenReply = (answer: Reply): string | undefined => written.get(answer);

/** Octets for the wire: CRLF line ends, enhanced code on every line. */
export function formatReply({ code, enhanced, lines }: Reply): string {
  const prefix = enhanced === undefined ? "" : `${enhanced} `;
  const last = lines.length - 1;
  let text = "";
  for (let i = 0; i <= last; i++) text += `${code}${i === last ? " " : "-"}${prefix}${lines[i]}\r\n`;
  return text;
}
