import type { AccountId, ModSeq, Uid } from "../../base/mail-ids.ts";
import type { Database } from "./database.ts";
import {
  checkUid,
  emptyTally,
  FACTS,
  tally,
  writeTally,
  type MailboxFacts,
  type MailboxTally,
} from "./mailbox-rows.ts";

/** `mod_seq` and `used_octets` run ahead of the row. */
export type AccountEntry = {
  readonly id: AccountId;
  readonly quota_octets: number;
  used_octets: number;
  mod_seq: number;
  changed?: true;
};
/** `sum` and `modSeq` are still to be added to the row. */
export type MailboxEntry = Omit<MailboxFacts, "uidNext"> & {
  uidNext: number;
  modSeq: ModSeq;
  readonly sum: MailboxTally;
};

/**
 * The counters of accounts and mailboxes that deliveries change, kept for as long as deliveries follow each other in a
 * group and then written once for all of them: two reads and two updates a message less. Whoever reads or changes those
 * rows by SQL has `writeOut` called first.
 */
export class Ledger {
  readonly #db: Database;
  readonly #accounts = new Map<AccountId, AccountEntry>();
  readonly #mailboxes = new Map<AccountId, Map<string, MailboxEntry>>();

  constructor(db: Database) {
    this.#db = db;
  }

  account(id: AccountId): AccountEntry | undefined {
    const known = this.#accounts.get(id);
    if (known !== undefined) return known;
    const entry = this.#db.one<AccountEntry>(
      "SELECT id, quota_octets, used_octets, mod_seq FROM account WHERE id = ?",
      id,
    );
    if (entry !== undefined) this.#accounts.set(id, entry);
    return entry;
  }

  mailbox(account: AccountId, name: string): MailboxEntry | undefined {
    const known = this.#mailboxes.get(account)?.get(name);
    if (known !== undefined) return known;
    const facts = this.#db.one<MailboxFacts>(`${FACTS} WHERE account_id = ? AND name = ?`, account, name);
    return facts && this.enter(facts);
  }

  /** A mailbox just read from its row. */
  enter(facts: MailboxFacts): MailboxEntry {
    const entry: MailboxEntry = { ...facts, modSeq: 0 as ModSeq, sum: emptyTally() };
    const named = this.#mailboxes.get(facts.account) ?? new Map<string, MailboxEntry>();
    this.#mailboxes.set(facts.account, named.set(facts.name, entry));
    return entry;
  }

  /** Counts one message in; what it is numbered with. */
  arrival(mailbox: MailboxEntry, systemFlags: number, size_octets: number): { uid: Uid; modSeq: ModSeq } {
    const account = this.account(mailbox.account);
    if (account === undefined) throw new Error(`no account ${mailbox.account}`);
    const uid = checkUid(mailbox.uidNext);
    const modSeq = (account.mod_seq + 1) as ModSeq;
    account.mod_seq = modSeq;
    account.used_octets += size_octets;
    account.changed = true;
    mailbox.uidNext = uid + 1;
    mailbox.modSeq = modSeq;
    tally(mailbox.sum, 1, systemFlags, size_octets);
    return { uid, modSeq };
  }

  writeOut(): void {
    for (const { id, used_octets, mod_seq, changed } of this.#accounts.values())
      if (changed)
        this.#db.run(
          "UPDATE account SET used_octets = ?, mod_seq = ? WHERE id = ?",
          used_octets,
          mod_seq,
          id,
        );
    for (const named of this.#mailboxes.values())
      for (const { id, sum, modSeq, uidNext } of named.values())
        if (sum.messages > 0) writeTally(this.#db, id, sum, modSeq, uidNext);
    this.forget();
  }

  /** What came since the last `writeOut` is undone. */
  forget(): void {
    this.#accounts.clear();
    this.#mailboxes.clear();
  }
}
