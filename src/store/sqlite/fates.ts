import type { AccountId, MailboxId, Uid } from "../../base/mail-ids.ts";
import type { FateEvent } from "../fate.ts";
import { STORE_LIMITS, SystemFlag } from "../store.ts";
import { isKnown } from "./journal-index.ts";
import type { MailboxFacts } from "./mailbox-rows.ts";
import type { Transaction } from "./transaction.ts";

/** Bits of the column `fates`: what has been told of this message already. */
const BITS = {
  read: 1,
  answered: 2,
  "to-junk": 4,
  "from-junk": 8,
  removed: 16,
  expired: 32,
} as const satisfies Record<FateEvent, number>;
const EVENTS = Object.entries(BITS) as readonly (readonly [FateEvent, number])[];

export const REMOVED: number = BITS.removed;
export const EXPIRED: number = BITS.expired;

type TracedRow = { readonly origin: string | null; readonly fates: number };
type FlaggedRow = { readonly system_flags: number; readonly keywords: string | null };

/**
 * Tells what happens to a message for the first time and returns what its row has to remember. Costs nothing for mail
 * that was not delivered, for flags that go to and fro, and for what the journal has forgotten.
 */
export function noteFates(tx: Transaction, account: AccountId, row: TracedRow, events: number): number {
  const { origin, fates } = row;
  const fresh = events & ~fates;
  if (origin === null || fresh === 0 || tx.fates.length >= STORE_LIMITS.fatesPerWrite) return fates;
  if (isKnown(tx.db, origin)) {
    const login =
      tx.db.one<{ login: string }>("SELECT login FROM account WHERE id = ?", account)?.login ?? "";
    for (const [event, bit] of EVENTS)
      if ((fresh & bit) !== 0) tx.fates.push({ origin, login, event, at_ms: tx.now_ms });
  }
  return fates | fresh;
}

/** What a change of flags says. RFC 9051 §2.3.2; `$Junk`, `$NotJunk`: the IANA registry of keywords */
export function flagEvents(
  before: FlaggedRow,
  after: { readonly system: number; readonly keywords: string | null },
): number {
  const added = after.system & ~before.system_flags;
  const events =
    ((added & SystemFlag.seen) !== 0 ? BITS.read : 0) |
    ((added & SystemFlag.answered) !== 0 ? BITS.answered : 0);
  if (after.keywords === before.keywords) return events;
  const gained = (keyword: string): boolean =>
    hasKeyword(after.keywords, keyword) && !hasKeyword(before.keywords, keyword);
  return events | (gained("$junk") ? BITS["to-junk"] : 0) | (gained("$notjunk") ? BITS["from-junk"] : 0);
}

/** `keywords` as a row has them: a JSON array, in which a keyword stands between quotation marks that it cannot hold. */
const hasKeyword = (keywords: string | null, folded: string): boolean =>
  keywords?.toLowerCase().includes(`"${folded}"`) === true;

/** What it says that a message goes from one mailbox to another. Junk that is thrown away was no mistake. */
export function moveEvents(from: MailboxFacts, to: MailboxFacts): number {
  const [before, after] = [purposeOf(from), purposeOf(to)];
  if (before === after) return 0;
  if (after === "junk") return BITS["to-junk"];
  if (after === "trash") return BITS.removed;
  return before === "junk" ? BITS["from-junk"] : 0;
}

function purposeOf({ specialUse, name }: MailboxFacts): "junk" | "trash" | undefined {
  const use = specialUse ?? `\\${name}`;
  return use === "\\Junk" ? "junk" : use === "\\Trash" ? "trash" : undefined;
}

/** One copy carries on what is told of the message, so that nobody can make two of it. */
export function forgetOrigin({ db }: Transaction, mailbox: MailboxId, uid: Uid): void {
  db.run("UPDATE message SET origin = NULL WHERE mailbox_id = ? AND uid = ?", mailbox, uid);
}
