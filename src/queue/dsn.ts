/** Delivery status notifications as messages. RFC 3461 §6, 3464, 6522, 6533; T-16 */
import { isAscii, printable } from "../base/ascii.ts";
import { formatDate } from "../message/date.ts";
import { decodedHeader } from "../message/text.ts";
import { findField } from "../message/header.ts";
import { encodeQuotedPrintable } from "../message/transfer-encoding.ts";
import type { Reply } from "../smtp/reply.ts";
import { returnedPart } from "./dsn-returned.ts";
import { statusPart } from "./dsn-status.ts";
import { ENGLISH, GERMAN, SUBJECTS, type Words } from "./dsn-words.ts";
import { replyLine, statusOf } from "./status.ts";

/** RFC 3464 §2.3.3, the gravest first: it names the notice. */
export const DSN_ACTIONS = ["failed", "delayed", "relayed", "expanded", "delivered"] as const;
export type DsnAction = (typeof DSN_ACTIONS)[number];

export type DsnRecipient = {
  /** As in the envelope. */
  readonly address: string;
  readonly orcpt?: { readonly type: string; readonly address: string };
  readonly action: DsnAction;
  /** The reply that decided it. */
  readonly reply: Reply;
  /** The server that gave the reply; absent where the words are ours. */
  readonly host?: string;
  readonly lastAttempt_ms: number;
  /** Of a delayed one. */
  readonly willRetryUntil_ms?: number;
};

export type DsnReport = {
  /** Unique; becomes Message-ID and boundary. */
  readonly id: string;
  readonly hostName: string;
  readonly now_ms: number;
  /** Envelope sender of the original, who gets the notice; never empty. */
  readonly sender: string;
  readonly envid?: string;
  readonly arrival_ms: number;
  /** The original needed SMTPUTF8. */
  readonly smtpUtf8: boolean;
  /** At least one; only those whose sender is to be told. */
  readonly recipients: readonly DsnRecipient[];
  readonly original: OriginalMessage;
};

/** `whole` where `returnsWhole` says so, else its header. Empty: the octets are gone. */
export type OriginalMessage = { readonly kind: "whole" | "header"; readonly octets: Uint8Array };

/** A notice ready for its way back, from the null sender. */
export type DsnMessage = {
  readonly octets: Buffer;
  readonly smtpUtf8: boolean;
  readonly body: "7BIT" | "8BITMIME";
};

/** A body part: header fields with CRLF, and its octets as they go over the wire. */
export type DsnPart = { readonly fields: string; readonly octets: Buffer };

/** One message about all recipients of one try. */
export function buildDsn(report: DsnReport): DsnMessage {
  const form = formOf(report);
  const returned = returnedPart(report.original, form);
  const parts = [textPart(report, returned.kind), statusPart(report, form), returned.part];
  const boundary = `=_${report.id}`;
  const octets = Buffer.concat([
    Buffer.from(headerFields(report, boundary)),
    ...parts.flatMap((part) => enclosed(part, boundary)),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return {
    octets,
    smtpUtf8: form.smtpUtf8,
    body: octets.some((octet) => octet > 0x7f) ? "8BITMIME" : "7BIT",
  };
}

/**
 * `global`: the media types of RFC 6533 are needed. `smtpUtf8`: the notice itself goes to a UTF-8 address, so its way back
 * takes UTF-8; where it does not, global parts are encoded. RFC 6533 §4.5
 */
export type DsnForm = { readonly global: boolean; readonly smtpUtf8: boolean };

function formOf({ sender, smtpUtf8, recipients }: DsnReport): DsnForm {
  const addresses = recipients.flatMap(({ address, orcpt }) => [address, orcpt?.address ?? ""]);
  return { global: smtpUtf8 || ![sender, ...addresses].every(isAscii), smtpUtf8: !isAscii(sender) };
}

const enclosed = ({ fields, octets }: DsnPart, boundary: string): readonly Buffer[] => [
  Buffer.from(`\r\n--${boundary}\r\n${fields}\r\n`),
  octets,
];

function headerFields(report: DsnReport, boundary: string): string {
  const { hostName, sender, now_ms, id, original } = report;
  const answered = messageIdOf(original.octets);
  return [
    `Date: ${formatDate(now_ms)}`,
    `From: Mail Delivery System <postmaster@${hostName}>`,
    `To: <${printable(sender)}>`,
    `Subject: ${SUBJECTS[gravest(report)]}`,
    `Message-ID: <${id}@${hostName}>`,
    ...(answered === undefined ? [] : [`In-Reply-To: ${answered}`, `References: ${answered}`]),
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    "",
    "This is a delivery status notification in MIME format.",
  ].join("\r\n");
}

const gravest = ({ recipients }: DsnReport): DsnAction =>
  DSN_ACTIONS.find((action) => recipients.some((recipient) => recipient.action === action)) ?? "failed";

const MESSAGE_ID = /^<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>$/;

/** So that a mail program shows the notice beside the message; an odd one is left out. */
function messageIdOf(octets: Uint8Array): string | undefined {
  const id = findField(octets, "message-id");
  return id !== undefined && MESSAGE_ID.test(id) ? id : undefined;
}

function textPart(report: DsnReport, returned: "whole" | "header" | "none"): DsnPart {
  const subject = decodedHeader(findField(report.original.octets, "subject") ?? "");
  const text = [ENGLISH, GERMAN]
    .map((words) => explanation(report, words, subject, returned))
    .join(`\r\n${"-".repeat(40)}\r\n\r\n`);
  return {
    fields: "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
    octets: Buffer.from(encodeQuotedPrintable(text)),
  };
}

function explanation(
  report: DsnReport,
  words: Words,
  subject: string,
  returned: "whole" | "header" | "none",
): string {
  const sections = DSN_ACTIONS.flatMap((action) => {
    const about = report.recipients.filter((recipient) => recipient.action === action);
    return about.length === 0
      ? []
      : ["", words.actions[action], "", ...about.flatMap((recipient) => recipientLines(recipient, words))];
  });
  const until = report.recipients.find(
    ({ willRetryUntil_ms }) => willRetryUntil_ms !== undefined,
  )?.willRetryUntil_ms;
  const closing = [
    ...(until === undefined ? [] : [words.retryUntil(formatDate(until))]),
    ...(subject === "" ? [] : [words.subject(printable(subject, 200))]),
    ...(returned === "none" ? [] : [words.returned[returned]]),
  ];
  return `${[words.opening(report.hostName), ...sections, ...closing].join("\r\n")}\r\n`;
}

function recipientLines({ address, action, reply, host }: DsnRecipient, words: Words): readonly string[] {
  const lines = [`  <${printable(address)}>`];
  if (action === "failed" || action === "delayed") {
    const status = statusOf(reply);
    const hint = words.hints.find(([pattern]) => pattern.test(status))?.[1];
    if (hint !== undefined) lines.push(`    ${hint}`);
    const text = replyLine(reply);
    lines.push(`    ${host === undefined ? text : words.said(host, text)}`);
  }
  return [...lines, ""];
}
