import assert from "node:assert/strict";
import type { AccountId, MailboxId } from "../../base/mail-ids.ts";
import type { MessageFate } from "../fate.ts";
import { TIME_BELIEVED } from "../retention.ts";
import { SystemFlag, type MailboxChange, type Store } from "../store.ts";
import {
  addAccount,
  delivery,
  flags,
  mailboxNamed,
  newMessage,
  RECEIVED_MS,
  rowsOf,
  sample,
  uidSet,
  value,
  type Suite,
} from "./fixtures.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** An account whose Junk keeps 30 days and holds three messages, the last of which was moved there. */
async function house(store: Store): Promise<{ account: AccountId; inbox: MailboxId; junk: MailboxId }> {
  const account = await addAccount(store, "you@example.org");
  const inbox = (await mailboxNamed(store, account)).id;
  const junk = (await mailboxNamed(store, account, "Junk")).id;
  value(await store.retention.keepFor(junk, 30));
  for (const text of ["one", "two"]) await store.mail.deliver(delivery(sample(text), [account], "Junk"));
  const old = { ...newMessage(sample("old"), flags(SystemFlag.flagged)), internalDate_ms: 1 };
  value(await store.mail.append(inbox, [old]));
  value(await store.mail.move(inbox, uidSet(1), junk));
  return { account, inbox, junk };
}

/** When the last of its messages came to the mailbox. */
const lastSaved_ms = async (store: Store, mailbox: MailboxId): Promise<number> =>
  Math.max(...(await rowsOf(store, mailbox)).map(({ saved_ms }) => saved_ms));

export const retentionSuite: Suite = {
  async "mailboxes keep for ever unless it is said, and what is said stays"(engine) {
    const { account, junk } = await house(engine.store);
    const before = await engine.store.retention.retentionVersion();
    assert.equal((await mailboxNamed(engine.store, account)).keepDays, 0);
    assert.deepEqual(await engine.store.retention.expiringMailboxes(), [
      { id: junk, account, login: "you@example.org", name: "Junk", keepDays: 30, legalHold: false },
    ]);
    const store = await engine.reopen();
    assert.equal((await mailboxNamed(store, account, "Junk")).keepDays, 30);
    value(await store.mail.renameMailbox(junk, "Spam"));
    assert.equal((await mailboxNamed(store, account, "Spam")).keepDays, 30);
    value(await store.directory.changeAccount(account, { legalHold: true }));
    assert.deepEqual(
      (await store.retention.expiringMailboxes()).map(({ name, legalHold }) => [name, legalHold]),
      [["Spam", true]],
    );
    const held = await store.retention.retentionVersion();
    value(await store.retention.keepFor(junk, 0));
    assert.deepEqual(await store.retention.expiringMailboxes(), []);
    assert.ok(before < held && held < (await store.retention.retentionVersion()));
    assert.deepEqual(await store.retention.keepFor(999 as MailboxId, 1), { ok: false, error: "no-mailbox" });
  },

  async "a new account's mailboxes keep as long as is said with them"({ store }) {
    await store.directory.addDomain("example.org");
    const account = value(
      await store.directory.addAccount({
        login: "new@example.org",
        displayName: "",
        quota_octets: 0,
        administrator: false,
        scramSalt: new Uint8Array(16),
        created_ms: RECEIVED_MS,
        mailboxes: [{ name: "Trash", specialUse: "\\Trash", keepDays: 14 }, { name: "Sent" }],
      }),
    );
    const kept = (await store.mail.mailboxes(account)).map(({ name, keepDays }) => `${name} ${keepDays}`);
    assert.deepEqual(kept, ["INBOX 0", "Sent 0", "Trash 14"]);
  },

  async "what counts is when a message came to the mailbox, not its own date"({ store }) {
    const { inbox, junk } = await house(store);
    const saved_ms = await lastSaved_ms(store, junk);
    const until = async (at_ms: number, limit = 10): Promise<number[]> => [
      ...(await store.retention.savedUntil(junk, at_ms, limit)),
    ];
    assert.deepEqual(await until(saved_ms), [1, 2, 3]);
    assert.deepEqual(await until(saved_ms, 2), [1, 2]);
    assert.deepEqual(await until(RECEIVED_MS - 1), []);
    assert.deepEqual([...(await store.retention.savedUntil(inbox, saved_ms, 10))], []);
  },

  async "no message counts as having come long before the time that was last believed"({ store }) {
    const believed_ms = Date.now() + 9999 * DAY_MS;
    await store.directory.putSetting(TIME_BELIEVED, String(believed_ms));
    const { junk } = await house(store);
    const rows = await rowsOf(store, junk);
    assert.deepEqual(new Set(rows.map(({ saved_ms }) => saved_ms)), new Set([believed_ms - HOUR_MS]));
    await store.directory.putSetting(TIME_BELIEVED, "garbage");
    value(await store.mail.append(junk, [newMessage(sample("later"))]));
    assert.ok((await lastSaved_ms(store, junk)) === believed_ms - HOUR_MS);
    assert.ok(((await rowsOf(store, junk)).at(-1)?.saved_ms ?? Infinity) < believed_ms - HOUR_MS);
  },

  async "messages expire whatever their flags, not an instant before their time, and views are told"({
    store,
  }) {
    const { account, junk } = await house(store);
    const over_ms = (await lastSaved_ms(store, junk)) + 30 * DAY_MS;
    const all = uidSet(1, 2, 3, 4);
    const first_ms = (await rowsOf(store, junk))[0]?.saved_ms ?? 0;
    assert.deepEqual(await store.retention.expire(junk, all, first_ms + 30 * DAY_MS - 1), []);
    const told: MailboxChange[] = [];
    store.watch((change) => void told.push(change));
    const { highestModSeq } = await mailboxNamed(store, account, "Junk");
    assert.deepEqual(await store.retention.expire(junk, uidSet(3, 1, 9), over_ms), [1, 3]);
    assert.deepEqual((await store.mail.delta(junk, highestModSeq)).vanished, [1, 3]);
    assert.deepEqual(
      told.map(({ mailbox }) => mailbox),
      [junk],
    );
    assert.deepEqual(await store.retention.expire(junk, all, over_ms), [2]);
    const { messages, size_octets } = await mailboxNamed(store, account, "Junk");
    assert.deepEqual(
      [messages, size_octets, (await store.directory.account(account))?.used_octets],
      [0, 0, 0],
    );
  },

  async "nothing expires where a mailbox keeps for ever, is gone, or its account is under legal hold"({
    store,
  }) {
    const { account, inbox, junk } = await house(store);
    await store.mail.deliver(delivery(sample("three"), [account]));
    const late_ms = (await lastSaved_ms(store, junk)) + 9999 * DAY_MS;
    assert.deepEqual(await store.retention.expire(inbox, await store.mail.uids(inbox), late_ms), []);
    assert.deepEqual(await store.retention.expire(999 as MailboxId, uidSet(1), late_ms), []);
    value(await store.directory.changeAccount(account, { legalHold: true }));
    assert.deepEqual(await store.retention.expire(junk, uidSet(1, 2, 3), late_ms), []);
    assert.deepEqual(await store.directory.removeAccount(account), { ok: false, error: "on-hold" });
    assert.equal((await rowsOf(store, junk)).length, 3);
    value(await store.directory.changeAccount(account, { legalHold: false }));
    assert.deepEqual(await store.retention.expire(junk, uidSet(1, 2, 3), late_ms), [1, 2, 3]);
    value(await store.directory.removeAccount(account));
  },

  async "that a message has expired is told as that, not as what its reader did"({ store }) {
    const { account, junk } = await house(store);
    const told: MessageFate[] = [];
    store.watchFates((fates) => void told.push(...fates));
    await store.mail.deliver({
      ...delivery(sample("known"), [account], "Junk"),
      origin: "q1",
      journal: [{ kind: "message", id: "q1", at_ms: 1, keys: ["q1"], body: "{}" }],
    });
    const late_ms = (await lastSaved_ms(store, junk)) + 31 * DAY_MS;
    assert.equal((await store.retention.expire(junk, await store.mail.uids(junk), late_ms)).length, 4);
    assert.deepEqual(
      told.map(({ origin, login, event }) => [origin, login, event]),
      [["q1", "you@example.org", "expired"]],
    );
  },
};
