import assert from "node:assert/strict";
import type { AccountId, MailboxId } from "../../base/mail-ids.ts";
import type { Outline } from "../../message/outline.ts";
import type { Delivery, Flags, MailboxRow, MessageRow, NewMessage, NewQueueEntry, Store } from "../store.ts";

/** An engine under test: a store on fresh data that can be closed and opened again. */
export type Engine = {
  readonly store: Store;
  reopen(): Promise<Store>;
  /** Closes and removes everything. */
  close(): Promise<void>;
};
export type OpenEngine = () => Promise<Engine>;
/** What every engine must do, by name. */
export type Suite = Readonly<Record<string, (engine: Engine) => Promise<void>>>;

export const RECEIVED_MS = 1_750_000_000_000;

export type Sample = { readonly octets: Buffer; readonly outline: Outline };

/** A small message; the same text is the same blob. */
export function sample(
  text: string,
  ids: { readonly messageId?: string; readonly references?: readonly string[] } = {},
): Sample {
  const octets = Buffer.from(`Subject: ${text}\r\n\r\n${text} body\r\n`);
  const bodyStart = octets.indexOf("\r\n\r\n") + 4;
  const outline: Outline = {
    size: octets.length,
    envelope: { subject: text, ...(ids.messageId === undefined ? {} : { messageId: ids.messageId }) },
    root: {
      type: "text",
      subtype: "plain",
      parameters: [],
      encoding: "7bit",
      header: { start: 0, end: bodyStart },
      body: { start: bodyStart, end: octets.length },
      lines: 1,
      parts: [],
    },
    references: ids.references ?? [],
    defects: [],
  };
  return { octets, outline };
}

export const flags = (system = 0, ...keywords: string[]): Flags => ({ system, keywords });

export const newMessage = ({ octets, outline }: Sample, with_: Flags = flags()): NewMessage => ({
  source: { kind: "octets", octets },
  outline,
  flags: with_,
  internalDate_ms: RECEIVED_MS,
});

export const delivery = (
  { octets, outline }: Sample,
  accounts: readonly AccountId[],
  mailbox = "INBOX",
): Delivery => ({
  source: { kind: "octets", octets },
  outline,
  received_ms: RECEIVED_MS,
  copies: accounts.map((account) => ({ account, mailbox, flags: flags() })),
});

export const queued = (
  id: string,
  recipients: readonly string[],
  created_ms = RECEIVED_MS,
): NewQueueEntry => ({
  id,
  from: "you@example.org",
  smtpUtf8: false,
  body: "7BIT",
  created_ms,
  recipients: recipients.map((address) => ({ address })),
});

export const uidSet = (...uids: number[]): Uint32Array => Uint32Array.from(uids);

export function value<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string },
): T {
  assert.ok(result.ok, result.ok ? "" : `refused: ${result.error}`);
  return result.value;
}

export async function addAccount(store: Store, login: string, quota_octets = 0): Promise<AccountId> {
  await store.directory.addDomain(login.slice(login.indexOf("@") + 1));
  return value(
    await store.directory.addAccount({
      login,
      displayName: login,
      quota_octets,
      administrator: false,
      scramSalt: Buffer.alloc(16, 7),
      created_ms: RECEIVED_MS,
      mailboxes: [{ name: "INBOX" }, { name: "Junk", specialUse: "\\Junk" }],
    }),
  );
}

export async function mailboxNamed(store: Store, account: AccountId, name = "INBOX"): Promise<MailboxRow> {
  const mailbox = await store.mail.mailboxByName(account, name);
  assert.ok(mailbox, `no mailbox ${name}`);
  return mailbox;
}

export async function rowsOf(store: Store, mailbox: MailboxId): Promise<MessageRow[]> {
  const rows: MessageRow[] = [];
  for await (const batch of store.mail.messages(mailbox, await store.mail.uids(mailbox))) rows.push(...batch);
  return rows;
}

/** A generator with a seed (mulberry32): the same run every time. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
