/** The part of a notice that programs read. RFC 3464 §2, RFC 6533 §3, §4.1 */
import { isAscii, printable } from "../base/ascii.ts";
import { parseIp } from "../base/ip.ts";
import { formatDate } from "../message/date.ts";
import { encodeQuotedPrintable } from "../message/transfer-encoding.ts";
import type { DsnForm, DsnPart, DsnRecipient, DsnReport } from "./dsn.ts";
import { diagnosticLines, statusOf } from "./status.ts";

/**
 *     delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields )
 */
export function statusPart(report: DsnReport, form: DsnForm): DsnPart {
  const groups = [
    messageFields(report),
    ...report.recipients.map((recipient) => recipientFields(recipient, form)),
  ];
  const content = groups.map((fields) => `${fields.join("\r\n")}\r\n`).join("\r\n");
  if (!form.global) {
    return { fields: "Content-Type: message/delivery-status\r\n", octets: Buffer.from(sevenBit(content)) };
  }
  const type = "Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding:";
  if (form.smtpUtf8) return { fields: `${type} 8bit\r\n`, octets: Buffer.from(content) };
  return { fields: `${type} quoted-printable\r\n`, octets: Buffer.from(encodeQuotedPrintable(content)) };
}

function messageFields({ envid, hostName, arrival_ms }: DsnReport): readonly string[] {
  return [
    ...(envid === undefined ? [] : [`Original-Envelope-Id: ${printable(envid)}`]),
    `Reporting-MTA: dns; ${hostName}`,
    `Arrival-Date: ${formatDate(arrival_ms)}`,
  ];
}

function recipientFields(recipient: DsnRecipient, form: DsnForm): readonly string[] {
  const { orcpt, address, action, reply, host, lastAttempt_ms, willRetryUntil_ms } = recipient;
  return [
    ...(orcpt === undefined ? [] : [`Original-Recipient: ${originalRecipient(orcpt, form)}`]),
    `Final-Recipient: ${isAscii(address) ? "rfc822" : "utf-8"}; ${printable(address)}`,
    `Action: ${action}`,
    `Status: ${statusOf(reply)}`,
    ...(host === undefined ? [] : [`Remote-MTA: dns; ${mtaName(host)}`]),
    `Diagnostic-Code: smtp; ${diagnosticLines(reply).join("\r\n ")}`,
    `Last-Attempt-Date: ${formatDate(lastAttempt_ms)}`,
    ...(willRetryUntil_ms === undefined ? [] : [`Will-Retry-Until: ${formatDate(willRetryUntil_ms)}`]),
  ];
}

/** A host known by its address only is written as a literal. RFC 3461 §9.3 */
const mtaName = (host: string): string => (parseIp(host) === undefined ? host : `[${host}]`);

/** As the sender gave it; written in plain UTF-8 where the part may hold it. RFC 6533 §3 */
function originalRecipient(
  { type, address }: NonNullable<DsnRecipient["orcpt"]>,
  { global }: DsnForm,
): string {
  const plain = global && type.toLowerCase() === "utf-8" ? withoutUnitext(address) : address;
  return `${type}; ${printable(plain)}`;
}

/**
 * Undoes the 7-bit form of a UTF-8 address; anything odd stays as it is.
 *
 *     EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"
 */
function withoutUnitext(address: string): string {
  return address.replace(/\\x\{([0-9A-Fa-f]{2,6})\}/g, (embedded, hexPoint: string) => {
    const point = Number.parseInt(hexPoint, 16);
    const sound = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return sound ? String.fromCodePoint(point) : embedded;
  });
}

/** Only a remote reply can hold such characters here. */
const sevenBit = (text: string): string => text.replace(/[^\x00-\x7f]/g, "?");
