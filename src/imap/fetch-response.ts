import type { Range } from "../message/outline.ts";
import { decodeTransfer } from "../message/transfer-encoding.ts";
import type { FetchedMessage } from "./backend.ts";
import { formatStructure } from "./body-structure.ts";
import type { FetchItem, Partial } from "./fetch-items.ts";
import { formatDateTime, formatEnvelope } from "./response.ts";
import { filterHeader, findPart, locate } from "./section.ts";
import type { ImapSession } from "./session.ts";

type BodyItem = Extract<FetchItem, { kind: "body" }>;
type BinaryItem = Extract<FetchItem, { kind: "binary" | "binary-size" }>;

/** A piece of a response: what is known already, or octets of the message that are read as they are written. */
type Piece = string | Buffer | Range;

export type PreparedMessage = {
  readonly pieces: readonly Piece[];
  /** A part in an encoding we cannot undo was asked for by BINARY. */
  readonly unknownEncoding: boolean;
};

/**
 * `* n FETCH (…)` for one message. Everything that may fail is read here, before the first octet is written; only the
 * rest of large bodies comes later. RFC 9051 §7.5.2
 */
export async function prepareMessage(
  session: ImapSession,
  number: number,
  message: FetchedMessage,
  items: readonly FetchItem[],
): Promise<PreparedMessage> {
  const pieces: Piece[] = [];
  let unknownEncoding = false;
  const decoded: Decoded = new Map();
  for (const [i, item] of items.entries()) {
    pieces.push(i === 0 ? `* ${number} FETCH (` : " ");
    if (item.kind === "body") pieces.push(...(await bodyPieces(session, message, item)));
    else if (item.kind === "binary" || item.kind === "binary-size") {
      const binary = await binaryPieces(message, item, decoded);
      unknownEncoding ||= binary === undefined;
      pieces.push(...(binary ?? [item.kind === "binary" ? `${labelOf(item)} NIL` : `${labelOf(item)} 0`]));
    } else pieces.push(await simpleItem(session, message, item.kind));
  }
  return { pieces: [...pieces, ")\r\n"], unknownEncoding };
}

/** Throws when a large body could not be read to its end: then the client counts on octets that never come. */
export async function writeMessage(
  session: ImapSession,
  message: FetchedMessage,
  { pieces }: PreparedMessage,
): Promise<void> {
  for (const piece of pieces) {
    if (typeof piece === "string" || Buffer.isBuffer(piece)) session.write(piece);
    else await writeRange(session, message, piece);
  }
}

/** Piece by piece, each when the client has taken the one before: memory does not grow with the message. */
async function writeRange(
  session: ImapSession,
  message: FetchedMessage,
  { start, end }: Range,
): Promise<void> {
  const { bodyPiece_octets } = session.options.limits;
  for (let at = start; at < end && session.connection.open; at += bodyPiece_octets) {
    session.write(await message.octets(at, Math.min(at + bodyPiece_octets, end)));
    await session.breathe();
  }
}

type SimpleKind = Exclude<FetchItem["kind"], "body" | "binary" | "binary-size">;

async function simpleItem(session: ImapSession, message: FetchedMessage, kind: SimpleKind): Promise<string> {
  const { modes } = session;
  switch (kind) {
    case "flags":
      return `FLAGS ${session.flagsOf(message.uid, message.flags)}`;
    case "uid":
      return `UID ${message.uid}`;
    case "date":
      return `INTERNALDATE ${formatDateTime(message.internalDate_ms)}`;
    case "size":
      return `RFC822.SIZE ${message.size_octets}`;
    case "modseq":
      return `MODSEQ (${message.modSeq})`;
    case "emailid":
      return `EMAILID (${message.emailId})`;
    case "threadid":
      return `THREADID (${message.threadId})`;
    case "savedate":
      return `SAVEDATE ${formatDateTime(message.saved_ms)}`;
    case "envelope":
      return `ENVELOPE ${formatEnvelope((await message.outline()).envelope, modes)}`;
    case "structure":
      return `BODYSTRUCTURE ${formatStructure((await message.outline()).root, true, modes)}`;
    case "structure-short":
      return `BODY ${formatStructure((await message.outline()).root, false, modes)}`;
  }
}

async function bodyPieces(session: ImapSession, message: FetchedMessage, item: BodyItem): Promise<Piece[]> {
  const name = `${item.name}${originOf(item)}`;
  const octets = await bodyOctets(message, item);
  if (octets === undefined) return [`${name} NIL`];
  if (Buffer.isBuffer(octets)) return [`${name} {${octets.length}}\r\n`, octets];
  const { start, end } = octets;
  const small = end - start <= session.options.limits.bodyPiece_octets;
  const piece = small ? await readRange(message, octets) : octets;
  return [`${name} {${end - start}}\r\n`, piece];
}

const readRange = async (message: FetchedMessage, { start, end }: Range): Promise<Buffer> =>
  start === end ? Buffer.alloc(0) : message.octets(start, end);

/** The octets of a section, or where they are. Undefined: there is no such part. */
async function bodyOctets(
  message: FetchedMessage,
  { section, partial }: BodyItem,
): Promise<Buffer | Range | undefined> {
  const whole = section.path.length === 0 && section.text === "all";
  const range = whole ? { start: 0, end: message.size_octets } : locate(await message.outline(), section);
  if (range === undefined) return undefined;
  if (section.text === "fields" || section.text === "fields-not")
    return cut(filterHeader(await readRange(message, range), section), partial);
  if (partial === undefined) return range;
  const start = Math.min(range.start + partial.start, range.end);
  return { start, end: Math.min(start + partial.count, range.end) };
}

const cut = (octets: Buffer, partial: Partial | undefined): Buffer =>
  partial === undefined ? octets : octets.subarray(partial.start, partial.start + partial.count);

const originOf = ({ partial }: { readonly partial: Partial | undefined }): string =>
  partial === undefined ? "" : `<${partial.start}>`;

const labelOf = (item: BinaryItem): string =>
  `${item.kind === "binary" ? "BINARY" : "BINARY.SIZE"}[${item.path.join(".")}]${originOf(item)}`;

/** Parts already decoded for this response: who asks a hundred times for one part gets one in memory. */
type Decoded = Map<string, Buffer | undefined>;

/** A part with its transfer encoding undone; undefined where we cannot. RFC 3516 §4, RFC 9051 §6.4.5 */
async function binaryPieces(
  message: FetchedMessage,
  item: BinaryItem,
  decoded: Decoded,
): Promise<Piece[] | undefined> {
  const outline = await message.outline();
  const part = item.path.length === 0 ? undefined : findPart(outline, item.path);
  if (part === undefined && item.path.length > 0)
    return [item.kind === "binary" ? `${labelOf(item)} NIL` : `${labelOf(item)} 0`];
  const range = part?.body ?? { start: 0, end: outline.size };
  const key = item.path.join(".");
  const octets = decoded.has(key)
    ? decoded.get(key)
    : decodeTransfer(await readRange(message, range), part?.encoding ?? "binary");
  decoded.set(key, octets);
  if (octets === undefined) return undefined;
  if (item.kind === "binary-size") return [`${labelOf(item)} ${octets.length}`];
  const wanted = cut(octets, item.partial);
  // literal8 only where it is needed: not every client that asks for BINARY reads it.
  return [`${labelOf(item)} ${wanted.includes(0) ? "~" : ""}{${wanted.length}}\r\n`, wanted];
}
