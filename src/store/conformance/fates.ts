import assert from "node:assert/strict";
import type { AccountId, MailboxId } from "../../base/mail-ids.ts";
import type { MessageFate } from "../fate.ts";
import { STORE_LIMITS, SystemFlag, type Store } from "../store.ts";
import {
  addAccount,
  delivery,
  flags,
  mailboxNamed,
  rowsOf,
  sample,
  uidSet,
  value,
  type Suite,
} from "./fixtures.ts";

type House = {
  readonly store: Store;
  readonly account: AccountId;
  readonly inbox: MailboxId;
  readonly junk: MailboxId;
  readonly trash: MailboxId;
  readonly archive: MailboxId;
  /** What was told since the last question, as `origin event`. */
  told(): string[];
};

async function house(store: Store): Promise<House> {
  const account = await addAccount(store, "you@example.org");
  const told: MessageFate[] = [];
  store.watchFates((fates) => void told.push(...fates));
  return {
    store,
    account,
    inbox: (await mailboxNamed(store, account)).id,
    junk: (await mailboxNamed(store, account, "Junk")).id,
    trash: value(await store.mail.createMailbox(account, "Bin", "\\Trash")),
    archive: value(await store.mail.createMailbox(account, "Archive")),
    told: () => told.splice(0).map(({ origin, event }) => `${origin} ${event}`),
  };
}

/** Delivered mail that the journal knows; its uids count from 1. */
async function deliver(
  { store, account }: Pick<House, "store" | "account">,
  origins: readonly string[],
  mailbox = "INBOX",
): Promise<void> {
  for (const origin of origins)
    await store.mail.deliver({
      ...delivery(sample(origin), [account], mailbox),
      origin,
      journal: [{ kind: "message", id: origin, at_ms: 1, keys: [origin], body: "{}" }],
    });
}

const add = (system: number, ...keywords: string[]) =>
  ({ action: "add", flags: flags(system, ...keywords) }) as const;
const remove = (system: number) => ({ action: "remove", flags: flags(system) }) as const;

/** What readers do with delivered mail. */
export const fateSuite: Suite = {
  async "read, answered, junk and no junk are told once, however often flags change"({ store }) {
    const at = await house(store);
    await deliver(at, ["m1"]);
    const told: string[] = [];
    for (let i = 0; i < 3; i++) {
      for (const change of [add(SystemFlag.seen), remove(31), add(SystemFlag.flagged), add(3, "$JUNK")])
        value(await store.mail.storeFlags(at.inbox, uidSet(1), change));
      value(
        await store.mail.storeFlags(at.inbox, uidSet(1), { action: "replace", flags: flags(0, "$NotJunk") }),
      );
      told.push(...at.told());
    }
    assert.deepEqual(told, ["m1 read", "m1 answered", "m1 to-junk", "m1 from-junk"]);
  },

  async "what moves say depends on where from and where to"({ store }) {
    const at = await house(store);
    const names = ["inbox", "junk", "trash", "archive"] as const;
    const want: Readonly<Record<string, readonly string[]>> = {
      "inbox junk": ["to-junk"],
      "inbox trash": ["removed"],
      "junk inbox": ["from-junk"],
      "junk archive": ["from-junk"],
      "junk trash": ["removed"],
      "trash junk": ["to-junk"],
      "archive junk": ["to-junk"],
      "archive trash": ["removed"],
    };
    const box = { inbox: "INBOX", junk: "Junk", trash: "Bin", archive: "Archive" };
    for (const way of ["move", "copy"] as const)
      for (const from of names)
        for (const to of names) {
          const origin = `${way}-${from}-${to}`;
          await deliver(at, [origin], box[from]);
          const uid = (await store.mail.uids(at[from])).at(-1) ?? 0;
          value(await store.mail[way](at[from], uidSet(uid), at[to]));
          const events = (want[`${from} ${to}`] ?? []).map((event) => `${origin} ${event}`);
          assert.deepEqual(at.told(), events, origin);
        }
  },

  async "a copy carries the tale on: copy and expunge is a move, and many copies are told of once"({
    store,
  }) {
    const at = await house(store);
    await deliver(at, ["m1", "m2"]);
    value(await store.mail.copy(at.inbox, uidSet(1, 2), at.archive));
    value(await store.mail.storeFlags(at.inbox, uidSet(1), add(SystemFlag.deleted)));
    value(await store.mail.expunge(at.inbox));
    assert.deepEqual(at.told(), []);
    for (let i = 0; i < 3; i++) value(await store.mail.copy(at.archive, uidSet(1), at.archive));
    value(await store.mail.storeFlags(at.archive, await store.mail.uids(at.archive), add(SystemFlag.seen)));
    value(await store.mail.storeFlags(at.inbox, uidSet(2), add(SystemFlag.seen)));
    assert.deepEqual(at.told(), ["m2 read", "m1 read"]);
    value(await store.mail.remove(at.archive, await store.mail.uids(at.archive)));
    assert.deepEqual(at.told(), ["m2 removed", "m1 removed"]);
  },

  async "removed mail was told of in the trash already, and who is told can stop"({ store }) {
    const at = await house(store);
    await deliver(at, ["m1", "m2", "m3"]);
    value(await store.mail.move(at.inbox, uidSet(1), at.trash));
    value(await store.mail.remove(at.trash, uidSet(1)));
    value(await store.mail.storeFlags(at.inbox, uidSet(2), add(SystemFlag.deleted)));
    value(await store.mail.expunge(at.inbox, uidSet(2)));
    assert.deepEqual(at.told(), ["m1 removed", "m2 removed"]);
    let heard = 0;
    const stop = store.watchFates(() => void heard++);
    stop();
    value(await store.mail.remove(at.inbox, uidSet(3)));
    assert.deepEqual([heard, at.told()], [0, ["m3 removed"]]);
  },

  async "nothing is told of mail that was not delivered, or that the journal has forgotten"({ store }) {
    const at = await house(store);
    await store.mail.deliver(delivery(sample("without"), [at.account]));
    await deliver(at, ["old"]);
    await store.journal.prune({ before_ms: 2, octets_max: 1 });
    value(await store.mail.storeFlags(at.inbox, uidSet(1, 2), add(3)));
    value(await store.mail.remove(at.inbox, uidSet(1, 2)));
    assert.deepEqual(at.told(), []);
  },

  async "it is told whose and when, after a restart too, and never a second time"(engine) {
    const at = await house(engine.store);
    await deliver(at, ["m1"]);
    value(await engine.store.mail.storeFlags(at.inbox, uidSet(1), add(SystemFlag.seen)));
    assert.deepEqual(at.told(), ["m1 read"]);
    const store = await engine.reopen();
    const told: MessageFate[] = [];
    store.watchFates((fates) => void told.push(...fates));
    value(await store.mail.storeFlags(at.inbox, uidSet(1), remove(SystemFlag.seen)));
    value(await store.mail.storeFlags(at.inbox, uidSet(1), add(SystemFlag.seen | SystemFlag.answered)));
    assert.deepEqual(
      told.map(({ origin, login, event }) => [origin, login, event]),
      [["m1", "you@example.org", "answered"]],
    );
    const [row] = await rowsOf(store, at.inbox);
    assert.ok(row !== undefined && (told[0]?.at_ms ?? 0) >= row.saved_ms);
  },

  async "of one write no more than so many are told"({ store }) {
    const at = await house(store);
    const origins = Array.from({ length: STORE_LIMITS.fatesPerWrite + 5 }, (_, i) => `m${i}`);
    await Promise.all(origins.map((origin) => deliver(at, [origin])));
    value(await store.mail.storeFlags(at.inbox, await store.mail.uids(at.inbox), add(SystemFlag.seen)));
    assert.equal(at.told().length, STORE_LIMITS.fatesPerWrite);
  },
};
