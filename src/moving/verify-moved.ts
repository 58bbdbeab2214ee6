import { createHash, type Hash } from "node:crypto";
import type { Store } from "../store/store.ts";
import type { MovedFolder } from "./move-in.ts";

/** Both sides of one folder: what came over, and what the store gives back when read again. */
export type FolderReport = {
  readonly folder: string;
  readonly mailbox: string;
  readonly source: Side;
  readonly here: Side;
  readonly equal: boolean;
  /** Why not, or what to know. */
  readonly notes: readonly string[];
};
export type Side = { readonly messages: number; readonly octets: number; readonly hash: string };

/**
 * Reads every message of the folder back from disk and holds count, octets and content against what the source sent.
 * The hash is SHA-256 over the SHA-256 of each message, in the order of the source.
 */
export async function verifyFolder(store: Store, moved: MovedFolder): Promise<FolderReport> {
  const { folder, mailbox, entries, record } = moved;
  const blobs = await blobsOf(store, moved);
  const source = new Sum();
  const here = new Sum();
  let changed = 0;
  let gone = 0;
  let damaged = 0;
  for (const { key, size_octets } of entries) {
    const one = record.moved.get(key);
    source.add(one?.size_octets ?? size_octets, one?.hash ?? "missing");
    if (one === undefined) continue;
    if (moved.announcesSizes && one.size_octets !== size_octets) changed++;
    const blob = blobs.get(one.uid);
    const octets = blob === undefined ? undefined : await store.mail.octets(blob);
    if (octets === undefined) {
      gone++;
      continue;
    }
    const hash = createHash("sha256").update(octets).digest("hex");
    if (hash !== one.hash) damaged++;
    here.add(octets.length, hash);
  }
  const sides = { source: source.side(), here: here.side() };
  const missing = entries.filter(({ key }) => !record.moved.has(key)).length - moved.tooLarge.length;
  return {
    folder: folder.id,
    mailbox: mailbox.name,
    ...sides,
    equal: sides.source.hash === sides.here.hash,
    notes: [
      note(moved.tooLarge.length, "larger than can be taken"),
      note(missing, "announced by the source and not given"),
      note(gone, "moved or deleted here since"),
      note(damaged, "damaged here"),
      note(changed, "of another size than the source announced; taken as it came"),
    ].filter((text) => text !== ""),
  };
}

const note = (count: number, what: string): string => (count > 0 ? `${count} ${what}` : "");

class Sum {
  #messages = 0;
  #octets = 0;
  readonly #hash: Hash = createHash("sha256");

  add(octets: number, hash: string): void {
    this.#messages++;
    this.#octets += octets;
    this.#hash.update(hash);
  }

  side(): Side {
    return { messages: this.#messages, octets: this.#octets, hash: this.#hash.digest("hex") };
  }
}

async function blobsOf(store: Store, { record, mailbox }: MovedFolder): Promise<ReadonlyMap<number, string>> {
  const uids = Uint32Array.from([...record.moved.values()].map(({ uid }) => uid)).toSorted();
  const blobs = new Map<number, string>();
  for await (const rows of store.mail.messages(mailbox.id, uids))
    for (const { uid, blob } of rows) blobs.set(uid, blob);
  return blobs;
}
