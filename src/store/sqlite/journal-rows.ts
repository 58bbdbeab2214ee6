import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { JournalEntry } from "../store.ts";

/** Up to here a record is kept as it is: deflate takes 31 µs of the writing thread, and a disk block is not filled. */
const PLAIN_OCTETS_MAX = 1_500;
/**
 * A record of 4 KB in 35 µs instead of 100, which are mostly cleared memory and search, for a tenth more of space; a
 * record fills no chunk of 16 KB.
 */
const DEFLATE = { windowBits: 13, level: 1, chunkSize: 4_096 } as const;
const INFLATE = { chunkSize: 8_192 } as const;
const PLAIN = 0;
/** Keys and body; written until the keys were left out of it. */
const ALL_DEFLATED = 1;
const BODY_DEFLATED = 2;
const LINE_FEED = 10;

/**
 * Keys and body of a record as its row keeps them: a mark, then JSON array of the keys, a line feed, the body; this is
 * deflated where it is long. The keys are in it so that a record can be shown, and its rows of `journal_key` written and
 * found again, without a second index; they stay readable by themselves, since every record is indexed.
 */
export function packBody(keys: readonly string[], body: string): Buffer {
  const head = `${JSON.stringify(keys)}\n`;
  if (head.length + body.length < PLAIN_OCTETS_MAX)
    return Buffer.concat([Buffer.of(PLAIN), Buffer.from(`${head}${body}`)]);
  return Buffer.concat([
    Buffer.of(BODY_DEFLATED),
    Buffer.from(head),
    deflateRawSync(Buffer.from(body), DEFLATE),
  ]);
}

export function unpackBody(packed: Uint8Array): Pick<JournalEntry, "keys" | "body"> {
  const { head, rest } = parted(packed);
  const body = packed[0] === BODY_DEFLATED ? inflateRawSync(rest, INFLATE) : rest;
  return { keys: keysIn(head), body: body.toString() };
}

/** As programs up to schema 7 read it: they know no keys outside of what is deflated. */
export function packForSchema7(packed: Uint8Array): Uint8Array {
  if (packed[0] !== BODY_DEFLATED) return packed;
  const { keys, body } = unpackBody(packed);
  const text = Buffer.from(`${JSON.stringify(keys)}\n${body}`);
  return Buffer.concat([Buffer.of(ALL_DEFLATED), deflateRawSync(text, DEFLATE)]);
}

/** Without looking at the body. */
export const unpackKeys = (packed: Uint8Array): readonly string[] => keysIn(parted(packed).head);

function parted(packed: Uint8Array): { readonly head: Buffer; readonly rest: Buffer } {
  const content = Buffer.from(packed.buffer, packed.byteOffset + 1, packed.byteLength - 1);
  const text = packed[0] === ALL_DEFLATED ? inflateRawSync(content, INFLATE) : content;
  const end = text.indexOf(LINE_FEED);
  return { head: text.subarray(0, end), rest: text.subarray(end + 1) };
}

const keysIn = (head: Buffer): readonly string[] => JSON.parse(head.toString()) as string[];

/** The counter of the octets of bodies as stored, of all records whose keys are written. */
export const JOURNAL_OCTETS = "journal_octets";
