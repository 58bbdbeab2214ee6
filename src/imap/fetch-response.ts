import { decodeTransfer } from "../message/transfer-encoding.ts";
import type { Outline } from "../message/outline.ts";
import type { FetchedMessage } from "./backend.ts";
import { formatStructure } from "./body-structure.ts";
import type { FetchItem, Partial } from "./fetch-items.ts";
import { formatDateTime, formatEnvelope } from "./response.ts";
import { filterHeader, findPart, locate } from "./section.ts";
import type { ImapSession } from "./session.ts";

type BodyItem = Extract<FetchItem, { kind: "body" }>;
type BinaryItem = Extract<FetchItem, { kind: "binary" | "binary-size" }>;

/** Writes `* n FETCH (…)` for one message. RFC 9051 §7.5.2 */
export async function writeMessage(
  session: ImapSession,
  number: number,
  message: FetchedMessage,
  items: readonly FetchItem[],
): Promise<void> {
  session.write(`* ${number} FETCH (`);
  for (const [i, item] of items.entries()) {
    if (i > 0) session.write(" ");
    if (item.kind === "body") await writeBody(session, message, item);
    else if (item.kind === "binary" || item.kind === "binary-size") await writeBinary(session, message, item);
    else session.write(await simpleItem(session, message, item.kind));
  }
  session.write(")\r\n");
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

async function writeBody(session: ImapSession, message: FetchedMessage, item: BodyItem): Promise<void> {
  const octets = await bodyOctets(message, item);
  const origin = item.partial === undefined ? "" : `<${item.partial.start}>`;
  if (octets === undefined) return session.write(`${item.name}${origin} NIL`);
  session.write(`${item.name}${origin} {${octets.length}}\r\n`);
  session.write(octets);
}

/** Only the octets that are needed are read: a part, or a piece of one. */
async function bodyOctets(
  message: FetchedMessage,
  { section, partial }: BodyItem,
): Promise<Buffer | undefined> {
  const whole = section.path.length === 0 && section.text === "all";
  const found = whole
    ? { range: { start: 0, end: message.size_octets }, filtered: false }
    : locate(await message.outline(), section);
  if (found === undefined) return undefined;
  const { range, filtered } = found;
  if (filtered) return cut(filterHeader(await message.octets(range.start, range.end), section), partial);
  const start = Math.min(range.start + (partial?.start ?? 0), range.end);
  const end = partial === undefined ? range.end : Math.min(start + partial.count, range.end);
  return start === end ? Buffer.alloc(0) : message.octets(start, end);
}

const cut = (octets: Buffer, partial: Partial | undefined): Buffer =>
  partial === undefined ? octets : octets.subarray(partial.start, partial.start + partial.count);

/** BINARY: a part with its transfer encoding undone. RFC 3516 §4, RFC 9051 §6.4.5 */
async function writeBinary(session: ImapSession, message: FetchedMessage, item: BinaryItem): Promise<void> {
  const label = `${item.kind === "binary" ? "BINARY" : "BINARY.SIZE"}[${item.path.join(".")}]`;
  const origin = item.partial === undefined ? "" : `<${item.partial.start}>`;
  const octets = await decodedPart(message, await message.outline(), item.path);
  if (item.kind === "binary-size") return session.write(`${label} ${octets?.length ?? 0}`);
  if (octets === undefined) return session.write(`${label}${origin} NIL`);
  const wanted = cut(octets, item.partial);
  session.write(`${label}${origin} ${wanted.includes(0) ? "~" : ""}{${wanted.length}}\r\n`);
  session.write(wanted);
}

async function decodedPart(
  message: FetchedMessage,
  outline: Outline,
  path: readonly number[],
): Promise<Buffer | undefined> {
  if (path.length === 0) return message.octets();
  const part = findPart(outline, path);
  if (part === undefined) return undefined;
  return decodeTransfer(await message.octets(part.body.start, part.body.end), part.encoding);
}
