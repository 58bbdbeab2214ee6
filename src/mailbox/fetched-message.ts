import type { FetchedMessage, FlagList } from "../imap/backend.ts";
import type { Outline } from "../message/outline.ts";
import type { MailReads, MessageRow } from "../store/store.ts";
import { toFlagList } from "./flags.ts";

/** A message that another session removed between the index row and its octets. */
export class MessageGone extends Error {
  constructor(uid: number) {
    super(`message ${uid} has gone while it was read`);
    this.name = "MessageGone";
  }
}

/** A row with its octets and outline behind it, read when asked for; the outline once. */
export function fetchedMessage(mail: MailReads, row: MessageRow): FetchedMessage {
  let outline: Promise<Outline> | undefined;
  const { blob, flags, ...facts } = row;
  return {
    ...facts,
    flags: toFlagList(flags) as FlagList,
    outline: () => (outline ??= present(mail.outline(blob), row.uid)),
    octets: (start, end) => present(mail.octets(blob, start, end), row.uid),
  };
}

async function present<T>(found: Promise<T | undefined>, uid: number): Promise<T> {
  const value = await found;
  if (value === undefined) throw new MessageGone(uid);
  return value;
}
