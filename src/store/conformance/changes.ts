import assert from "node:assert/strict";
import type { AccountId, MailboxId, ModSeq } from "../../base/mail-ids.ts";
import { SystemFlag, type Flags, type Store } from "../store.ts";
import {
  addAccount,
  flags,
  mailboxNamed,
  newMessage,
  rowsOf,
  sample,
  seeded,
  uidSet,
  value,
} from "./fixtures.ts";
import type { Suite } from "./fixtures.ts";

const appendMany = async (store: Store, mailbox: MailboxId, count: number): Promise<void> =>
  void value(
    await store.mail.append(
      mailbox,
      Array.from({ length: count }, () => newMessage(sample("same"))),
    ),
  );

const modSeqOf = async (store: Store, mailbox: MailboxId): Promise<ModSeq> => {
  const modSeq = (await store.mail.mailbox(mailbox))?.highestModSeq;
  assert.ok(modSeq !== undefined);
  return modSeq;
};

const seen = { action: "add", flags: flags(SystemFlag.seen) } as const;

/** What views that follow a mailbox are told. RFC 7162 */
export const changeSuite: Suite = {
  async "a delta names what appeared, changed and vanished since, each once"({ store }) {
    const { id } = await mailboxNamed(store, await addAccount(store, "you@example.org"));
    await appendMany(store, id, 4);
    const since = await modSeqOf(store, id);
    assert.deepEqual(await store.mail.delta(id, since), {
      modSeq: since,
      appeared: [],
      changed: [],
      vanished: [],
    });
    await appendMany(store, id, 3);
    value(await store.mail.storeFlags(id, uidSet(2, 3, 6), seen));
    value(await store.mail.remove(id, uidSet(3, 5)));
    const delta = await store.mail.delta(id, since);
    assert.equal(delta.modSeq, await modSeqOf(store, id));
    const uids = (rows: readonly { readonly uid: number }[]): number[] => rows.map(({ uid }) => uid);
    assert.deepEqual(
      [uids(delta.appeared), uids(delta.changed), delta.vanished],
      [[6, 7], [2], [3]],
      "5 came and went",
    );
    assert.deepEqual(delta.appeared[0]?.flags, flags(SystemFlag.seen));
    const all = await store.mail.delta(id, 0 as ModSeq);
    assert.deepEqual([uids(all.appeared), all.changed, all.vanished], [[1, 2, 4, 6, 7], [], []]);
    const none = await store.mail.delta(99 as MailboxId, since);
    assert.deepEqual(none, { modSeq: since, appeared: [], changed: [], vanished: [] });
  },

  async "a very old view is told every uid that is not there, a newer one exactly what went"({ store }) {
    const { id } = await mailboxNamed(store, await addAccount(store, "you@example.org"));
    const total = 32_000;
    await appendMany(store, id, total);
    const views: ModSeq[] = [];
    for (let first = 1; first < total; first += 1000) {
      views.push(await modSeqOf(store, id));
      value(
        await store.mail.remove(
          id,
          Uint32Array.from({ length: 999 }, (_, i) => first + i),
        ),
      );
    }
    for (const [removals, since] of views.entries()) {
      const vanished = new Set<number>((await store.mail.delta(id, since)).vanished);
      const gone = Array.from({ length: total - removals * 1000 }, (_, i) => removals * 1000 + i + 1);
      assert.ok(
        gone.every((uid) => vanished.has(uid) === (uid % 1000 !== 0)),
        `the view before removal ${removals}`,
      );
      if (removals === 30) assert.equal(vanished.size, 2 * 999);
    }
  },

  async "a mailbox deleted or made again tells watchers, and its messages do not come back"({ store }) {
    const account = await addAccount(store, "you@example.org");
    const id = value(await store.mail.createMailbox(account, "Gone"));
    await appendMany(store, id, 3);
    const heard: MailboxId[] = [];
    store.watch(({ mailbox }) => heard.push(mailbox));
    value(await store.mail.deleteMailbox(id));
    assert.deepEqual(heard, [id]);
    assert.equal((await store.mail.uids(id)).length, 0);
    const again = value(await store.mail.createMailbox(account, "Gone"));
    assert.notEqual(again, id);
    assert.equal((await store.mail.uids(again)).length, 0);
    assert.equal((await store.directory.account(account))?.used_octets, 0);
  },

  async "five hundred random writes: rows, counters and every old view brought forward agree with a model"({
    store,
  }) {
    const account = await addAccount(store, "you@example.org");
    const model = new Model(store, account, [
      await mailboxNamed(store, account),
      await mailboxNamed(store, account, "Junk"),
    ]);
    const random = seeded(20250607);
    for (let step = 0; step < 500; step++) {
      await model.write(random);
      if (step % 25 === 24) await model.check();
    }
  },
};

type Expected = { readonly flags: Flags };
type View = { readonly since: ModSeq; readonly rows: Map<number, number> };

/** What two mailboxes should hold, and views of them from earlier, as clients keep them. */
class Model {
  readonly #store: Store;
  readonly #account: AccountId;
  readonly #boxes: {
    readonly id: MailboxId;
    readonly rows: Map<number, Expected>;
    uidNext: number;
    views: View[];
  }[];

  constructor(store: Store, account: AccountId, boxes: readonly { readonly id: MailboxId }[]) {
    this.#store = store;
    this.#account = account;
    this.#boxes = boxes.map(({ id }) => ({ id, rows: new Map(), uidNext: 1, views: [] }));
  }

  async write(random: (below: number) => number): Promise<void> {
    const from = this.#boxes[random(2)] ?? assert.fail();
    const to = this.#boxes[random(2)] ?? assert.fail();
    const some = [...from.rows.keys()].filter(() => random(3) === 0).slice(0, 8);
    const { mail } = this.#store;
    switch (random(6)) {
      case 0:
      case 1: {
        const start = flags(random(32));
        const texts = Array.from({ length: 1 + random(3) }, () =>
          newMessage(sample(`text ${random(9)}`), start),
        );
        for (const uid of value(await mail.append(from.id, texts)).uids) from.rows.set(uid, { flags: start });
        from.uidNext += texts.length;
        return;
      }
      case 2: {
        const change = {
          action: (["add", "remove", "replace"] as const)[random(3)] ?? "add",
          flags: flags(random(32)),
        };
        value(await mail.storeFlags(from.id, uidSet(...some), change));
        for (const uid of some)
          from.rows.set(uid, { flags: flags(apply(from.rows.get(uid)?.flags.system ?? 0, change)) });
        return;
      }
      case 3: {
        const gone = value(await mail.expunge(from.id, uidSet(...some)));
        const want = some.filter(
          (uid) => ((from.rows.get(uid)?.flags.system ?? 0) & SystemFlag.deleted) !== 0,
        );
        assert.deepEqual(gone, want);
        for (const uid of want) from.rows.delete(uid);
        return;
      }
      case 4:
      case 5: {
        const moving = random(2) === 0;
        const moved = moving
          ? await mail.move(from.id, uidSet(...some), to.id)
          : await mail.copy(from.id, uidSet(...some), to.id);
        const { source, target } = value(moved);
        assert.deepEqual(source, some);
        for (const [i, uid] of some.entries()) {
          assert.equal(target[i], to.uidNext++);
          to.rows.set(target[i] ?? 0, from.rows.get(uid) ?? assert.fail());
          if (moving) from.rows.delete(uid);
        }
      }
    }
  }

  async check(): Promise<void> {
    let used = 0;
    for (const box of this.#boxes) {
      const rows = await rowsOf(this.#store, box.id);
      const got = rows.map(({ uid, flags: { system } }) => [uid, system]);
      assert.deepEqual(
        got,
        [...box.rows]
          .map(([uid, row]) => [uid, row.flags.system])
          .toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0)),
      );
      const mailbox = (await this.#store.mail.mailbox(box.id)) ?? assert.fail();
      const having = (bit: number): number => rows.filter((row) => (row.flags.system & bit) !== 0).length;
      const size = rows.reduce((sum, row) => sum + row.size_octets, 0);
      assert.deepEqual(
        [mailbox.messages, mailbox.unseen, mailbox.deleted, mailbox.size_octets, mailbox.uidNext],
        [rows.length, rows.length - having(1), having(8), size, box.uidNext],
      );
      used += size;
      for (const view of box.views) await this.#bringForward(box.id, view, got);
      box.views.push({
        since: mailbox.highestModSeq,
        rows: new Map(got.map(([uid, system]) => [uid ?? 0, system ?? 0])),
      });
    }
    assert.equal((await this.#store.directory.account(this.#account))?.used_octets, used);
  }

  async #bringForward(mailbox: MailboxId, { since, rows }: View, want: readonly number[][]): Promise<void> {
    const view = new Map(rows);
    const delta = await this.#store.mail.delta(mailbox, since);
    for (const uid of delta.vanished) assert.ok(view.delete(uid), `${uid} was never seen`);
    for (const {
      uid,
      flags: { system },
    } of delta.changed) {
      assert.ok(view.has(uid));
      view.set(uid, system);
    }
    for (const {
      uid,
      flags: { system },
    } of delta.appeared) {
      assert.ok(!view.has(uid));
      view.set(uid, system);
    }
    assert.deepEqual(
      [...view].toSorted((a, b) => a[0] - b[0]),
      want,
    );
  }
}

function apply(system: number, change: { readonly action: string; readonly flags: Flags }): number {
  if (change.action === "add") return system | change.flags.system;
  return change.action === "remove" ? system & ~change.flags.system : change.flags.system;
}
