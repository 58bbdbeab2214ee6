import assert from "node:assert/strict";
import { hash } from "node:crypto";
import type { AccountId } from "../../base/mail-ids.ts";
import { StoreError } from "../store-error.ts";
import { SystemFlag, type JournalEntry, type Store } from "../store.ts";
import {
  addAccount,
  delivery,
  flags,
  mailboxNamed,
  newMessage,
  queued,
  RECEIVED_MS,
  rowsOf,
  sample,
  uidSet,
  value,
} from "./fixtures.ts";
import type { Suite } from "./fixtures.ts";

const records = (store: Store): Promise<readonly JournalEntry[]> =>
  store.journal.journalFind({ since_ms: 0, limit: 100 });
const note: JournalEntry = { kind: "message", id: "q1", at_ms: RECEIVED_MS, keys: ["q1"], body: "{}" };

/** One message for all its recipients, as one commit. */
export const deliverySuite: Suite = {
  async "a message is stored once for all its copies, and stays until the last has gone"({ store }) {
    const one = await addAccount(store, "one@example.org");
    const two = await addAccount(store, "two@example.org");
    await store.mail.deliver(delivery(sample("news"), [one, two, one]));
    const inboxes = [await mailboxNamed(store, one), await mailboxNamed(store, two)];
    const blobs = new Set<string>();
    for (const { id } of inboxes) for (const row of await rowsOf(store, id)) blobs.add(row.blob);
    assert.equal(blobs.size, 1);
    const [blob = ""] = blobs;
    assert.equal(await store.mail.hash(blob), hash("sha256", sample("news").octets));
    for (const { id } of inboxes) {
      assert.deepEqual(await store.mail.octets(blob), sample("news").octets);
      assert.ok((await store.mail.remove(id, uidSet(1, 2))).ok);
    }
    assert.equal(await store.mail.octets(blob), undefined);
    assert.equal(await store.mail.hash(blob), undefined);
  },

  async "what names the octets of one message never comes to name another's"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const { id } = await mailboxNamed(store, account);
    await store.mail.deliver(delivery(sample("mine"), [account]));
    const [{ blob } = assert.fail("delivered")] = await rowsOf(store, id);
    value(await store.mail.remove(id, uidSet(1)));
    await store.mail.deliver(delivery(sample("yours"), [account]));
    value(await store.mail.append(id, [newMessage(sample("theirs"))]));
    assert.equal(await store.mail.octets(blob), undefined);
  },

  async "each copy has its own mailbox and flags; a mailbox that is not there is INBOX"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const copies = [
      { account, mailbox: "Junk", flags: flags(SystemFlag.seen, "$Junk") },
      { account, mailbox: "No/Such", flags: flags(SystemFlag.flagged) },
    ];
    const outcomes = await store.mail.deliver({ ...delivery(sample("one"), []), copies });
    const inbox = await mailboxNamed(store, account);
    const junk = await mailboxNamed(store, account, "Junk");
    assert.deepEqual(outcomes, [
      { kind: "stored", mailbox: junk.id, uid: 1 },
      { kind: "stored", mailbox: inbox.id, uid: 1 },
    ]);
    assert.deepEqual((await rowsOf(store, junk.id))[0]?.flags, flags(SystemFlag.seen, "$Junk"));
    const [row] = await rowsOf(store, inbox.id);
    assert.deepEqual(row?.flags, flags(SystemFlag.flagged));
    assert.equal(row.internalDate_ms, RECEIVED_MS);
  },

  async "copies, queue entry and journal are one commit: where one cannot be, none is"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const inbox = await mailboxNamed(store, account);
    const whole = {
      ...delivery(sample("one"), [account]),
      queue: queued("q1", ["a@example.net"]),
      journal: [note],
    };
    await store.mail.deliver(whole);
    assert.equal((await store.queue.queueEntry("q1"))?.blob, (await rowsOf(store, inbox.id))[0]?.blob);
    assert.deepEqual(await records(store), [note]);
    let heard = 0;
    store.watch(() => heard++);
    // The queue id is taken: a fault, so the message is not accepted.
    const again = {
      ...delivery(sample("two"), [account]),
      queue: queued("q1", ["b@example.net"]),
      journal: [note],
    };
    await assert.rejects(store.mail.deliver(again), StoreError);
    assert.equal((await mailboxNamed(store, account)).messages, 1);
    assert.equal((await records(store)).length, 1);
    assert.equal(await store.queue.queueLength(), 1);
    assert.equal(heard, 0);
  },

  async "what goes on may bear more than the copies do; each is there as long as it is needed"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const inbox = await mailboxNamed(store, account);
    const { octets, outline } = sample("marked");
    const onward = { source: { kind: "octets", octets }, outline } as const;
    await store.mail.deliver({
      ...delivery(sample("plain"), [account]),
      queue: queued("q1", ["a@example.net"]),
      onward,
    });
    const [row] = await rowsOf(store, inbox.id);
    const entry = (await store.queue.queueEntry("q1")) ?? assert.fail("queued");
    assert.deepEqual(await store.mail.octets(row?.blob ?? ""), sample("plain").octets);
    assert.deepEqual(await store.mail.octets(entry.blob), octets);
    assert.equal(entry.size_octets, octets.length);
  },

  async "without anyone to take it nothing is stored; the journal knows, unless a quota kept it out"({
    store,
  }) {
    const small = await addAccount(store, "small@example.org", 1);
    const message = { ...delivery(sample("large"), [small, 99 as AccountId]), journal: [note] };
    assert.deepEqual(await store.mail.deliver(message), [{ kind: "over-quota" }, { kind: "no-account" }]);
    assert.deepEqual(await records(store), []);
    const nobody = { ...delivery(sample("large"), [99 as AccountId]), journal: [note] };
    assert.deepEqual(await store.mail.deliver(nobody), [{ kind: "no-account" }]);
    assert.deepEqual(await records(store), [note]);
    const other = await addAccount(store, "other@example.org");
    await store.mail.deliver(delivery(sample("large"), [other]));
    const [row] = await rowsOf(store, (await mailboxNamed(store, other)).id);
    assert.equal(row?.uid, 1);
  },

  async "a delivery may say that it passes quotas; the next one is held to them again"({ store }) {
    const small = await addAccount(store, "small@example.org", 1);
    const other = await addAccount(store, "other@example.org");
    const message = { ...delivery(sample("large"), [small, other]), pastQuota: true as const };
    const outcomes = await store.mail.deliver(message);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["stored", "stored"],
    );
    assert.deepEqual(await store.mail.deliver(delivery(sample("more"), [small])), [{ kind: "over-quota" }]);
  },

  async "of many such at once each account gets no more than one straw, and who must wait leaves nothing behind"({
    store,
  }) {
    const { octets } = sample("m0");
    const small = await addAccount(store, "small@example.org", 2 * octets.length + 1);
    const other = await addAccount(store, "other@example.org");
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        store.mail.deliver({
          ...delivery(sample(`m${i}`), [other, small]),
          pastQuota: true,
          queue: queued(`q${i}`, ["a@example.net"]),
          journal: [{ ...note, id: `q${i}` }],
        }),
      ),
    );
    const kinds = outcomes.map((one) => one.map(({ kind }) => kind).join());
    const [in_, out] = ["stored,stored", "over-quota,over-quota"];
    assert.deepEqual(kinds, [in_, in_, in_, out, out, out, out, out]);
    assert.equal((await store.directory.account(small))?.used_octets, 3 * octets.length);
    for (const account of [small, other]) assert.equal((await mailboxNamed(store, account)).messages, 3);
    assert.equal(await store.queue.queueLength(), 3);
    assert.deepEqual((await records(store)).map(({ id }) => id).toSorted(), ["q0", "q1", "q2"]);
  },

  async "among writes of one moment each sees what those before it did, also where one of them fails"({
    store,
  }) {
    const account = await addAccount(store, "you@example.org");
    const { id } = await mailboxNamed(store, account);
    await store.mail.deliver({ ...delivery(sample("q"), []), queue: queued("q1", ["a@example.net"]) });
    for (const fails of [false, true]) {
      const before = await mailboxNamed(store, account);
      const use = (await store.directory.account(account))?.used_octets ?? 0;
      const next = before.uidNext;
      const deliver = (text: string) => store.mail.deliver(delivery(sample(text), [account]));
      const failing = fails
        ? store.mail.deliver({
            ...delivery(sample("two"), [account]),
            queue: queued("q1", ["b@example.net"]),
          })
        : Promise.reject(new StoreError("io", "not asked for"));
      const [one, seen, refused, three, appended, removed, last] = await Promise.all([
        deliver("one"),
        store.mail.storeFlags(id, uidSet(next), { action: "add", flags: flags(SystemFlag.seen) }),
        failing.catch((error: unknown) => error),
        deliver("three"),
        store.mail.append(id, [newMessage(sample("four")), newMessage(sample("five"))]),
        store.mail.remove(id, uidSet(next)),
        deliver("six"),
      ]);
      const stored = (uid: number) => [{ kind: "stored", mailbox: id, uid }];
      assert.deepEqual([one, three, last], [stored(next), stored(next + 1), stored(next + 4)]);
      assert.ok(refused instanceof StoreError);
      assert.equal(value(seen).stored.length, 1);
      assert.ok(appended.ok);
      assert.deepEqual(appended.value.uids, [next + 2, next + 3]);
      assert.deepEqual(value(removed), [next]);
      const after = await mailboxNamed(store, account);
      assert.deepEqual(
        [after.uidNext, after.messages, after.unseen],
        [next + 5, before.messages + 4, before.unseen + 4],
      );
      const grown = ["three", "four", "five", "six"].reduce(
        (sum, text) => sum + sample(text).octets.length,
        0,
      );
      assert.equal((await store.directory.account(account))?.used_octets, use + grown);
      const modSeqs = (await rowsOf(store, id)).map(({ modSeq }) => modSeq);
      assert.equal(new Set(modSeqs).size, modSeqs.length);
    }
  },

  async "flags changed at the moment more mail comes count as later than that mail"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const { id } = await mailboxNamed(store, account);
    const [, , changed] = await Promise.all([
      store.mail.deliver(delivery(sample("one"), [account])),
      store.mail.deliver(delivery(sample("two"), [account])),
      store.mail.storeFlags(id, uidSet(1), { action: "add", flags: flags(SystemFlag.seen) }),
      store.mail.deliver(delivery(sample("three"), [account])),
    ]);
    const [one, two, three] = (await rowsOf(store, id)).map(({ modSeq }) => modSeq);
    assert.equal(value(changed).stored[0]?.modSeq, one);
    assert.ok(one !== undefined && two !== undefined && three !== undefined && two < one && one < three);
  },

  async "many deliveries at once lose nothing and give every message a uid of its own"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, i) => store.mail.deliver(delivery(sample(`message ${i}`), [account]))),
    );
    const uids = outcomes.flat().map((outcome) => (outcome.kind === "stored" ? outcome.uid : 0));
    assert.deepEqual(
      uids.toSorted((a, b) => a - b),
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
    const rows = await rowsOf(store, (await mailboxNamed(store, account)).id);
    assert.equal(new Set(rows.map((row) => row.modSeq)).size, 200);
    for (const row of rows.slice(0, 5)) {
      assert.deepEqual(await store.mail.octets(row.blob), sample(`message ${uids.indexOf(row.uid)}`).octets);
    }
  },
};
