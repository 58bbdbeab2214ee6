import assert from "node:assert/strict";
import type { MailboxId } from "../../base/mail-ids.ts";
import { STORE_LIMITS, SystemFlag, type FlagChange, type Flags, type Store } from "../store.ts";
import {
  addAccount,
  delivery,
  flags,
  mailboxNamed,
  newMessage,
  rowsOf,
  sample,
  uidSet,
  value,
} from "./fixtures.ts";
import type { Suite } from "./fixtures.ts";

async function inboxWith(store: Store, ...start: Flags[]): Promise<MailboxId> {
  const { id } = await mailboxNamed(store, await addAccount(store, "you@example.org"));
  value(
    await store.mail.append(
      id,
      start.map((each, i) => newMessage(sample(`message ${i}`), each)),
    ),
  );
  return id;
}

const words = (count: number, prefix = "word"): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Flags and keywords, and the modseqs that tell of them. RFC 7162 */
export const flagSuite: Suite = {
  async "flags are added, removed and replaced; keywords compare without case and keep their first spelling"({
    store,
  }) {
    const id = await inboxWith(store, flags(SystemFlag.seen, "Work"));
    const steps: readonly { readonly change: FlagChange; readonly want: Flags }[] = [
      {
        change: { action: "add", flags: flags(SystemFlag.flagged, "WORK", "zeta", "alpha") },
        want: flags(5, "Work", "alpha", "zeta"),
      },
      {
        change: { action: "remove", flags: flags(SystemFlag.seen, "ZETA", "never") },
        want: flags(4, "Work", "alpha"),
      },
      {
        change: { action: "replace", flags: flags(SystemFlag.draft, "ALPHA", "alpha") },
        want: flags(16, "alpha"),
      },
      { change: { action: "remove", flags: flags(0, "alpha") }, want: flags(16) },
      { change: { action: "replace", flags: flags() }, want: flags() },
    ];
    for (const { change, want } of steps) {
      const { stored } = value(await store.mail.storeFlags(id, uidSet(1), change));
      const [row] = await rowsOf(store, id);
      assert.deepEqual(row?.flags, want, `${change.action} ${JSON.stringify(change.flags)}`);
      assert.deepEqual(stored, [{ uid: 1, flags: want, modSeq: row.modSeq }]);
    }
    assert.deepEqual(await store.mail.keywords(id), ["Work", "alpha", "zeta"]);
    const missing = await store.mail.storeFlags(99 as MailboxId, uidSet(1), {
      action: "add",
      flags: flags(1),
    });
    assert.deepEqual(missing, { ok: false, error: "no-mailbox" });
  },

  async "a message whose flags stay the same keeps its modseq and is reported all the same"({ store }) {
    const id = await inboxWith(store, flags(SystemFlag.seen), flags());
    const before = await rowsOf(store, id);
    const { stored } = value(
      await store.mail.storeFlags(id, uidSet(1, 2, 99), { action: "add", flags: flags(1) }),
    );
    assert.deepEqual(
      stored.map(({ uid }) => uid),
      [1, 2],
    );
    const after = await rowsOf(store, id);
    assert.equal(after[0]?.modSeq, before[0]?.modSeq);
    assert.ok((after[1]?.modSeq ?? 0) > (before[1]?.modSeq ?? 0));
    const mailbox = await store.mail.mailbox(id);
    assert.equal(mailbox?.highestModSeq, after[1]?.modSeq);
    assert.equal(mailbox?.unseen, 0);
  },

  async "what changed after unchangedSince stays as it is and is named (RFC 7162 §3.1.3)"({ store }) {
    const id = await inboxWith(store, flags(), flags(), flags());
    const since = (await store.mail.mailbox(id))?.highestModSeq;
    assert.ok(since);
    value(await store.mail.storeFlags(id, uidSet(2), { action: "add", flags: flags(SystemFlag.answered) }));
    const outcome = value(
      await store.mail.storeFlags(id, uidSet(1, 2, 3), {
        action: "add",
        flags: flags(SystemFlag.deleted),
        unchangedSince: since,
      }),
    );
    assert.deepEqual(outcome.modified, [2]);
    assert.deepEqual(
      outcome.stored.map(({ uid }) => uid),
      [1, 3],
    );
    assert.deepEqual(
      (await rowsOf(store, id)).map((row) => row.flags.system),
      [8, 2, 8],
    );
    assert.equal((await store.mail.mailbox(id))?.deleted, 2);
  },

  async "a message carries keywords up to the limit; one too many changes nothing"({ store }) {
    const id = await inboxWith(store, flags());
    const full = words(STORE_LIMITS.keywordsPerMessage);
    value(await store.mail.storeFlags(id, uidSet(1), { action: "replace", flags: flags(0, ...full) }));
    for (const action of ["add", "replace"] as const) {
      const more = flags(SystemFlag.seen, ...full, "more");
      const refused = await store.mail.storeFlags(id, uidSet(1), { action, flags: more });
      assert.deepEqual(refused, { ok: false, error: "keyword-limit" });
    }
    const [row] = await rowsOf(store, id);
    assert.equal(row?.flags.system, 0);
    assert.equal(row?.flags.keywords.length, STORE_LIMITS.keywordsPerMessage);
    assert.equal((await store.mail.keywords(id)).includes("more"), false);
  },

  async "a mailbox knows a thousand keywords: then new ones are refused, but mail still arrives"({ store }) {
    const perMessage = STORE_LIMITS.keywordsPerMessage;
    const all = words(STORE_LIMITS.keywordsPerMailbox);
    const starts = Array.from({ length: Math.ceil(all.length / perMessage) }, (_, i) =>
      flags(0, ...all.slice(i * perMessage, (i + 1) * perMessage)),
    );
    const id = await inboxWith(store, ...starts);
    assert.equal((await store.mail.keywords(id)).length, STORE_LIMITS.keywordsPerMailbox);
    const refused = { ok: false, error: "keyword-limit" } as const;
    const add = { action: "add", flags: flags(0, "new") } as const;
    assert.deepEqual(await store.mail.storeFlags(id, uidSet(1), add), refused);
    assert.deepEqual(await store.mail.append(id, [newMessage(sample("x"), flags(0, "new"))]), refused);
    value(
      await store.mail.storeFlags(id, uidSet(starts.length), { action: "add", flags: flags(0, "WORD3") }),
    );
    const account = (await store.mail.mailbox(id))?.account;
    assert.ok(account);
    const copies = [{ account, mailbox: "INBOX", flags: flags(SystemFlag.seen, "new", "Word1") }];
    const [outcome] = await store.mail.deliver({ ...delivery(sample("late"), []), copies });
    assert.equal(outcome?.kind, "stored");
    assert.deepEqual((await rowsOf(store, id)).at(-1)?.flags, flags(SystemFlag.seen, "word1"));
    const many = [{ account, mailbox: "Junk", flags: flags(0, ...words(perMessage + 5, "k")) }];
    await store.mail.deliver({ ...delivery(sample("many"), []), copies: many });
    const [row] = await rowsOf(store, (await mailboxNamed(store, account, "Junk")).id);
    assert.equal(row?.flags.keywords.length, perMessage);
  },
};
