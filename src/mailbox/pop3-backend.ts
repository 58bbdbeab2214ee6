import type { Logins } from "../accounts/contract.ts";
import type { AccountId, Uid } from "../base/mail-ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Log } from "../base/log.ts";
import type { Maildrop, Pop3Backend } from "../pop3/backend.ts";
import { SystemFlag, type BlobId, type MailboxRow, type Store } from "../store/store.ts";
import { octetsMissing, seenNotKept, tooManySessions } from "./events.ts";
import { MAILBOX_LIMITS, type MailboxLimits } from "./limits.ts";
import { SessionCount } from "./session-count.ts";

export type Pop3BackendOptions = {
  readonly store: Store;
  readonly logins: Logins;
  readonly hostName: string;
  readonly log: Log;
  readonly limits?: Partial<MailboxLimits>;
};

/** What POP3 asks of the server. A maildrop is the account's INBOX as it was at login; one session at a time has it. */
export function pop3Backend(options: Pop3BackendOptions): Pop3Backend {
  const { store, logins, hostName, log } = options;
  const sessions = new SessionCount({ ...MAILBOX_LIMITS, ...options.limits });
  const locked = new Set<AccountId>();
  return {
    hostName,
    async connect({ id, remote }) {
      if (sessions.enter(id, remote.address)) return undefined;
      tooManySessions(log, "pop3", id, remote.address.text);
      return "Too many connections from your address";
    },
    disconnected: ({ id }) => sessions.leave(id),
    mechanisms: ({ tls }) => logins.mechanisms(tls !== undefined),
    authenticator: ({ id, remote }) =>
      sessions.authenticator(id, logins.authenticator({ protocol: "pop3", remote: remote.address, id })),
    open: ({ account }) => openMaildrop(store, log, locked, account),
  };
}

async function openMaildrop(
  store: Store,
  log: Log,
  locked: Set<AccountId>,
  account: AccountId,
): Promise<Result<Maildrop, "in-use" | "unavailable">> {
  if (locked.has(account)) return err("in-use");
  locked.add(account);
  let opened = false;
  try {
    const inbox = await store.mail.mailboxByName(account, "INBOX");
    if (inbox === undefined) return err("unavailable");
    const maildrop = await InboxMaildrop.open(store, log, inbox, () => locked.delete(account));
    opened = true;
    return ok(maildrop);
  } finally {
    if (!opened) locked.delete(account);
  }
}

type Entry = {
  readonly uid: Uid;
  readonly uniqueId: string;
  readonly size_octets: number;
  readonly blob: BlobId;
};

class InboxMaildrop implements Maildrop {
  readonly messages: readonly Entry[];
  readonly #store: Store;
  readonly #log: Log;
  readonly #inbox: MailboxRow;
  /** Fetched whole in this session. */
  readonly #retrieved = new Set<Uid>();
  #unlock: (() => void) | undefined;

  private constructor(
    store: Store,
    log: Log,
    inbox: MailboxRow,
    messages: readonly Entry[],
    unlock: () => void,
  ) {
    this.#store = store;
    this.#log = log;
    this.#inbox = inbox;
    this.messages = messages;
    this.#unlock = unlock;
  }

  static async open(store: Store, log: Log, inbox: MailboxRow, unlock: () => void): Promise<InboxMaildrop> {
    const messages: Entry[] = [];
    const uids = await store.mail.uids(inbox.id);
    for await (const batch of store.mail.messages(inbox.id, uids)) {
      for (const { uid, size_octets, blob } of batch) {
        messages.push({ uid, uniqueId: `${inbox.uidValidity}.${uid}`, size_octets, blob });
      }
    }
    return new InboxMaildrop(store, log, inbox, messages, unlock);
  }

  async octets(index: number, end?: number): Promise<Buffer | undefined> {
    const entry = this.messages[index];
    if (entry === undefined) return undefined;
    const octets = await this.#store.mail.octets(entry.blob, 0, end);
    if (octets === undefined) octetsMissing(this.#log, this.#inbox.id, entry.uid);
    else if (end === undefined) this.#retrieved.add(entry.uid);
    return octets;
  }

  async bodyStart(index: number): Promise<number> {
    const entry = this.messages[index];
    const outline = entry === undefined ? undefined : await this.#store.mail.outline(entry.blob);
    return outline?.root.body.start ?? 0;
  }

  /** Messages another session removed meanwhile are gone already, which is what was asked for. */
  async commit(deleted: readonly number[]): Promise<boolean> {
    if (this.#unlock === undefined) return false;
    const uids = deleted.flatMap((index) => this.messages[index]?.uid ?? []);
    const [, removed] = await Promise.all([
      this.#markSeen(),
      this.#store.mail.remove(this.#inbox.id, Uint32Array.from(uids)),
    ]);
    return removed.ok;
  }

  release(): void {
    // The connection broke: what was fetched is read all the same.
    void this.#markSeen();
    this.#unlock?.();
    this.#unlock = undefined;
  }

  /** Together at the end, so that a mailbox full of new mail costs one write. */
  async #markSeen(): Promise<void> {
    const uids = Uint32Array.from(this.#retrieved).toSorted();
    this.#retrieved.clear();
    if (uids.length === 0) return;
    const seen = { system: SystemFlag.seen, keywords: [] };
    await this.#store.mail
      .storeFlags(this.#inbox.id, uids, { action: "add", flags: seen })
      .catch((error: unknown) => seenNotKept(this.#log, this.#inbox.id, error));
  }
}
