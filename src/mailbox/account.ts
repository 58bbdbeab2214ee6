import type { AccountId, Uid, UidValidity } from "../base/mail-ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import type {
  AppendMessage,
  ImapAccount,
  ImapRefusal,
  MailboxListing,
  MailboxStatus,
  OpenMailbox,
} from "../imap/backend.ts";
import { scan } from "../message/mime.ts";
import type { MailResult, MailboxRow, NewMessage, SpecialUse } from "../store/store.ts";
import { hasOversizedKeyword, toStored } from "./flags.ts";
import { listings } from "./listing.ts";
import { canonicalName, checkNewName } from "./mailbox-name.ts";
import { openMailbox } from "./open-mailbox.ts";
import { keywordTooLong, nonexistent, refused, refusedTarget } from "./refusals.ts";
import { mailboxIdOf, statusOf } from "./status.ts";
import type { MailboxTools } from "./tools.ts";

/** Uses a mailbox may be created for. \All and \Flagged name views of other mailboxes, which we do not have. RFC 6154 §2 */
const SPECIAL_USES: ReadonlyMap<string, SpecialUse> = new Map(
  (["\\Sent", "\\Drafts", "\\Junk", "\\Trash", "\\Archive", "\\Important"] as const).map((use) => [
    use.toLowerCase(),
    use,
  ]),
);

/** One account's mailboxes as IMAP asks for them. Names come in any form; the store sees canonical ones. */
export class MailAccount implements ImapAccount {
  readonly #tools: MailboxTools;
  readonly #id: AccountId;

  constructor(tools: MailboxTools, id: AccountId) {
    this.#tools = tools;
    this.#id = id;
  }

  get #mail(): MailboxTools["store"]["mail"] {
    return this.#tools.store.mail;
  }

  async list(): Promise<readonly MailboxListing[]> {
    const mailboxes = await this.#mail.mailboxes(this.#id);
    return listings(mailboxes, await this.#mail.subscriptions(this.#id));
  }

  async status(name: string): Promise<Result<MailboxStatus, ImapRefusal>> {
    const row = await this.#find(name);
    return row === undefined ? nonexistent : ok(statusOf(row));
  }

  async create(
    name: string,
    specialUse?: string,
  ): Promise<Result<{ readonly mailboxId: string }, ImapRefusal>> {
    const checked = checkNewName(name);
    if (!checked.ok) return checked;
    const use = specialUse === undefined ? undefined : SPECIAL_USES.get(specialUse.toLowerCase());
    if (specialUse !== undefined && use === undefined) return cannot("No mailbox can be made for this use");
    if (use !== undefined && (await this.#mail.mailboxes(this.#id)).some((row) => row.specialUse === use)) {
      return cannot("Another mailbox has this use");
    }
    const created = await this.#mail.createMailbox(this.#id, checked.value, use);
    return created.ok ? ok({ mailboxId: mailboxIdOf({ id: created.value }) }) : refused(created.error);
  }

  async delete(name: string): Promise<Result<void, ImapRefusal>> {
    const row = await this.#find(name);
    return row === undefined ? nonexistent : done(await this.#mail.deleteMailbox(row.id));
  }

  async rename(from: string, to: string): Promise<Result<void, ImapRefusal>> {
    const target = checkNewName(to);
    if (!target.ok) return target;
    const row = await this.#find(from);
    if (row === undefined) return nonexistent;
    if (row.name !== "INBOX" && target.value.startsWith(`${row.name}/`)) {
      return cannot("A mailbox cannot be moved below itself");
    }
    return done(await this.#mail.renameMailbox(row.id, target.value));
  }

  /** A subscription may outlive its mailbox, or come before it (RFC 9051 §6.3.7); the name must be possible. */
  async subscribe(name: string, subscribed: boolean): Promise<Result<void, ImapRefusal>> {
    const checked = subscribed ? checkNewName(name) : ok(canonicalName(name));
    if (!checked.ok) return checked;
    await this.#mail.subscribe(this.#id, checked.value, subscribed);
    return ok(undefined);
  }

  async append(
    name: string,
    messages: readonly AppendMessage[],
  ): Promise<Result<{ readonly uidValidity: UidValidity; readonly uids: readonly Uid[] }, ImapRefusal>> {
    const row = await this.#find(name);
    if (row === undefined) return refusedTarget("no-mailbox");
    if (messages.some(({ octets }) => octets.length > this.#tools.appendSizeMax)) {
      return err({ code: "TOOBIG", text: `A message has at most ${this.#tools.appendSizeMax} octets` });
    }
    if (messages.some(({ flags }) => hasOversizedKeyword(flags))) return keywordTooLong;
    const appended = await this.#mail.append(
      row.id,
      messages.map((message) => this.#newMessage(message)),
    );
    return appended.ok ? ok(appended.value) : refusedTarget(appended.error);
  }

  async open(name: string, readOnly: boolean): Promise<Result<OpenMailbox, ImapRefusal>> {
    const row = await this.#find(name);
    return row === undefined ? nonexistent : ok(await openMailbox(this.#tools, row, readOnly));
  }

  async quota(): Promise<{ readonly used_octets: number; readonly limit_octets: number }> {
    const account = await this.#tools.store.directory.account(this.#id);
    return { used_octets: account?.used_octets ?? 0, limit_octets: account?.quota_octets ?? 0 };
  }

  #find(name: string): Promise<MailboxRow | undefined> {
    return this.#mail.mailboxByName(this.#id, canonicalName(name));
  }

  /** The octets are stored as they came, bare LF and all. */
  #newMessage({ octets, flags, internalDate_ms }: AppendMessage): NewMessage {
    return {
      source: { kind: "octets", octets },
      outline: scan(octets),
      flags: toStored(flags),
      internalDate_ms: internalDate_ms ?? this.#tools.clock.now(),
    };
  }
}

const cannot = (text: string): Result<never, ImapRefusal> => err({ code: "CANNOT", text });

const done = (result: MailResult): Result<void, ImapRefusal> =>
  result.ok ? ok(undefined) : refused(result.error);
