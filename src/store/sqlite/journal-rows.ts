import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { JournalEntry } from "../store.ts";

/**
 * Keys and body of a record as its row keeps them: JSON array of the keys, a line feed, the body, all deflated. The
 * keys are in it so that a record can be shown, and its rows of `journal_key` found again, without a second index.
 * Measured on a session of 1 KB: deflate 31 µs to 261 octets and 11 µs back; zstd 43 µs to 272 and 28 µs back.
 */
export const packBody = (keys: readonly string[], body: string): Buffer =>
  deflateRawSync(`${JSON.stringify(keys)}\n${body}`);

export function unpackBody(packed: Uint8Array): Pick<JournalEntry, "keys" | "body"> {
  const text = inflateRawSync(packed).toString();
  const end = text.indexOf("\n");
  return { keys: JSON.parse(text.slice(0, end)) as string[], body: text.slice(end + 1) };
}

/** The counter of the octets of all bodies as stored. */
export const JOURNAL_OCTETS = "journal_octets";
