import type { ModSeq, Uid } from "../../base/mail-ids.ts";
import type { FetchedMessage } from "../backend.ts";
import { SELECTED, type Command } from "../command.ts";
import { bad, beyondMailbox, done, no, refused, type Completion } from "../completion.ts";
import { responseBroken } from "../events.ts";
import { fetchItems, type FetchItem } from "../fetch-items.ts";
import { fetchModifiers, type FetchModifiers } from "../fetch-modifiers.ts";
import { prepareMessage, writeMessage, type PreparedMessage } from "../fetch-response.ts";
import { rangeOf } from "../partial-range.ts";
import { formatSet, sequenceSet, within, type SequenceSet } from "../sequence-set.ts";
import type { ImapSession } from "../session.ts";

/** FETCH and UID FETCH. RFC 9051 §6.4.5, §6.4.9 */
export const fetch = (byUid: boolean): Command => ({
  states: SELECTED,
  keepsNumbers: !byUid,
  parse(cursor) {
    cursor.space();
    const set = sequenceSet(cursor);
    cursor.space();
    const asked = fetchItems(cursor);
    const modifiers = fetchModifiers(cursor, byUid);
    cursor.end();
    return async (session) => {
      const uids = session.mailbox.view.resolve(set, byUid, session.savedSearch);
      if (uids === undefined) return beyondMailbox;
      if (modifiers.vanished && !session.modes.qresync) return bad("VANISHED needs ENABLE QRESYNC");
      const items = withImplied(session, asked, byUid, modifiers);
      if (modifiers.vanished) await tellVanished(session, set, modifiers);
      const wanted = modifiers.partial === undefined ? uids : rangeOf(uids, modifiers.partial);
      return isFlagsOnly(items)
        ? fetchFlags(session, wanted, items, modifiers)
        : fetchMessages(session, wanted, items, modifiers);
    };
  },
});

/** UID FETCH always tells the uid; asking for modseqs switches them on for the session (RFC 7162 §3.1). */
function withImplied(
  session: ImapSession,
  asked: readonly FetchItem[],
  byUid: boolean,
  { changedSince }: FetchModifiers,
): readonly FetchItem[] {
  const asks = (kind: FetchItem["kind"]): boolean => asked.some((item) => item.kind === kind);
  if (changedSince !== undefined || asks("modseq")) session.enableCondstore();
  return [
    ...(byUid && !asks("uid") ? [{ kind: "uid" } as const] : []),
    ...asked,
    ...(changedSince !== undefined && !asks("modseq") ? [{ kind: "modseq" } as const] : []),
  ];
}

/** What went since, for a client that comes back. It is told of the others by EXPUNGE or VANISHED. RFC 7162 §3.2.6 */
async function tellVanished(
  session: ImapSession,
  set: SequenceSet,
  { changedSince = 0 }: FetchModifiers,
): Promise<void> {
  const { box, view } = session.mailbox;
  if (set.kind === "saved") return;
  const { vanished } = await box.delta(changedSince as ModSeq);
  const earlier = within(vanished, set.ranges).filter((uid) => !view.has(uid));
  if (earlier.length > 0) session.untagged(`VANISHED (EARLIER) ${formatSet(earlier)}`);
}

const CHEAP: ReadonlySet<FetchItem["kind"]> = new Set(["flags", "uid", "modseq"]);
const isFlagsOnly = (items: readonly FetchItem[]): boolean => items.every((item) => CHEAP.has(item.kind));

/** Flags and uids come from the index alone: a hundred thousand in a fraction of a second. */
async function fetchFlags(
  session: ImapSession,
  uids: Uint32Array,
  items: readonly FetchItem[],
  { changedSince = -1 }: FetchModifiers,
): Promise<Completion> {
  const { box, view } = session.mailbox;
  for await (const batch of box.flags(uids)) {
    let text = "";
    for (const { uid, flags, modSeq } of batch) {
      const number = view.numberOf(uid);
      if (number === 0 || modSeq <= changedSince) continue;
      session.introduceKeywords(flags);
      let parts = "";
      for (const { kind } of items) {
        if (parts !== "") parts += " ";
        if (kind === "uid") parts += `UID ${uid}`;
        else if (kind === "flags") parts += `FLAGS ${session.flagsOf(uid, flags)}`;
        else parts += `MODSEQ (${modSeq})`;
      }
      text += `* ${number} FETCH (${parts})\r\n`;
    }
    session.write(text);
    await session.breathe();
    if (!session.connection.open) break;
  }
  return done("Done");
}

async function fetchMessages(
  session: ImapSession,
  uids: Uint32Array,
  items: readonly FetchItem[],
  { changedSince = -1 }: FetchModifiers,
): Promise<Completion> {
  const { box, view } = session.mailbox;
  const seen: Uid[] = [];
  const marks =
    !box.readOnly && items.some((item) => (item.kind === "body" || item.kind === "binary") && !item.peek);
  let unknownEncoding = false;
  for await (const message of box.messages(uids)) {
    const number = view.numberOf(message.uid);
    if (number === 0 || message.modSeq <= changedSince) continue;
    const prepared = await prepareIfThere(session, number, message, items);
    if (prepared === undefined) continue;
    session.introduceKeywords(message.flags);
    await writeOrPart(session, message, prepared);
    if (!session.connection.open) return done("Done");
    unknownEncoding ||= prepared.unknownEncoding;
    if (marks && !message.flags.includes("\\Seen")) seen.push(message.uid);
    await session.breathe();
  }
  const marked = seen.length === 0 ? undefined : await markSeen(session, seen);
  if (marked !== undefined && !marked.ok) return refused(marked.error);
  return unknownEncoding ? no("A part has an encoding we do not know", "UNKNOWN-CTE") : done("Done");
}

/** Undefined when another session removed the message in this very moment. RFC 2180 §4.1 */
async function prepareIfThere(
  session: ImapSession,
  number: number,
  message: FetchedMessage,
  items: readonly FetchItem[],
): Promise<PreparedMessage | undefined> {
  try {
    return await prepareMessage(session, number, message, items);
  } catch (error) {
    for await (const batch of session.mailbox.box.flags(Uint32Array.of(message.uid))) {
      if (batch.length > 0) throw error;
    }
    return undefined;
  }
}

/** Half a literal cannot be taken back: whatever we wrote next would pass for mail. */
async function writeOrPart(
  session: ImapSession,
  message: FetchedMessage,
  prepared: PreparedMessage,
): Promise<void> {
  try {
    await writeMessage(session, message, prepared);
  } catch (error) {
    responseBroken(session.options.log, error);
    session.connection.destroy();
  }
}

/** Reading sets \Seen; the client is told with the changes that follow the command. RFC 9051 §6.4.5 */
const markSeen = (session: ImapSession, uids: readonly Uid[]) =>
  session.mailbox.box.storeFlags(Uint32Array.from(uids), { action: "add", flags: ["\\Seen"] });
