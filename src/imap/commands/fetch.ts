import type { Uid } from "../../base/mail-ids.ts";
import { SELECTED, type Command } from "../command.ts";
import { beyondMailbox, done, refused, type Completion } from "../completion.ts";
import { fetchItems, type FetchItem } from "../fetch-items.ts";
import { writeMessage } from "../fetch-response.ts";
import { sequenceSet } from "../sequence-set.ts";
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
    let changedSince: number | undefined;
    if (cursor.take(" (CHANGEDSINCE ")) {
      changedSince = cursor.number64();
      cursor.expect(")");
    }
    cursor.end();
    return async (session) => {
      const uids = session.mailbox.view.resolve(set, byUid, session.savedSearch);
      if (uids === undefined) return beyondMailbox;
      const items = withImplied(session, asked, byUid, changedSince);
      return isFlagsOnly(items)
        ? fetchFlags(session, uids, items, changedSince)
        : fetchMessages(session, uids, items, changedSince);
    };
  },
});

/** UID FETCH always tells the uid; asking for modseqs switches them on for the session (RFC 7162 §3.1). */
function withImplied(
  session: ImapSession,
  asked: readonly FetchItem[],
  byUid: boolean,
  changedSince: number | undefined,
): readonly FetchItem[] {
  const asks = (kind: FetchItem["kind"]): boolean => asked.some((item) => item.kind === kind);
  if (changedSince !== undefined || asks("modseq")) session.modes = { ...session.modes, condstore: true };
  return [
    ...(byUid && !asks("uid") ? [{ kind: "uid" } as const] : []),
    ...asked,
    ...(changedSince !== undefined && !asks("modseq") ? [{ kind: "modseq" } as const] : []),
  ];
}

const CHEAP: ReadonlySet<FetchItem["kind"]> = new Set(["flags", "uid", "modseq"]);
const isFlagsOnly = (items: readonly FetchItem[]): boolean => items.every((item) => CHEAP.has(item.kind));

/** Flags and uids come from the index alone: a hundred thousand in a fraction of a second. */
async function fetchFlags(
  session: ImapSession,
  uids: Uint32Array,
  items: readonly FetchItem[],
  changedSince = 0,
): Promise<Completion> {
  const { box, view } = session.mailbox;
  for await (const batch of box.flags(uids)) {
    let text = "";
    for (const { uid, flags, modSeq } of batch) {
      const number = view.numberOf(uid);
      if (number === 0 || modSeq <= changedSince) continue;
      const parts = items.map(({ kind }) =>
        kind === "uid"
          ? `UID ${uid}`
          : kind === "flags"
            ? `FLAGS ${session.flagsOf(uid, flags)}`
            : `MODSEQ (${modSeq})`,
      );
      text += `* ${number} FETCH (${parts.join(" ")})\r\n`;
    }
    session.write(text);
    await session.breathe();
  }
  return done("Done");
}

async function fetchMessages(
  session: ImapSession,
  uids: Uint32Array,
  items: readonly FetchItem[],
  changedSince = 0,
): Promise<Completion> {
  const { box, view } = session.mailbox;
  const seen: Uid[] = [];
  const marks =
    !box.readOnly && items.some((item) => (item.kind === "body" || item.kind === "binary") && !item.peek);
  for await (const message of box.messages(uids)) {
    const number = view.numberOf(message.uid);
    if (number === 0 || message.modSeq <= changedSince) continue;
    if (marks && !message.flags.includes("\\Seen")) seen.push(message.uid);
    await writeMessage(session, number, message, items);
    await session.breathe();
    if (!session.connection.open) break;
  }
  return seen.length === 0 ? done("Done") : markSeen(session, seen);
}

/** Reading sets \Seen; the client is told with the changes that follow the command. RFC 9051 §6.4.5 */
async function markSeen(session: ImapSession, uids: readonly Uid[]): Promise<Completion> {
  const marked = await session.mailbox.box.storeFlags(Uint32Array.from(uids), {
    action: "add",
    flags: ["\\Seen"],
  });
  return marked.ok ? done("Done") : refused(marked.error);
}
