import assert from "node:assert/strict";
import type { AccountId } from "../../base/mail-ids.ts";
import type { MailboxChange, Store } from "../store.ts";
import {
  addAccount,
  delivery,
  mailboxNamed,
  newMessage,
  rowsOf,
  sample,
  uidSet,
  value,
  type Suite,
} from "./fixtures.ts";

const names = async (store: Store, account: AccountId): Promise<string[]> =>
  (await store.mail.mailboxes(account)).map(({ name }) => name);

export const mailboxSuite: Suite = {
  async "create makes parents, delete refuses INBOX and parents"(engine) {
    const { store } = engine;
    const account = await addAccount(store, "you@example.org");
    const leaf = value(await store.mail.createMailbox(account, "Work/2025/Bills", "\\Archive"));
    assert.deepEqual(await names(store, account), ["INBOX", "Junk", "Work", "Work/2025", "Work/2025/Bills"]);
    assert.equal((await store.mail.mailbox(leaf))?.specialUse, "\\Archive");
    assert.deepEqual(await store.mail.createMailbox(account, "Work"), { ok: false, error: "exists" });
    const work = await mailboxNamed(store, account, "Work");
    assert.deepEqual(await store.mail.deleteMailbox(work.id), { ok: false, error: "has-children" });
    const inbox = await mailboxNamed(store, account);
    assert.deepEqual(await store.mail.deleteMailbox(inbox.id), { ok: false, error: "is-inbox" });
    value(await store.mail.deleteMailbox(leaf));
    assert.deepEqual(await store.mail.deleteMailbox(leaf), { ok: false, error: "no-mailbox" });
  },

  async "a mailbox made again has another uidvalidity, also after reopening"(engine) {
    let { store } = engine;
    const account = await addAccount(store, "you@example.org");
    const seen = new Set<number>();
    for (let round = 0; round < 4; round++) {
      const id = value(await store.mail.createMailbox(account, "Again"));
      const uidValidity = (await store.mail.mailbox(id))?.uidValidity ?? 0;
      assert.ok(!seen.has(uidValidity), `uidvalidity ${uidValidity} came twice`);
      assert.ok(uidValidity > 0 && uidValidity < 2 ** 32);
      seen.add(uidValidity);
      value(await store.mail.deleteMailbox(id));
      if (round === 1) store = await engine.reopen();
    }
  },

  async "rename takes children and subscriptions along and keeps messages and ids"(engine) {
    const { store } = engine;
    const account = await addAccount(store, "you@example.org");
    const child = value(await store.mail.createMailbox(account, "Old/Child"));
    value(await store.mail.createMailbox(account, "Older"));
    await store.mail.subscribe(account, "Old/Child", true);
    value(await store.mail.append(child, [newMessage(sample("one"))]));
    const old = await mailboxNamed(store, account, "Old");
    assert.deepEqual(await store.mail.renameMailbox(old.id, "Junk"), { ok: false, error: "exists" });
    value(await store.mail.renameMailbox(old.id, "New/Home"));
    assert.deepEqual(await names(store, account), [
      "INBOX",
      "Junk",
      "New",
      "New/Home",
      "New/Home/Child",
      "Older",
    ]);
    const moved = await mailboxNamed(store, account, "New/Home/Child");
    assert.equal(moved.id, child);
    assert.equal(moved.messages, 1);
    assert.equal(moved.subscribed, true);
    // Into its own child: the family moves down one level and the old name is made anew.
    value(await store.mail.renameMailbox(old.id, "New/Home/Deep"));
    assert.deepEqual(
      (await names(store, account)).filter((n) => n.startsWith("New")),
      ["New", "New/Home", "New/Home/Deep", "New/Home/Deep/Child"],
    );
  },

  async "renaming INBOX moves its messages and leaves an empty INBOX (RFC 9051 §6.3.6)"(engine) {
    const { store } = engine;
    const account = await addAccount(store, "you@example.org");
    await store.mail.deliver(delivery(sample("one"), [account]));
    await store.mail.deliver(delivery(sample("two"), [account]));
    const inbox = await mailboxNamed(store, account);
    value(await store.mail.renameMailbox(inbox.id, "Archive/2025"));
    assert.equal((await mailboxNamed(store, account)).messages, 0);
    assert.equal((await mailboxNamed(store, account)).id, inbox.id);
    const target = await mailboxNamed(store, account, "Archive/2025");
    assert.equal((await rowsOf(store, target.id)).length, 2);
    assert.deepEqual((await store.mail.delta(inbox.id, inbox.highestModSeq)).vanished, [1, 2]);
    await store.mail.deliver(delivery(sample("three"), [account]));
    assert.deepEqual([...(await store.mail.uids(inbox.id))], [3], "uids go on");
  },

  async "subscriptions outlive their mailbox"(engine) {
    const { store } = engine;
    const account = await addAccount(store, "you@example.org");
    const id = value(await store.mail.createMailbox(account, "List"));
    assert.equal((await store.mail.mailbox(id))?.subscribed, false);
    await store.mail.subscribe(account, "List", true);
    assert.equal((await store.mail.mailbox(id))?.subscribed, true);
    value(await store.mail.deleteMailbox(id));
    assert.deepEqual(await store.mail.subscriptions(account), ["INBOX", "Junk", "List"]);
    await store.mail.subscribe(account, "List", false);
    assert.deepEqual(await store.mail.subscriptions(account), ["INBOX", "Junk"]);
  },

  async "quota lets deliveries to others pass, is freed by removal, and never stops a move"(engine) {
    const { store } = engine;
    const one = sample("one");
    const small = await addAccount(store, "small@example.org", one.octets.length + 5);
    const large = await addAccount(store, "large@example.org");
    const inbox = await mailboxNamed(store, small);
    const kinds = async (): Promise<string[]> =>
      (await store.mail.deliver(delivery(one, [small, large, 77 as AccountId]))).map(({ kind }) => kind);
    assert.deepEqual(await kinds(), ["stored", "stored", "no-account"]);
    assert.deepEqual(await kinds(), ["over-quota", "stored", "no-account"]);
    assert.deepEqual(await store.mail.append(inbox.id, [newMessage(one)]), {
      ok: false,
      error: "over-quota",
    });
    assert.deepEqual(await store.mail.copy(inbox.id, uidSet(1), inbox.id), {
      ok: false,
      error: "over-quota",
    });
    const junk = await mailboxNamed(store, small, "Junk");
    value(await store.mail.move(inbox.id, uidSet(1), junk.id));
    assert.equal((await store.directory.account(small))?.used_octets, one.octets.length);
    value(await store.mail.remove(junk.id, uidSet(1)));
    assert.equal((await store.directory.account(small))?.used_octets, 0);
    assert.deepEqual(await kinds(), ["stored", "stored", "no-account"]);
  },

  async "watchers hear of each commit that changed a mailbox"(engine) {
    const { store } = engine;
    const account = await addAccount(store, "you@example.org");
    const heard: MailboxChange[] = [];
    const stop = store.watch((change) => heard.push(change));
    const [copy] = await store.mail.deliver(delivery(sample("one"), [account]));
    assert.ok(copy?.kind === "stored");
    const inbox = await mailboxNamed(store, account);
    assert.deepEqual(heard, [{ account, mailbox: inbox.id, modSeq: inbox.highestModSeq }]);
    await store.mail.storeFlags(inbox.id, uidSet(9), { action: "add", flags: { system: 1, keywords: [] } });
    assert.equal(heard.length, 1, "nothing changed");
    stop();
    await store.mail.deliver(delivery(sample("two"), [account]));
    assert.equal(heard.length, 1);
  },
};
