import { LOGGED_IN, type Command } from "../command.ts";
import { done, no, noSuchMailbox, refused } from "../completion.ts";
import { encodeMailbox, mailboxName } from "../mailbox-name.ts";
import { formatMailbox } from "../response.ts";
import type { ImapSession } from "../session.ts";

const KIB = 1024;

/** One quota root, named "", for all mailboxes of the account; without a limit it has no resources. RFC 9208 §4.2 */
async function tellQuota(session: ImapSession): Promise<void> {
  const { used_octets, limit_octets } = await session.account.quota();
  const storage =
    limit_octets === 0 ? "" : `STORAGE ${Math.ceil(used_octets / KIB)} ${Math.ceil(limit_octets / KIB)}`;
  session.untagged(`QUOTA "" (${storage})`);
}

export const getQuota: Command = {
  states: LOGGED_IN,
  parse(cursor) {
    cursor.space();
    const root = cursor.astring().toString("latin1");
    cursor.end();
    return async (session) => {
      if (root !== "") return no("There is no such quota root", "NONEXISTENT");
      await tellQuota(session);
      return done("Done");
    };
  },
};

export const getQuotaRoot: Command = {
  states: LOGGED_IN,
  parse(cursor, modes) {
    cursor.space();
    const name = mailboxName(cursor, modes);
    cursor.end();
    return async (session) => {
      if (name === undefined) return noSuchMailbox;
      const found = await session.account.status(name);
      if (!found.ok) return refused(found.error);
      session.untagged(`QUOTAROOT ${formatMailbox(encodeMailbox(name, session.modes))} ""`);
      await tellQuota(session);
      return done("Done");
    };
  },
};
