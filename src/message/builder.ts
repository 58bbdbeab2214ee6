/** The mail the server writes itself: welcome mail, notices, delivery reports. Pure: date and ids are arguments. */
import { isAscii as isAsciiOctets } from "node:buffer";
import { createHash } from "node:crypto";
import { isAscii } from "../base/ascii.ts";
import { formatAddress, formatPhrase, type Address } from "./address.ts";
import { formatDate, type DateTime } from "./date.ts";
import { encodePhrase, encodeWords } from "./encoded-word.ts";
import { foldedField } from "./folding.ts";
import { LINE_OCTETS_MAX } from "./limits.ts";
import { asBuffer } from "./octets.ts";
import { encodeParameter } from "./parameter.ts";
import { encodeBase64, encodeQuotedPrintable } from "./transfer-encoding.ts";

/** A part to write. Line ends of texts may be of any kind; CRLF comes out. */
export type NewPart =
  | { readonly kind: "text"; readonly subtype: "plain" | "html"; readonly text: string }
  /** Any octets, in base64. `type` as `application/pdf`. */
  | {
      readonly kind: "attachment";
      readonly type: string;
      readonly fileName: string;
      readonly octets: Uint8Array;
    }
  /** A whole message, as it is; where it cannot travel as it is (long lines, NUL), only its header. */
  | { readonly kind: "message"; readonly octets: Uint8Array }
  /** Only the header of a message. RFC 6522 §4 */
  | { readonly kind: "message-header"; readonly octets: Uint8Array }
  /** Groups of fields separated by empty lines, as message/delivery-status has them. RFC 3464 §2.1 */
  | { readonly kind: "status"; readonly subtype: string; readonly groups: readonly (readonly FieldText[])[] }
  | {
      readonly kind: "multipart";
      readonly subtype: string;
      readonly parameters?: readonly FieldText[];
      readonly parts: readonly NewPart[];
    };

export type FieldText = readonly [name: string, value: string];

export type MessageHead = {
  readonly from: readonly Address[];
  readonly to: readonly Address[];
  readonly subject: string;
  readonly date: DateTime;
  /** With its angle brackets. */
  readonly messageId: string;
  /** Further fields, unstructured; encoded where they are not ASCII. */
  readonly fields?: readonly FieldText[];
};

/**
 * Writes a message: CRLF only, no line over 998 octets, ASCII except inside enclosed messages. CR, LF and NUL in any
 * value become spaces, so none starts another field (D-41). RFC 5322 §3.6, RFC 2045
 */
export function buildMessage(head: MessageHead, content: NewPart): Buffer {
  const fields = [
    addressField("From", head.from),
    addressField("To", head.to),
    textField("Subject", head.subject),
    foldedField("Date", formatDate(head.date.epoch_ms, head.date.zone_minutes)),
    foldedField("Message-ID", head.messageId),
    ...(head.fields ?? []).map(([name, value]) => textField(name, value)),
    foldedField("MIME-Version", "1.0"),
  ];
  return Buffer.concat([Buffer.from(fields.join(""), "utf8"), writePart(content, head.messageId)]);
}

export type ReportContent = {
  /** For people. */
  readonly text: string;
  /** For programs: the fields about the message, then those of each recipient. RFC 3464 §2.1 */
  readonly status: readonly (readonly FieldText[])[];
  readonly original: { readonly octets: Uint8Array; readonly whole: boolean };
};

/** Writes a delivery status notification. RFC 3464, RFC 6522, RFC 3834 §5 (`Auto-Submitted`) */
export function buildReport(head: MessageHead, report: ReportContent): Buffer {
  const { octets, whole } = report.original;
  const fields: readonly FieldText[] = [["Auto-Submitted", "auto-replied"], ...(head.fields ?? [])];
  return buildMessage(
    { ...head, fields },
    {
      kind: "multipart",
      subtype: "report",
      parameters: [["report-type", "delivery-status"]],
      parts: [
        { kind: "text", subtype: "plain", text: report.text },
        { kind: "status", subtype: "delivery-status", groups: report.status },
        { kind: whole ? "message" : "message-header", octets },
      ],
    },
  );
}

const textField = (name: string, value: string): string => foldedField(name, encodeWords(value));

/** Display names that are not ASCII become encoded words; addresses never do. RFC 2047 §5 (3) */
function addressField(name: string, addresses: readonly Address[]): string {
  const phrase = (text: string): string =>
    isAscii(text) && text.length < 200 && !text.includes("=?") ? formatPhrase(text) : encodePhrase(text);
  return foldedField(name, addresses.map((address) => formatAddress(address, phrase)).join(", "));
}

/** A part with its Content fields and empty line. */
function writePart(part: NewPart, seed: string): Buffer {
  switch (part.kind) {
    case "text":
      return writeText(part.subtype, part.text);
    case "attachment":
      return writeAttachment(part.type, part.fileName, part.octets);
    case "message":
      return writeMessage(part.octets);
    case "message-header":
      return writeMessageHeader(part.octets);
    case "status":
      return writeStatus(part.subtype, part.groups);
    case "multipart":
      return writeMultipart(part.subtype, part.parameters ?? [], part.parts, seed);
  }
}

/** Lines of text that need no encoding are this long at most. RFC 5322 §2.1.1 */
const PLAIN_LINE_LENGTH_MAX = 78;

function writeText(subtype: string, text: string): Buffer {
  const clean = withCrlf(text.replaceAll("\0", "").toWellFormed());
  const type = [["Content-Type", `text/${subtype}; charset=utf-8`]] as const;
  const isPlain = isAscii(clean) && clean.split("\r\n").every((line) => line.length <= PLAIN_LINE_LENGTH_MAX);
  if (isPlain) return withFields(type, Buffer.from(clean, "latin1"));
  const quoted = encodeQuotedPrintable(clean);
  const encoded = encodeBase64(Buffer.from(clean, "utf8"));
  const useQuoted = quoted.length <= encoded.length;
  const encoding = ["Content-Transfer-Encoding", useQuoted ? "quoted-printable" : "base64"] as const;
  return withFields([...type, encoding], Buffer.from(useQuoted ? quoted : encoded, "latin1"));
}

function writeAttachment(type: string, fileName: string, octets: Uint8Array): Buffer {
  const fields = [
    ["Content-Type", type],
    ["Content-Transfer-Encoding", "base64"],
    ["Content-Disposition", `attachment; ${encodeParameter("filename", fileName)}`],
  ] as const;
  return withFields(fields, Buffer.from(encodeBase64(octets), "latin1"));
}

function writeMessage(octets: Uint8Array): Buffer {
  const text = withCrlf(asBuffer(octets).toString("latin1"));
  if (!isTransportable(text)) return writeMessageHeader(octets);
  return withFields([["Content-Type", "message/rfc822"]], Buffer.from(text, "latin1"));
}

/** NUL goes, and so does what a line has over the limit. */
function writeMessageHeader(octets: Uint8Array): Buffer {
  const text = withCrlf(asBuffer(octets).toString("latin1"));
  const end = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n");
  const lines = (end < 0 ? text : text.slice(0, end)).replaceAll("\0", "").split("\r\n");
  const cut = lines.map((line) => line.slice(0, LINE_OCTETS_MAX)).join("\r\n");
  return withFields([["Content-Type", "text/rfc822-headers"]], Buffer.from(endingLine(cut), "latin1"));
}

function writeStatus(subtype: string, groups: readonly (readonly FieldText[])[]): Buffer {
  const written = groups.map((group) => group.map(([name, value]) => textField(name, value)).join(""));
  return withFields([["Content-Type", `message/${subtype}`]], Buffer.from(written.join("\r\n"), "utf8"));
}

function writeMultipart(
  subtype: string,
  parameters: readonly FieldText[],
  parts: readonly NewPart[],
  seed: string,
): Buffer {
  const written = parts.map((part, i) => writePart(part, `${seed}.${i}`));
  const boundary = unusedBoundary(seed, written);
  const attributes = [...parameters, ["boundary", boundary] as const].map(
    ([name, value]) => `; ${encodeParameter(name, value)}`,
  );
  const opening = Buffer.from(`--${boundary}\r\n`, "latin1");
  const between = Buffer.from("\r\n", "latin1");
  const body = written.flatMap((part) => [opening, part, between]);
  const octets = Buffer.concat([...body, Buffer.from(`--${boundary}--\r\n`, "latin1")]);
  return withFields([["Content-Type", `multipart/${subtype}${attributes.join("")}`]], octets);
}

/** A boundary that stands in none of the parts; the same input gives the same one. */
function unusedBoundary(seed: string, parts: readonly Buffer[]): string {
  for (let attempt = 0; ; attempt++) {
    const digest = createHash("sha256").update(`${attempt} ${seed}`).digest("hex").slice(0, 32);
    const boundary = `=_${digest}`;
    if (!parts.some((part) => part.includes(boundary))) return boundary;
  }
}

function withFields(fields: readonly FieldText[], body: Buffer): Buffer {
  const all = isAsciiOctets(body) ? fields : [...fields, ["Content-Transfer-Encoding", "8bit"] as const];
  const header = all.map(([name, value]) => foldedField(name, value)).join("");
  return Buffer.concat([Buffer.from(`${header}\r\n`, "utf8"), body]);
}

const withCrlf = (text: string): string => endingLine(text.replace(/\r\n|\r|\n/g, "\r\n"));

const endingLine = (text: string): string => (text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`);

const isTransportable = (text: string): boolean =>
  !text.includes("\0") && text.split("\r\n").every((line) => line.length <= LINE_OCTETS_MAX);
