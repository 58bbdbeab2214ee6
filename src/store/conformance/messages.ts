import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MailboxId } from "../../base/mail-ids.ts";
import { StoreError } from "../store-error.ts";
import { STORE_LIMITS, SystemFlag, type MessageRow, type Store } from "../store.ts";
import {
  addAccount,
  flags,
  mailboxNamed,
  newMessage,
  RECEIVED_MS,
  rowsOf,
  sample,
  uidSet,
  value,
} from "./fixtures.ts";
import type { Suite } from "./fixtures.ts";

const append = async (store: Store, mailbox: MailboxId, ...texts: string[]): Promise<readonly number[]> =>
  value(
    await store.mail.append(
      mailbox,
      texts.map((text) => newMessage(sample(text))),
    ),
  ).uids;

const keptByCopy = ({
  flags,
  internalDate_ms,
  size_octets,
  blob,
  emailId,
  threadId,
}: MessageRow): object => ({
  flags,
  internalDate_ms,
  size_octets,
  blob,
  emailId,
  threadId,
});

/** Messages on their way in, from mailbox to mailbox, and out. */
export const messageSuite: Suite = {
  async "appended messages keep flags, date, octets and outline; ranges are cut to the message"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const { id } = await mailboxNamed(store, account);
    const one = sample("one");
    const two = sample("two");
    const wanted = flags(SystemFlag.seen | SystemFlag.deleted, "$Junk", "work", "WORK");
    const { uids, uidValidity } = value(
      await store.mail.append(id, [newMessage(one, wanted), newMessage(two)]),
    );
    assert.deepEqual(uids, [1, 2]);
    assert.equal(uidValidity, (await mailboxNamed(store, account)).uidValidity);
    const [row, next] = await rowsOf(store, id);
    assert.ok(row && next);
    assert.deepEqual(row.flags, flags(9, "$Junk", "work"));
    assert.equal(row.internalDate_ms, RECEIVED_MS);
    assert.equal(row.size_octets, one.octets.length);
    assert.notEqual(row.emailId, next.emailId);
    assert.deepEqual(await store.mail.outline(row.blob), one.outline);
    const ranges: readonly (readonly [start?: number, end?: number])[] = [
      [],
      [0, 8],
      [9],
      [5, 1000],
      [3, 3],
      [1000],
      [-4, 2],
    ];
    for (const [start, end] of ranges) {
      const got = await store.mail.octets(row.blob, start, end);
      assert.deepEqual(got, one.octets.subarray(Math.max(start ?? 0, 0), end), `${start}-${end}`);
    }
    const { messages, unseen, deleted, size_octets, uidNext } = await mailboxNamed(store, account);
    const size = one.octets.length + two.octets.length;
    assert.deepEqual([messages, unseen, deleted, size_octets, uidNext], [2, 1, 1, size, 3]);
    assert.deepEqual(await store.mail.append(99 as MailboxId, []), { ok: false, error: "no-mailbox" });
    assert.equal(await store.mail.octets("0".repeat(64)), undefined);
    assert.equal(await store.mail.outline("0".repeat(64)), undefined);
  },

  async "an append over quota stores nothing, also what came before in it (RFC 3502)"({ store }) {
    const account = await addAccount(store, "you@example.org", sample("one").octets.length);
    const { id } = await mailboxNamed(store, account);
    const both = [newMessage(sample("one")), newMessage(sample("two"))];
    assert.deepEqual(await store.mail.append(id, both), { ok: false, error: "over-quota" });
    assert.equal((await store.mail.uids(id)).length, 0);
    assert.equal((await store.directory.account(account))?.used_octets, 0);
    assert.deepEqual(await append(store, id, "one"), [1]);
  },

  async "a large message comes from a file, and is the same message as from memory"({ store }) {
    const account = await addAccount(store, "you@example.org", 17_000_000);
    const { id } = await mailboxNamed(store, account);
    const directory = mkdtempSync(join(tmpdir(), "wachpost-large-"));
    const { outline } = sample("large");
    const octets = Buffer.alloc(5_500_001, "line after line\r\n");
    const path = join(directory, "spooled");
    writeFileSync(path, octets);
    const fromFile = {
      ...newMessage({ octets, outline }),
      source: { kind: "file", path, size: octets.length },
    } as const;
    try {
      // Over quota with the last: what the large ones left on disk must not show in what follows.
      assert.deepEqual(
        await store.mail.append(id, [fromFile, newMessage(sample("x")), fromFile, fromFile, fromFile]),
        {
          ok: false,
          error: "over-quota",
        },
      );
      await append(store, id, "small");
      value(await store.mail.append(id, [fromFile]));
      value(await store.mail.append(id, [newMessage({ octets, outline })]));
      const [small, first, second] = await rowsOf(store, id);
      assert.ok(small && first && second);
      assert.equal(first.blob, second.blob);
      assert.ok(octets.equals((await store.mail.octets(first.blob)) ?? Buffer.alloc(0)));
      assert.ok(
        octets
          .subarray(-7)
          .equals((await store.mail.octets(first.blob, octets.length - 7)) ?? Buffer.alloc(0)),
      );
      assert.deepEqual(await store.mail.octets(small.blob), sample("small").octets);
      const missing = { ...fromFile, source: { ...fromFile.source, path: join(directory, "gone") } } as const;
      const outcomes = await Promise.allSettled([
        store.mail.append(id, [missing]),
        append(store, id, "next to it"),
      ]);
      assert.ok(outcomes[0].status === "rejected" && outcomes[0].reason instanceof StoreError);
      assert.equal(outcomes[1].status, "fulfilled", "one that fails takes no other along");
    } finally {
      rmSync(directory, { recursive: true });
    }
  },

  async "copies get new uids in the order of the old, and keep the rest (RFC 9051 §6.4.7)"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const inbox = await mailboxNamed(store, account);
    const junk = await mailboxNamed(store, account, "Junk");
    await append(store, inbox.id, "one", "two", "three");
    const change = { action: "add", flags: flags(SystemFlag.flagged, "work") } as const;
    value(await store.mail.storeFlags(inbox.id, uidSet(3), change));
    const copied = value(await store.mail.copy(inbox.id, uidSet(3, 1, 77, 3), junk.id));
    assert.deepEqual(copied, { uidValidity: junk.uidValidity, source: [1, 3], target: [1, 2] });
    const before = await rowsOf(store, inbox.id);
    const after = await rowsOf(store, junk.id);
    assert.deepEqual(
      after.map(keptByCopy),
      [before[0], before[2]].map((row) => row && keptByCopy(row)),
    );
    assert.deepEqual(await store.mail.keywords(junk.id), ["work"]);
    const within = value(await store.mail.copy(inbox.id, uidSet(2), inbox.id));
    assert.deepEqual(within.target, [4]);
    const none = value(await store.mail.copy(inbox.id, uidSet(88), junk.id));
    assert.deepEqual([none.source, none.target], [[], []]);
    for (const pair of [[inbox.id, 99] as const, [99, inbox.id] as const]) {
      const [from, to] = pair as readonly [MailboxId, MailboxId];
      assert.deepEqual(await store.mail.copy(from, uidSet(1), to), { ok: false, error: "no-mailbox" });
      assert.deepEqual(await store.mail.move(from, uidSet(1), to), { ok: false, error: "no-mailbox" });
    }
  },

  async "in another account a copied or moved message is a new one and takes room there"({ store }) {
    const mine = await mailboxNamed(store, await addAccount(store, "you@example.org"));
    const size = sample("one").octets.length;
    const other = await addAccount(store, "other@example.org", size * 2);
    const theirs = await mailboxNamed(store, other);
    await append(store, mine.id, "one");
    value(await store.mail.copy(mine.id, uidSet(1), theirs.id));
    value(await store.mail.move(mine.id, uidSet(1), theirs.id));
    assert.equal((await store.directory.account(other))?.used_octets, size * 2);
    assert.equal((await store.directory.account(mine.account))?.used_octets, 0);
    const [first, second] = await rowsOf(store, theirs.id);
    assert.ok(first && second);
    assert.notEqual(first.emailId, second.emailId);
    await append(store, mine.id, "one");
    assert.deepEqual(await store.mail.move(mine.id, uidSet(2), theirs.id), {
      ok: false,
      error: "over-quota",
    });
    assert.deepEqual([...(await store.mail.uids(mine.id))], [2], "a refused move leaves the message");
  },

  async "a move takes identity along and leaves a tombstone; uids go on, also after reopening"(engine) {
    let { store } = engine;
    const account = await addAccount(store, "you@example.org");
    const inbox = await mailboxNamed(store, account);
    const junk = await mailboxNamed(store, account, "Junk");
    await append(store, inbox.id, "one", "two");
    const [, second] = await rowsOf(store, inbox.id);
    const since = (await mailboxNamed(store, account)).highestModSeq;
    assert.deepEqual(value(await store.mail.move(inbox.id, uidSet(2), junk.id)).target, [1]);
    assert.deepEqual((await store.mail.delta(inbox.id, since)).vanished, [2]);
    const [moved] = await rowsOf(store, junk.id);
    assert.ok(moved && second);
    assert.deepEqual(keptByCopy(moved), keptByCopy(second));
    store = await engine.reopen();
    assert.deepEqual(await append(store, inbox.id, "three"), [3]);
    value(await store.mail.remove(inbox.id, uidSet(1, 3)));
    store = await engine.reopen();
    assert.deepEqual(await append(store, inbox.id, "four"), [4]);
    value(await store.mail.move(junk.id, uidSet(1), inbox.id));
    value(await store.mail.move(inbox.id, uidSet(5), junk.id));
    assert.deepEqual([...(await store.mail.uids(junk.id))], [2]);
  },

  async "expunge removes what is marked, of the uids named; remove asks for no mark"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const { id } = await mailboxNamed(store, account);
    await append(store, id, "one", "two", "three", "four", "one");
    const rows = await rowsOf(store, id);
    value(
      await store.mail.storeFlags(id, uidSet(1, 2, 3), { action: "add", flags: flags(SystemFlag.deleted) }),
    );
    assert.deepEqual(value(await store.mail.expunge(id, uidSet(2, 4, 99))), [2]);
    assert.deepEqual(value(await store.mail.expunge(id)), [1, 3]);
    assert.deepEqual(value(await store.mail.expunge(id)), []);
    assert.deepEqual(value(await store.mail.remove(id, uidSet(99, 4))), [4]);
    assert.deepEqual([...(await store.mail.uids(id))], [5]);
    assert.equal(await store.mail.octets(rows[1]?.blob ?? ""), undefined, "its last message has gone");
    assert.deepEqual(
      await store.mail.octets(rows[0]?.blob ?? ""),
      sample("one").octets,
      "another one has it",
    );
    const { messages, deleted, size_octets } = await mailboxNamed(store, account);
    assert.deepEqual([messages, deleted, size_octets], [1, 0, sample("one").octets.length]);
    assert.deepEqual(await store.mail.expunge(99 as MailboxId), { ok: false, error: "no-mailbox" });
    assert.deepEqual(await store.mail.remove(99 as MailboxId, uidSet(1)), { ok: false, error: "no-mailbox" });
  },

  async "rows come once each and ascending, whatever the order asked for, and only those that are there"({
    store,
  }) {
    const account = await addAccount(store, "you@example.org");
    const { id } = await mailboxNamed(store, account);
    const texts = Array.from({ length: 700 }, (_, i) => `message ${i % 10}`);
    await append(store, id, ...texts);
    value(await store.mail.remove(id, uidSet(300)));
    assert.equal((await rowsOf(store, id)).length, 699);
    const asked = [
      { uids: [650, 3, 3, 300, 9999], want: [3, 650] },
      { uids: [299, 300, 301], want: [299, 301] },
      { uids: [], want: [] },
    ];
    for (const { uids, want } of asked) {
      const got: number[] = [];
      for await (const batch of store.mail.messages(id, uidSet(...uids)))
        got.push(...batch.map((row) => row.uid));
      assert.deepEqual(got, want);
      const cheap: number[] = [];
      for await (const batch of store.mail.flags(id, uidSet(...uids)))
        cheap.push(...batch.map((row) => row.uid));
      assert.deepEqual(cheap, want);
    }
    assert.equal((await store.mail.uids(99 as MailboxId)).length, 0);
  },

  async "messages that refer to each other are one thread, also where the first comes last (RFC 8474 §5.2)"({
    store,
  }) {
    const account = await addAccount(store, "you@example.org");
    const { id } = await mailboxNamed(store, account);
    const messages = [
      sample("reply", { messageId: "<2@x>", references: ["<1@x>"] }),
      sample("first", { messageId: "<1@x>" }),
      sample("reply to reply", { messageId: "<3@x>", references: ["<1@x>", "<2@x>"] }),
      sample("alone", { messageId: "<9@x>" }),
      sample("nameless"),
    ];
    value(
      await store.mail.append(
        id,
        messages.map((message) => newMessage(message)),
      ),
    );
    const threads = (await rowsOf(store, id)).map((row) => row.threadId);
    assert.equal(new Set(threads.slice(0, 3)).size, 1);
    assert.equal(new Set(threads).size, 3);
  },

  async "an account has mailboxes up to the limit, and a refused one leaves no parents behind"({ store }) {
    value(await store.directory.addDomain("example.org"));
    const account = value(
      await store.directory.addAccount({
        login: "many@example.org",
        displayName: "",
        quota_octets: 0,
        administrator: false,
        scramSalt: new Uint8Array(16),
        created_ms: RECEIVED_MS,
        mailboxes: Array.from({ length: STORE_LIMITS.mailboxesPerAccount - 2 }, (_, i) => ({
          name: `m${i}`,
        })),
      }),
    );
    const refused = { ok: false, error: "mailbox-limit" } as const;
    assert.deepEqual(await store.mail.createMailbox(account, "Parent/Child"), refused);
    assert.equal(await store.mail.mailboxByName(account, "Parent"), undefined);
    value(await store.mail.createMailbox(account, "Last"));
    assert.deepEqual(await store.mail.createMailbox(account, "Beyond"), refused);
    assert.equal((await store.mail.mailboxes(account)).length, STORE_LIMITS.mailboxesPerAccount);
  },
};
