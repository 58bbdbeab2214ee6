import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logins } from "../../src/accounts/contract.ts";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import { DEFAULT_MAILBOXES } from "../../src/base/default-mailboxes.ts";
import { MemoryLog } from "../../src/base/log.ts";
import type { AccountId } from "../../src/base/mail-ids.ts";
import type { ImapAccount, OpenMailbox } from "../../src/imap/backend.ts";
import { imapBackend } from "../../src/mailbox/imap-backend.ts";
import type { MailboxLimits } from "../../src/mailbox/limits.ts";
import { scan } from "../../src/message/mime.ts";
import type { Identity } from "../../src/sasl/exchange.ts";
import { NO_FLAGS, type Store } from "../../src/store/store.ts";
import { openStore } from "../../src/store/sqlite/open.ts";

/** Logins nobody uses: these tests begin after the login. */
const noLogins: Logins = {
  mechanisms: () => [],
  authenticator: () => {
    throw new Error("no login here");
  },
};

/** A store in a temporary directory with one account, and the IMAP backend over it. */
export class House implements AsyncDisposable {
  readonly directory: string;
  readonly store: Store;
  readonly identity: Identity;
  readonly log = new MemoryLog();
  readonly #options: HouseOptions;

  private constructor(directory: string, store: Store, account: AccountId, options: HouseOptions) {
    this.directory = directory;
    this.store = store;
    this.identity = { account, login: "you@wachpost.test", credential: 1 };
    this.#options = options;
  }

  static async open(options: HouseOptions = {}): Promise<House> {
    const directory = mkdtempSync(join(tmpdir(), "wachpost-mailbox-"));
    const log = new MemoryLog();
    const store = await openStore({ directory, log, clock: options.clock ?? systemClock });
    await store.directory.addDomain("wachpost.test");
    const added = await store.directory.addAccount({
      login: "you@wachpost.test",
      displayName: "You",
      quota_octets: options.quota_octets ?? 0,
      administrator: false,
      scramSalt: Buffer.alloc(16, 1),
      created_ms: 0,
      mailboxes: DEFAULT_MAILBOXES,
    });
    if (!added.ok) throw new Error(added.error);
    return new House(directory, store, added.value, options);
  }

  /** A backend of its own, as another process would have it. */
  account(store: Store = this.store): Promise<ImapAccount> {
    const { clock = systemClock, limits = {} } = this.#options;
    const { log } = this;
    const backend = imapBackend({
      store,
      logins: noLogins,
      hostName: "h",
      appendSizeMax: 1_000_000,
      clock,
      log,
      limits,
    });
    return backend.account(this.identity);
  }

  /** A message as SMTP delivers it. */
  async deliver(text: string, mailbox = "INBOX"): Promise<void> {
    const octets = Buffer.from(text);
    await this.store.mail.deliver({
      source: { kind: "octets", octets },
      outline: scan(octets),
      received_ms: 1_700_000_000_000,
      copies: [{ account: this.identity.account, mailbox, flags: NO_FLAGS }],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export type HouseOptions = {
  readonly clock?: Clock;
  readonly quota_octets?: number;
  readonly limits?: Partial<MailboxLimits>;
};

/** Opens a mailbox that must be there. */
export async function openBox(account: ImapAccount, name = "INBOX", readOnly = false): Promise<OpenMailbox> {
  const opened = await account.open(name, readOnly);
  if (!opened.ok) throw new Error(opened.error.text);
  return opened.value;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
