import { formatDate } from "../message/date.ts";
import type { MailTransaction, SmtpSessionFacts } from "../smtp/backend.ts";

/**
 * The Received field of a session's message. RFC 5321 §4.4, RFC 3848 (`with`), RFC 8314 §4.3 (`tls`).
 * A submitter's address and HELO stay out of it (G-18).
 */
export function receivedField(
  session: SmtpSessionFacts,
  mail: MailTransaction,
  hostName: string,
  now_ms: number,
): string {
  const from = session.profile === "submission" ? "" : `${fromClause(session)}\r\n\t`;
  const only = mail.recipients.length === 1 ? mail.recipients[0] : undefined;
  const recipient = only === undefined ? "" : `\r\n\tfor <${only.to.text}>`;
  return `Received: ${from}by ${hostName} with ${protocolOf(session, mail)}${tlsClause(session)} id ${mail.id}${recipient};\r\n\t${dateText(Math.floor(now_ms / 1000))}\r\n`;
}

/** A busy server writes the same second into many messages. */
function dateText(now_s: number): string {
  if (now_s !== written.second) written = { second: now_s, text: formatDate(now_s * 1000) };
  return written.text;
}

let written = { second: -1, text: "" };

export const returnPathField = (mail: MailTransaction): string =>
  `Return-Path: <${mail.from?.text ?? ""}>\r\n`;

function fromClause(session: SmtpSessionFacts): string {
  const { address } = session.remote;
  const literal = address.family === 6 ? `[IPv6:${address.text}]` : `[${address.text}]`;
  return `from ${session.helo?.name ?? "unknown"} (${literal})`;
}

/** RFC 3848, 6531 §4.3: ESMTP, S with TLS, A with AUTH, UTF8 in front. */
function protocolOf(session: SmtpSessionFacts, mail: MailTransaction): string {
  const suffix = `${session.tls ? "S" : ""}${session.identity ? "A" : ""}`;
  if (session.profile === "lmtp") return `${mail.smtpUtf8 ? "UTF8" : ""}LMTP${suffix}`;
  if (session.helo?.verb === "HELO" && suffix === "") return "SMTP";
  return mail.smtpUtf8 ? `UTF8SMTP${suffix}` : `ESMTP${suffix}`;
}

const tlsClause = (session: SmtpSessionFacts): string =>
  session.tls === undefined ? "" : `\r\n\ttls ${session.tls.cipher}`;
