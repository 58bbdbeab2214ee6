import { err, type Err } from "../base/result.ts";
import type { ImapRefusal } from "../imap/backend.ts";
import type { MailRefusal } from "../store/store.ts";

const REFUSALS: Readonly<Record<MailRefusal, ImapRefusal>> = {
  "no-mailbox": { code: "NONEXISTENT", text: "No such mailbox" },
  exists: { code: "ALREADYEXISTS", text: "A mailbox of this name exists" },
  "over-quota": { code: "OVERQUOTA", text: "The account is full" },
  "has-children": { code: "HASCHILDREN", text: "The mailbox has others below it" },
  "is-inbox": { code: "CANNOT", text: "Not possible with INBOX" },
  "keyword-limit": { code: "LIMIT", text: "Too many keywords" },
  "mailbox-limit": { code: "LIMIT", text: "Too many mailboxes" },
};

/** What the store would not do, in the words of RFC 9051 §7.1 and RFC 5530. */
export const refused = (refusal: MailRefusal): Err<ImapRefusal> => err(REFUSALS[refusal]);

/** The same where a message was to go somewhere: the client may make the mailbox and try again. RFC 9051 §6.3.12 */
export const refusedTarget = (refusal: MailRefusal): Err<ImapRefusal> =>
  refusal === "no-mailbox" ? err({ code: "TRYCREATE", text: "No such mailbox" }) : refused(refusal);

export const nonexistent: Err<ImapRefusal> = refused("no-mailbox");
export const readOnlyRefusal: Err<ImapRefusal> = err({
  code: "NOPERM",
  text: "The mailbox is open read-only",
});
export const keywordTooLong: Err<ImapRefusal> = err({ code: "LIMIT", text: "A keyword is too long" });
