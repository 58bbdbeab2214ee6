import assert from "node:assert/strict";
import type { NewQueueEntry, QueueRecipient, RecipientResult, Store } from "../store.ts";
import { addAccount, delivery, mailboxNamed, queued, RECEIVED_MS, rowsOf, sample } from "./fixtures.ts";
import type { Suite } from "./fixtures.ts";

const HOUR_MS = 3_600_000;

const enqueue = (store: Store, ...entries: NewQueueEntry[]): Promise<unknown> =>
  Promise.all(entries.map((queue) => store.mail.deliver({ ...delivery(sample(queue.id), []), queue })));

const later = (index: number, nextAttempt_ms: number): RecipientResult => ({
  index,
  state: "pending",
  nextAttempt_ms,
  lastReply: "450 4.2.0 later",
  lastHost: "mx.example.net",
});
const delivered = (index: number): RecipientResult => ({
  index,
  state: "delivered",
  nextAttempt_ms: RECEIVED_MS,
  lastReply: "250 2.0.0 ok",
});

const leaseIds = async (store: Store, now_ms: number, limit = 10): Promise<readonly string[]> =>
  (await store.queue.lease(now_ms, now_ms + HOUR_MS, limit)).map(({ id }) => id);

/** Mail that goes on to other hosts. */
export const queueSuite: Suite = {
  async "an entry comes back as it went in, also after reopening"(engine) {
    const entry: NewQueueEntry = {
      id: "q1",
      from: "",
      smtpUtf8: true,
      body: "8BITMIME",
      ret: "HDRS",
      envid: "QQ314159",
      tls: "required",
      created_ms: RECEIVED_MS,
      submitter: "you@example.org",
      recipients: [
        {
          address: "a@example.net",
          notify: ["SUCCESS", "FAILURE"],
          orcpt: { type: "rfc822", address: "a@old.example" },
        },
        { address: "jørgen@example.net" },
      ],
    };
    await enqueue(engine.store, entry, queued("q2", ["c@example.net"]));
    const store = await engine.reopen();
    const got = await store.queue.queueEntry("q1");
    assert.ok(got);
    const { blob, size_octets, held, recipients, ...same } = got;
    assert.deepEqual({ ...same, recipients: entry.recipients }, entry);
    assert.deepEqual(await store.mail.octets(blob), sample("q1").octets);
    assert.deepEqual([size_octets, held], [sample("q1").octets.length, false]);
    const fresh: Omit<QueueRecipient, "index" | "address"> = {
      state: "pending",
      attempts: 0,
      nextAttempt_ms: RECEIVED_MS,
      delayNoticeSent: false,
    };
    assert.deepEqual(
      recipients,
      entry.recipients.map((recipient, index) => ({ ...recipient, ...fresh, index })),
    );
    assert.deepEqual(
      (await store.queue.queued()).map(({ id }) => id),
      ["q1", "q2"],
    );
    assert.equal(await store.queue.queueLength(), 2);
    assert.equal(await store.queue.queueEntry("none"), undefined);
  },

  async "leases go to those longest due, once, until they run out or are freed"({ store }) {
    await enqueue(
      store,
      queued("late", ["a@x.example"], RECEIVED_MS + 2000),
      queued("early", ["a@x.example"], RECEIVED_MS),
      queued("middle", ["a@x.example", "b@x.example"], RECEIVED_MS + 1000),
    );
    assert.deepEqual(await leaseIds(store, RECEIVED_MS - 1), []);
    assert.deepEqual(await leaseIds(store, RECEIVED_MS + 1500), ["early", "middle"]);
    assert.deepEqual(await leaseIds(store, RECEIVED_MS + 2000), ["late"]);
    assert.deepEqual(await leaseIds(store, RECEIVED_MS + 3000), [], "all are leased");
    assert.deepEqual(
      await leaseIds(store, RECEIVED_MS + 2000 + HOUR_MS, 2),
      ["early", "middle"],
      "leases have run out",
    );
    await store.queue.releaseLeases();
    assert.deepEqual(await leaseIds(store, RECEIVED_MS + 3000, 1), ["early"]);
  },

  async "settling counts the try, ends the lease, and removes an entry nobody waits for"({ store }) {
    await enqueue(store, queued("q1", ["a@x.example", "b@x.example", "c@x.example"]));
    const [leased] = await store.queue.lease(RECEIVED_MS, RECEIVED_MS + HOUR_MS, 1);
    const blob = leased?.blob ?? "";
    const due_ms = RECEIVED_MS + 5000;
    await store.queue.settle("q1", [delivered(0), { ...later(1, due_ms), delayNoticeSent: true }], []);
    const entry = await store.queue.queueEntry("q1");
    const facts = entry?.recipients.map(
      ({ state, attempts, lastReply, lastHost, nextAttempt_ms, delayNoticeSent }) => [
        state,
        attempts,
        lastReply,
        lastHost,
        nextAttempt_ms,
        delayNoticeSent,
      ],
    );
    assert.deepEqual(facts, [
      ["delivered", 1, "250 2.0.0 ok", undefined, RECEIVED_MS, false],
      ["pending", 1, "450 4.2.0 later", "mx.example.net", due_ms, true],
      ["pending", 0, undefined, undefined, RECEIVED_MS, false],
    ]);
    assert.deepEqual(await leaseIds(store, RECEIVED_MS), ["q1"], "the third is still due");
    await store.queue.settle("q1", [later(2, due_ms + 1)], []);
    assert.deepEqual(await leaseIds(store, due_ms - 1), []);
    await store.queue.settle("q1", [{ ...delivered(1), state: "failed" }, delivered(2)], []);
    assert.equal(await store.queue.queueEntry("q1"), undefined);
    assert.equal(await store.mail.octets(blob), undefined, "its message has gone too");
  },

  async "notices of a try are delivered or queued in the same commit"({ store }) {
    const account = await addAccount(store, "you@example.org");
    await enqueue(store, queued("q1", ["a@x.example"]));
    const note = { kind: "delivery", id: "q1", at_ms: RECEIVED_MS, keys: ["q1"], body: "{}" };
    await store.queue.settle(
      "q1",
      [{ ...delivered(0), state: "failed" }],
      [
        { ...delivery(sample("bounce"), [account]), journal: [note] },
        { ...delivery(sample("bounce abroad"), []), queue: queued("n1", ["you@y.example"]) },
      ],
    );
    assert.equal((await rowsOf(store, (await mailboxNamed(store, account)).id)).length, 1);
    assert.equal(await store.queue.queueEntry("q1"), undefined);
    assert.ok(await store.queue.queueEntry("n1"));
    assert.deepEqual(await store.journal.journalFind({ key: "q1", since_ms: 0, limit: 9 }), [note]);
    // The operator dropped the entry while the try went on: what it has to tell is still told.
    await store.queue.settle("gone", [delivered(0)], [delivery(sample("late bounce"), [account])]);
    assert.equal((await mailboxNamed(store, account)).messages, 2);
  },

  async "the operator holds, frees, hurries and drops"({ store }) {
    await enqueue(store, queued("q1", ["a@x.example"]), queued("q2", ["a@x.example"]));
    assert.equal(await store.queue.hold("q1", true), true);
    assert.equal(await store.queue.hold("none", true), false);
    assert.equal((await store.queue.queueEntry("q1"))?.held, true);
    assert.deepEqual(await leaseIds(store, RECEIVED_MS), ["q2"]);
    await store.queue.settle("q2", [later(0, RECEIVED_MS + 9 * HOUR_MS)], []);
    await store.queue.hold("q1", false);
    assert.equal(await store.queue.flush("q2"), 1);
    assert.deepEqual(await leaseIds(store, RECEIVED_MS), ["q1", "q2"]);
    await store.queue.settle("q1", [later(0, RECEIVED_MS + 9 * HOUR_MS)], []);
    await store.queue.settle("q2", [later(0, RECEIVED_MS + 9 * HOUR_MS)], []);
    assert.equal(await store.queue.flush(), 2);
    assert.equal(await store.queue.flush("none"), 0);
    assert.deepEqual(await leaseIds(store, RECEIVED_MS), ["q1", "q2"]);
    const blob = (await store.queue.queueEntry("q1"))?.blob ?? "";
    assert.equal(await store.queue.drop("q1"), true);
    assert.equal(await store.queue.drop("q1"), false);
    assert.equal(await store.mail.octets(blob), undefined);
    assert.equal(await store.queue.queueLength(), 1);
  },
};
