import { reply, type Reply } from "../smtp/reply.ts";
import { POLICY_LIMITS } from "./limits.ts";

export type Evidence = Readonly<Record<string, string | number | boolean>>;

/** Something the message carries from the rules to those who file it. */
export type Tag = {
  /** `junk`, `hold`, `prepend`, `redirect`, `bcc`, `filter`, `warn`, `delay`. */
  readonly kind: "junk" | "hold" | "prepend" | "redirect" | "bcc" | "filter" | "warn" | "delay";
  readonly value: string;
};

/** What one rule says. `run`: these rules of a table instead. */
export type Verdict =
  | { readonly kind: "permit" | "dunno"; readonly reason?: string; readonly evidence: Evidence }
  | {
      readonly kind: "reject" | "defer" | "defer-if-permit" | "defer-if-reject";
      readonly reason: string;
      readonly evidence: Evidence;
      readonly reply: Reply;
    }
  | { readonly kind: "tag"; readonly reason: string; readonly evidence: Evidence; readonly tag: Tag }
  | { readonly kind: "run"; readonly rules: string; readonly evidence: Evidence };

export type Refusing = Extract<Verdict, { readonly reply: Reply }>;

/** Most rules have nothing to say. */
export const NO_EVIDENCE: Evidence = Object.freeze({});

export const permit = (evidence: Evidence = NO_EVIDENCE, reason?: string): Verdict =>
  reason === undefined ? { kind: "permit", evidence } : { kind: "permit", reason, evidence };

export const dunno = (evidence: Evidence = NO_EVIDENCE, reason?: string): Verdict =>
  reason === undefined ? { kind: "dunno", evidence } : { kind: "dunno", reason, evidence };

/** Why a rule has nothing to say. */
export const noOpinion = (reason: string): Verdict => dunno(NO_EVIDENCE, reason);

/** A refusal for good or for now, as its code says: the enhanced code follows the class of the code (RFC 3463 §3.1). */
export function refuse(
  code: number,
  enhanced: string,
  text: string,
  reason: string,
  evidence: Evidence = {},
): Refusing {
  // A code that somebody set wrongly must not turn a refusal into consent.
  const sure = code >= 400 && code <= 599 ? code : 554;
  return {
    kind: sure < 500 ? "defer" : "reject",
    reason,
    evidence,
    reply: refusal(sure, enhanced, text, reason),
  };
}

/** Not now, unless somebody else refuses: something that might have refused could not be learned. */
export function deferIfPermit(
  text: string,
  enhanced: string,
  reason: string,
  evidence: Evidence = {},
): Refusing {
  return { kind: "defer-if-permit", reason, evidence, reply: refusal(450, enhanced, text, reason) };
}

/** A refusal that follows becomes temporary: something that might have permitted could not be learned. */
export function deferIfReject(
  text: string,
  enhanced: string,
  reason: string,
  evidence: Evidence = {},
): Refusing {
  return { kind: "defer-if-reject", reason, evidence, reply: refusal(450, enhanced, text, reason) };
}

/** The rules themselves are wrong: nothing is accepted on their word. */
export const misconfigured = (why: string, evidence: Evidence = {}): Refusing =>
  refuse(451, "4.3.5", "Server configuration error", "misconfigured", { ...evidence, why });

function refusal(code: number, enhanced: string, text: string, reason: string): Reply {
  const dsn = `${Math.trunc(code / 100)}${enhanced.slice(1)}`;
  const answer = reply(code, dsn, replyText(text), reason);
  return code === 421 || code === 521 ? { ...answer, close: true } : answer;
}

/** Text from strangers made fit for one reply line: printable ASCII, bounded (D-40, D-42). */
export const replyText = (text: string): string =>
  text.replace(/[^\u0020-\u007e]/g, "?").slice(0, POLICY_LIMITS.replyTextMax);
