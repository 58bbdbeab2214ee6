import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, House, openBox } from "../../test/mailbox/house.ts";
import { ManualClock } from "../base/clock.ts";
import { MemoryLog } from "../base/log.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import type { MailboxId, ModSeq, Uid } from "../base/mail-ids.ts";
import type { AppendMessage, ImapAccount } from "../imap/backend.ts";
import type { Store } from "../store/store.ts";
import { imapBackend } from "./imap-backend.ts";
import { MAILBOX_LIMITS } from "./limits.ts";

const MAIL = "From: a@b.test\r\nSubject: hi\r\n\r\nbody\r\n";
const mail = (text = MAIL, flags: readonly string[] = []): AppendMessage => ({
  octets: Buffer.from(text, "latin1"),
  flags,
});
const uids = (...list: number[]): Uint32Array => Uint32Array.from(list);
const codeOf = (result: { ok: true } | { ok: false; error: { code: string } }): string =>
  result.ok ? "OK" : result.error.code;

async function fill(account: ImapAccount, count: number, name = "INBOX"): Promise<void> {
  const messages = Array.from({ length: count }, (_, i) => mail(MAIL.replace("hi", `number ${i + 1}`)));
  assert.equal(codeOf(await account.append(name, messages)), "OK");
}

test("a new account lists its mailboxes, subscribed, with their uses", async () => {
  await using house = await House.open();
  const account = await house.account();
  const list = await account.list();
  assert.deepEqual(
    list.map(({ name }) => name),
    ["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"],
  );
  assert.ok(list.every(({ exists, subscribed }) => exists && subscribed));
  assert.deepEqual(
    list.map(({ specialUse }) => specialUse),
    [undefined, "\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash"],
  );
});

test("create, subscribe, rename, delete", async () => {
  await using house = await House.open();
  const account = await house.account();
  assert.equal(codeOf(await account.create("Work/2026/Plans")), "OK");
  assert.equal(codeOf(await account.create("Work/2026")), "ALREADYEXISTS");
  assert.equal(codeOf(await account.create("inbox")), "ALREADYEXISTS");
  assert.equal(codeOf(await account.create("a/../b")), "CANNOT");
  assert.equal(codeOf(await account.create("More", "\\Sent")), "CANNOT");
  assert.equal(codeOf(await account.create("More", "\\All")), "CANNOT");
  assert.equal(codeOf(await account.create("More", "\\important")), "OK");
  assert.equal(codeOf(await account.delete("Work")), "HASCHILDREN");
  assert.equal(codeOf(await account.delete("INBOX")), "CANNOT");
  assert.equal(codeOf(await account.delete("Nothing")), "NONEXISTENT");
  const before = await account.status("Work/2026/Plans");
  assert.equal(codeOf(await account.rename("Work", "Work/Sub")), "CANNOT");
  assert.equal(codeOf(await account.rename("Work", "Old/Job")), "OK");
  const after = await account.status("Old/Job/2026/Plans");
  assert.ok(before.ok && after.ok);
  assert.equal(after.value.mailboxId, before.value.mailboxId);
  assert.equal(after.value.uidValidity, before.value.uidValidity);
  assert.equal(codeOf(await account.subscribe("Gone/Away", true)), "OK");
  assert.equal(codeOf(await account.subscribe("a//b", true)), "CANNOT");
  assert.equal(codeOf(await account.delete("Old/Job/2026/Plans")), "OK");
  const names = (await account.list()).filter(({ name }) => /^(Old|Gone|Work)/.test(name));
  assert.deepEqual(names, [
    { name: "Gone/Away", exists: false, subscribed: true },
    { name: "Old", exists: true, subscribed: false },
    { name: "Old/Job", exists: true, subscribed: false },
    { name: "Old/Job/2026", exists: true, subscribed: false },
  ]);
});

test("names are equal in NFC, INBOX in any case", async () => {
  await using house = await House.open();
  const account = await house.account();
  assert.equal(codeOf(await account.create("Entwu\u0308rfe")), "OK");
  assert.equal(codeOf(await account.create("Entwürfe")), "ALREADYEXISTS");
  assert.equal(codeOf(await account.status("iNbOx")), "OK");
  await account.create("inBOX/Sub");
  assert.ok((await account.list()).some(({ name }) => name === "INBOX/Sub"));
});

test("renaming INBOX moves its messages and leaves it empty", async () => {
  await using house = await House.open();
  const account = await house.account();
  await fill(account, 2);
  assert.equal(codeOf(await account.rename("INBOX", "Old mail")), "OK");
  const [inbox, old] = [await account.status("INBOX"), await account.status("Old mail")];
  assert.ok(inbox.ok && old.ok);
  assert.deepEqual([inbox.value.messages, old.value.messages], [0, 2]);
});

test("APPEND keeps octets and dates; refuses what is too big, too much, or has nowhere to go", async () => {
  await using house = await House.open({ quota_octets: 2000 });
  const account = await house.account();
  const octets = Buffer.from("Subject: bare\n\nline\r\xff\n.\n", "latin1");
  const appended = await account.append("INBOX", [
    { octets, flags: ["\\Seen", "$Work"], internalDate_ms: 86_400_000 },
  ]);
  assert.ok(appended.ok);
  const box = await openBox(account);
  const [message] = await collect(box.messages(Uint32Array.from(appended.value.uids)));
  assert.ok(message);
  assert.ok(octets.equals(await message.octets()));
  assert.ok(octets.subarray(3, 9).equals(await message.octets(3, 9)));
  assert.equal((await message.outline()).envelope.subject, "bare");
  assert.deepEqual([message.internalDate_ms, message.flags], [86_400_000, ["\\Seen", "$Work"]]);
  assert.equal(codeOf(await account.append("Nowhere", [mail()])), "TRYCREATE");
  assert.equal(codeOf(await account.append("INBOX", [mail("x".repeat(1_000_001))])), "TOOBIG");
  assert.equal(codeOf(await account.append("INBOX", [mail(), mail("x".repeat(3000))])), "OVERQUOTA");
  assert.equal(codeOf(await account.append("INBOX", [mail(MAIL, ["k".repeat(65)])])), "LIMIT");
  assert.deepEqual(await account.quota(), { used_octets: octets.length, limit_octets: 2000 });
});

test("opening tells uids, counts, keywords, the first unseen and the first recent", async () => {
  await using house = await House.open();
  const account = await house.account();
  await account.append("INBOX", [
    mail(MAIL, ["\\Seen", "$b"]),
    mail(MAIL, ["\\Seen", "a"]),
    mail(),
    mail(MAIL, ["$B"]),
  ]);
  const looked = await openBox(account, "INBOX", true);
  assert.deepEqual([...looked.uids], [1, 2, 3, 4]);
  assert.deepEqual([looked.firstUnseen, looked.firstRecent], [3, 1]);
  assert.deepEqual(looked.keywords, ["$b", "a"]);
  assert.deepEqual([looked.status.messages, looked.status.unseen, looked.status.uidNext], [4, 2, 5]);
  const first = await openBox(account);
  const second = await openBox(account);
  assert.deepEqual(
    [first.firstRecent, second.firstRecent],
    [1, 5],
    "EXAMINE took nothing, the first SELECT all",
  );
  await first.storeFlags(uids(3, 4), { action: "add", flags: ["\\Seen", "late"] });
  const third = await openBox(account);
  assert.deepEqual([third.firstUnseen, third.keywords], [undefined, ["$b", "a", "late"]]);
  await first.storeFlags(uids(2), { action: "remove", flags: ["\\Seen"] });
  assert.equal((await openBox(account)).firstUnseen, 2);
  await fill(account, 1);
  assert.equal((await openBox(account)).firstRecent, 5);
});

test("after a restart only what came since is recent", async () => {
  const clock = new ManualClock();
  await using house = await House.open({ clock });
  await fill(await house.account(), 3);
  clock.advance(1000);
  const account = await house.account();
  await fill(account, 2);
  assert.equal((await openBox(account)).firstRecent, 4);
});

test("a read-only mailbox changes nothing", async () => {
  await using house = await House.open();
  const account = await house.account();
  await fill(account, 1);
  const box = await openBox(account, "INBOX", true);
  assert.equal(codeOf(await box.storeFlags(uids(1), { action: "add", flags: ["\\Seen"] })), "NOPERM");
  assert.equal(codeOf(await box.expunge()), "NOPERM");
  assert.equal(codeOf(await box.move(uids(1), "Trash")), "NOPERM");
  assert.equal(codeOf(await box.copy(uids(1), "Trash")), "OK");
});

test("copy and move name both sides; a missing target asks for TRYCREATE", async () => {
  await using house = await House.open();
  const account = await house.account();
  await fill(account, 3);
  const box = await openBox(account);
  assert.equal(codeOf(await box.copy(uids(1), "Nowhere")), "TRYCREATE");
  const copied = await box.copy(uids(1, 3, 9), "Trash");
  assert.ok(copied.ok);
  assert.deepEqual(
    [copied.value.source, copied.value.target],
    [
      [1, 3],
      [1, 2],
    ],
  );
  const moved = await box.move(uids(2), "Trash");
  assert.ok(moved.ok);
  assert.deepEqual([moved.value.source, moved.value.target], [[2], [3]]);
  const trash = await openBox(account, "Trash");
  const [here, there] = [await collect(box.messages(uids(1))), await collect(trash.messages(uids(1)))];
  assert.equal(there[0]?.emailId, here[0]?.emailId);
});

test("two sessions: each sees what the other did, once", async () => {
  await using house = await House.open();
  const account = await house.account();
  await fill(account, 3);
  const [a, b] = [await openBox(account), await openBox(account)];
  let told = 0;
  b.watch(() => told++);
  const since = b.status.highestModSeq;
  await a.storeFlags(uids(1, 2), { action: "add", flags: ["\\Deleted"] });
  assert.deepEqual(await a.expunge(uids(2)), { ok: true, value: [2] });
  await fill(account, 1);
  const delta = await b.delta(since);
  assert.ok(told > 0, "the other session was told");
  assert.deepEqual(
    delta.appeared.map(({ uid }) => uid),
    [4],
  );
  assert.deepEqual(
    delta.changed.map(({ uid, flags }) => [uid, flags]),
    [[1, ["\\Deleted"]]],
  );
  assert.deepEqual(delta.vanished, [2]);
  assert.deepEqual(await b.delta(delta.modSeq), {
    modSeq: delta.modSeq,
    appeared: [],
    changed: [],
    vanished: [],
  });
  b.close();
  const before = told;
  await fill(account, 1);
  assert.equal(told, before, "after close nobody calls");
});

test("flags changed since are left alone and named (UNCHANGEDSINCE)", async () => {
  await using house = await House.open();
  const account = await house.account();
  await fill(account, 2);
  const box = await openBox(account);
  const unchangedSince = box.status.highestModSeq;
  await box.storeFlags(uids(1), { action: "add", flags: ["\\Seen"] });
  const stored = await box.storeFlags(uids(1, 2), {
    action: "replace",
    flags: ["\\Flagged"],
    unchangedSince,
  });
  assert.ok(stored.ok);
  assert.deepEqual([stored.value.modified, stored.value.stored.map(({ uid }) => uid)], [[1], [2]]);
  assert.deepEqual(
    (await collect(box.flags(uids(1, 2)))).flat().map(({ flags }) => flags),
    [["\\Seen"], ["\\Flagged"]],
  );
});

test("a mailbox deleted under a session: all its messages vanish, writes are refused", async () => {
  await using house = await House.open();
  const account = await house.account();
  await account.create("Temp");
  await fill(account, 2, "Temp");
  const box = await openBox(account, "Temp");
  await fill(account, 1, "Temp");
  const { modSeq } = await box.delta(box.status.highestModSeq);
  assert.equal(codeOf(await account.delete("Temp")), "OK");
  assert.deepEqual((await box.delta(modSeq)).vanished, [1, 2, 3]);
  assert.equal(codeOf(await box.storeFlags(uids(1), { action: "add", flags: ["\\Seen"] })), "NONEXISTENT");
});

test("changes of another process are seen by asking", async () => {
  const clock = new ManualClock();
  await using house = await House.open({ clock });
  // Never told of its own commits: so does what another process writes reach us.
  const deaf: Store = Object.create(house.store, { watch: { value: () => () => {} } });
  const box = await openBox(await house.account(deaf));
  let told = 0;
  box.watch(() => told++);
  await fill(await house.account(), 1);
  assert.equal(told, 0);
  clock.advance(MAILBOX_LIMITS.poll_ms);
  for (let turn = 0; turn < 50 && told === 0; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told, 1);
  box.close();
});

test("a mailbox that changes while it is opened", async () => {
  await using house = await House.open();
  const account = await house.account();
  await fill(account, 3);
  const box = await openBox(account);
  const mail: Store["mail"] = Object.create(house.store.mail, {
    uids: {
      value: async (mailbox: MailboxId) => {
        await fill(account, 1);
        const read = await house.store.mail.uids(mailbox);
        await box.storeFlags(uids(2, 4), { action: "add", flags: ["\\Deleted"] });
        await box.expunge();
        await fill(account, 1);
        return read;
      },
    },
  });
  const restless: Store = Object.create(house.store, { mail: { value: mail } });
  const opened = await openBox(await house.account(restless));
  assert.deepEqual([...opened.uids], [1, 3, 5]);
  assert.deepEqual([opened.status.messages, opened.status.uidNext, opened.firstUnseen], [3, 6, 1]);
  const { appeared, changed, vanished } = await opened.delta(opened.status.highestModSeq);
  assert.deepEqual([appeared, changed, vanished], [[], [], []]);
});

test("a listener that comes late hears of what it missed", async () => {
  await using house = await House.open();
  const account = await house.account();
  const [a, b] = [await openBox(account), await openBox(account)];
  a.watch(() => {});
  await fill(account, 1);
  let told = 0;
  b.watch(() => told++);
  await Promise.resolve();
  assert.equal(told, 1);
  a.close();
  b.close();
});

test("the eleventh session of a client without a login is refused (D-13)", async () => {
  await using house = await House.open();
  const log = new MemoryLog();
  const backend = imapBackend({
    store: house.store,
    logins: {
      mechanisms: (tls) => (tls ? ["PLAIN"] : []),
      authenticator: () => {
        throw new Error("none");
      },
    },
    hostName: "h",
    appendSizeMax: 1,
    clock: new ManualClock(),
    log,
  });
  const facts = (id: number): Parameters<typeof backend.connect>[0] => ({
    id: String(id),
    remote: { address: parseIp("192.0.2.1") as IpAddress, port: id },
    local: { address: "127.0.0.1", port: 993 },
  });
  for (let id = 0; id < 10; id++) assert.equal(await backend.connect(facts(id)), undefined);
  assert.match((await backend.connect(facts(10))) ?? "", /Too many/);
  assert.equal(log.events.at(-1)?.event, "mailbox.too-many-sessions");
  backend.disconnected(facts(10));
  assert.notEqual(await backend.connect(facts(11)), undefined, "a refused session frees nothing");
  backend.disconnected(facts(3));
  assert.equal(await backend.connect(facts(12)), undefined);
  assert.deepEqual(backend.mechanisms(facts(1)), []);
});

test("many writers and readers at once: the view of a session converges to the mailbox", async () => {
  await using house = await House.open();
  const account = await house.account();
  await fill(account, 20);
  const watcher = await openBox(account);
  const view = new Set<number>(watcher.uids);
  let since: ModSeq = watcher.status.highestModSeq;
  const follow = async (): Promise<void> => {
    const delta = await watcher.delta(since);
    for (const { uid } of delta.appeared) {
      assert.ok(!view.has(uid), `${uid} appeared twice`);
      view.add(uid);
    }
    for (const uid of delta.vanished) assert.ok(view.delete(uid), `${uid} vanished but was never seen`);
    since = delta.modSeq;
  };
  const work = async (seed: number): Promise<void> => {
    const box = await openBox(account);
    for (let i = 0; i < 8; i++) {
      await fill(account, 1 + (seed % 2));
      const some = box.uids.filter((uid) => uid % 4 === seed);
      await box.storeFlags(some.subarray(i, i + 1), { action: "add", flags: ["\\Deleted"] });
      await box.expunge(some.subarray(i, i + 1));
      const opened = await openBox(account);
      assert.equal(opened.uids.length, opened.status.messages);
      await follow();
    }
  };
  // `follow` runs in one chain at a time: a session handles one command after the other.
  for (const seed of [0, 1]) await Promise.all([work(seed), fill(account, 3)]);
  await follow();
  assert.deepEqual(
    [...view].sort((a, b) => a - b),
    [...(await openBox(account)).uids] as Uid[],
  );
});
