import { asciiLower } from "../../base/ascii.ts";
import { parseIp } from "../../base/ip.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseAddressList, mailboxesOf, formatAddrSpec } from "../../message/address.ts";
import { parseDate } from "../../message/date.ts";
import { fieldKey, fields, fieldValue, findField } from "../../message/header.ts";
import { asBuffer } from "../../message/octets.ts";
import type { Outline, Part } from "../../message/outline.ts";
import { decodeTransfer } from "../../message/transfer-encoding.ts";
import { REPORT_LIMITS } from "./limits.ts";
import { present } from "./present.ts";

/** A complaint about one message, or the report of a failed authentication. RFC 5965 §3, RFC 6591 §3 */
export type FeedbackReport = {
  /** Lower case: `abuse`, `fraud`, `virus`, `other`, `not-spam`, `auth-failure`, or a newer word. */
  readonly type: string;
  readonly userAgent: string;
  readonly version: string;
  readonly originalSender?: string;
  readonly originalRecipients: readonly string[];
  readonly arrival_ms?: number;
  readonly reportingMta?: string;
  readonly source?: string;
  readonly incidents: number;
  readonly reportedDomains: readonly string[];
  readonly reportedUris: readonly string[];
  readonly authenticationResults: readonly string[];
  /** RFC 6591: `bodyhash`, `signature`, `spf`, `dmarc`, …; and which identifiers were aligned. */
  readonly authFailure?: string;
  readonly dkimDomain?: string;
  readonly dkimSelector?: string;
  readonly deliveryResult?: string;
  /** Of the message that is complained about, as far as it was sent along. */
  readonly original: { readonly messageId?: string; readonly from?: string; readonly subject?: string };
};

export type FeedbackProblem = "not-a-report" | "too-large" | "incomplete";

/**
 * Reads a multipart/report of the type feedback-report. Never throws. RFC 5965 §2; C-42, G-27
 *
 *   feedback-report = "Feedback-Type:", "User-Agent:", "Version:", then optional fields, some repeated
 */
export function parseFeedbackReport(
  message: Uint8Array,
  outline: Outline,
): Result<FeedbackReport, FeedbackProblem> {
  const octets = asBuffer(message);
  const parts = outline.root.subtype === "report" ? outline.root.parts : [];
  const machine = parts.find(({ type, subtype }) => type === "message" && subtype === "feedback-report");
  if (machine === undefined) return err("not-a-report");
  if (machine.body.end - machine.body.start > REPORT_LIMITS.feedbackOctetsMax) return err("too-large");
  const values = valuesOf(bodyOf(octets, machine));
  const one = (name: string): string | undefined => values.get(name)?.[0];
  const many = (name: string): readonly string[] => values.get(name) ?? [];
  const type = one("feedback-type");
  if (type === undefined) return err("incomplete");
  const source = parseIp(one("source-ip") ?? "")?.text;
  const arrival = parseDate(one("arrival-date") ?? one("received-date") ?? "")?.epoch_ms;
  return ok({
    type: asciiLower(type),
    userAgent: one("user-agent") ?? "",
    version: one("version") ?? "",
    ...present("originalSender", addressIn(one("original-mail-from"))),
    originalRecipients: many("original-rcpt-to").flatMap((value) => addressIn(value) ?? []),
    ...present("arrival_ms", arrival),
    ...present("reportingMta", one("reporting-mta")?.replace(/^\s*dns\s*;\s*/i, "")),
    ...present("source", source),
    incidents: incidents(one("incidents")),
    reportedDomains: many("reported-domain").map(asciiLower),
    reportedUris: many("reported-uri"),
    authenticationResults: many("authentication-results"),
    ...present("authFailure", lower(one("auth-failure"))),
    ...present("dkimDomain", lower(one("dkim-domain"))),
    ...present("dkimSelector", one("dkim-selector")),
    ...present("deliveryResult", lower(one("delivery-result"))),
    original: originalOf(octets, parts),
  });
}

/** By name in lower case; the order of repeated fields is kept. */
function valuesOf(body: Buffer): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  // Some writers begin the fields after an empty line.
  const start = /^[\r\n]*/.exec(body.toString("latin1", 0, 16))?.[0].length ?? 0;
  const block = body.subarray(start);
  for (const field of fields(block)) {
    const list = values.get(fieldKey(block, field)) ?? [];
    const value = fieldValue(block, field).slice(0, REPORT_LIMITS.textLengthMax);
    if (value !== "" && list.length < REPORT_LIMITS.feedbackValuesMax) list.push(value);
    if (list.length > 0) values.set(fieldKey(block, field), list);
  }
  return values;
}

const bodyOf = (octets: Buffer, part: Part): Buffer => {
  const raw = octets.subarray(part.body.start, part.body.end);
  return decodeTransfer(raw, part.encoding) ?? raw;
};

/** The third part: message/rfc822, or only its header. */
function originalOf(octets: Buffer, parts: readonly Part[]): FeedbackReport["original"] {
  const isOriginal = ({ type, subtype }: Part): boolean =>
    (type === "message" && (subtype === "rfc822" || subtype === "global")) ||
    (type === "text" && subtype === "rfc822-headers");
  const part = parts.find(isOriginal);
  if (part === undefined) return {};
  const header =
    part.encoding === "base64" || part.encoding === "quoted-printable" ? bodyOf(octets, part) : octets;
  const range = header === octets ? part.body : { start: 0, end: header.length };
  const value = (name: string): string | undefined =>
    findField(header, name, range)?.slice(0, REPORT_LIMITS.textLengthMax);
  return {
    ...present("messageId", value("Message-ID")),
    ...present("from", value("From")),
    ...present("subject", value("Subject")),
  };
}

function addressIn(text: string | undefined): string | undefined {
  const [mailbox] = mailboxesOf(parseAddressList(text ?? "").addresses);
  return mailbox === undefined || mailbox.domain === "" ? undefined : formatAddrSpec(mailbox);
}

/** One report may stand for several; RFC 5965 §3.2 says 1 where nothing is said. */
const incidents = (text: string | undefined): number =>
  /^[1-9][0-9]{0,8}$/.test(text ?? "") ? Number(text) : 1;

const lower = (text: string | undefined): string | undefined =>
  text === undefined ? text : asciiLower(text);
