import type { TLSSocketOptions } from "node:tls";
import type { ImapRefusal } from "./backend.ts";

/** The end of a command: the tagged line. RFC 9051 §7.1 */
export type Completion = {
  readonly status: "OK" | "NO" | "BAD";
  /** Response code with its arguments, without brackets. */
  readonly code?: string;
  readonly text: string;
  /** TLS begins behind this line. */
  readonly upgrade?: () => TLSSocketOptions;
};

export const done = (text: string, code?: string): Completion =>
  code === undefined ? { status: "OK", text } : { status: "OK", text, code };
export const no = (text: string, code?: string): Completion =>
  code === undefined ? { status: "NO", text } : { status: "NO", text, code };
export const bad = (text: string): Completion => ({ status: "BAD", text });
export const refused = ({ code, text }: ImapRefusal): Completion => no(text, code);

export const noSuchMailbox = no("There is no such mailbox", "NONEXISTENT");
/** A name in modified UTF-7 that decodes to nothing, for commands that would make one (E-21). */
export const badMailboxName = no("That is not a mailbox name", "CANNOT");
export const beyondMailbox = bad("No message has that number");

export function formatCompletion(tag: string, { status, code, text }: Completion): string {
  return `${tag} ${status} ${code === undefined ? "" : `[${code}] `}${text}\r\n`;
}
