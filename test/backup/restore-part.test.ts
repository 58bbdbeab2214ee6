/** Mail of one account out of an archive: however large, little of it is held at once. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeBackup } from "../../src/backup/make-backup.ts";
import { restorePart } from "../../src/backup/restore-part.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { delivery, sample } from "../../src/store/conformance/fixtures.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import type { NewMessage, Store } from "../../src/store/store.ts";

void test("large messages come back a few at a time", async () => {
  const data = mkdtempSync(join(tmpdir(), "wachpost-part-"));
  const secret = { kind: "key", key: randomBytes(32) } as const;
  try {
    await using store = await openStore({
      directory: join(data, "store"),
      log: silentLog,
      clock: systemClock,
    });
    await store.directory.addDomain("example.org");
    const person = { login: "anna@example.org", displayName: "", quota_octets: 0, administrator: false };
    const mailboxes = [{ name: "INBOX" }];
    await store.directory.addAccount({ ...person, scramSalt: new Uint8Array(16), created_ms: 0, mailboxes });
    const account = (await store.directory.accountByLogin(person.login)) ?? assert.fail();
    for (const letter of ["a", "b", "c"])
      await store.mail.deliver(delivery(sample(letter.repeat(1_500_000)), [account.id]));
    const made = await makeBackup({ data, directory: join(data, "archives"), secret, now_ms: Date.now() });
    const batches: number[] = [];
    const append: Store["mail"]["append"] = (mailbox, messages) => {
      batches.push(messages.reduce((sum, { source }: NewMessage) => sum + sizeOf(source), 0));
      return store.mail.append(mailbox, messages);
    };
    const watched = { ...store, mail: { ...store.mail, append } };
    const order = { file: made.file, secret, data, store: watched, account, clock: systemClock };
    assert.equal((await restorePart(order)).messages, 3);
    assert.equal(batches.length, 2);
    assert.ok(Math.max(...batches) <= 8 * 1024 * 1024, batches.join(" "));
  } finally {
    rmSync(data, { recursive: true });
  }
});

const sizeOf = (source: NewMessage["source"]): number =>
  source.kind === "octets" ? source.octets.length : 0;
