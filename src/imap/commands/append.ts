import type { AppendMessage } from "../backend.ts";
import { LOGGED_IN, type Command } from "../command.ts";
import { bad, badMailboxName, done, no, refused } from "../completion.ts";
import type { Cursor } from "../cursor.ts";
import { dateTime } from "../date.ts";
import { flagList } from "../flag-list.ts";
import { IMAP_LIMITS } from "../limits.ts";
import { mailboxName } from "../mailbox-name.ts";
import { formatSet } from "../sequence-set.ts";

/** APPEND, also of several messages at once, all or none. RFC 9051 §6.3.12, RFC 3502, RFC 9755 §4 */
export const append: Command = {
  states: LOGGED_IN,
  parse(cursor, modes) {
    cursor.space();
    const name = mailboxName(cursor, modes);
    const messages: AppendMessage[] = [];
    do {
      cursor.space();
      messages.push(appendMessage(cursor));
      if (messages.length > IMAP_LIMITS.appendMessages) cursor.fail("fewer messages");
    } while (!cursor.failed && !cursor.atEnd);
    return async (session) => {
      if (name === undefined) return badMailboxName;
      if (messages.some(({ octets }) => octets.length === 0)) return bad("A message of no octets");
      if (messages.some(({ octets }) => octets.includes(0)))
        return no("A message may not hold NUL", "UNKNOWN-CTE");
      const appended = await session.account.append(name, messages);
      if (!appended.ok) return refused(appended.error);
      return done("Done", `APPENDUID ${appended.value.uidValidity} ${formatSet(appended.value.uids)}`);
    };
  },
};

/**
 *     append-message = [SP flag-list] [SP date-time] SP (literal / literal8 / "UTF8" SP "(" literal8 ")")
 */
function appendMessage(cursor: Cursor): AppendMessage {
  let flags: readonly string[] = [];
  if (cursor.peek() === "(") {
    flags = flagList(cursor);
    cursor.space();
  }
  let internalDate_ms: number | undefined;
  if (cursor.peek() === '"') {
    internalDate_ms = dateTime(cursor);
    cursor.space();
  }
  const wrapped = cursor.take("UTF8 (");
  const octets = cursor.literal();
  if (wrapped) cursor.expect(")");
  return internalDate_ms === undefined ? { octets, flags } : { octets, flags, internalDate_ms };
}
