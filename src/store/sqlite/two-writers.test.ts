import assert from "node:assert/strict";
import { test } from "node:test";
import { openTemporary } from "../../../test/store/engine.ts";
import { systemClock } from "../../base/clock.ts";
import { silentLog } from "../../base/log.ts";
import { addAccount, mailboxNamed, newMessage, rowsOf, sample, value } from "../conformance/fixtures.ts";
import { openForReading } from "./database.ts";
import { databasePath } from "./layout.ts";
import { openStore } from "./open.ts";
import { verify } from "./verify.ts";

void test("who ends cuts off nothing that another wrote meanwhile", async () => {
  const engine = await openTemporary();
  const { store, directory } = engine;
  const account = await addAccount(store, "you@example.org");
  const { id } = await mailboxNamed(store, account);
  value(await store.mail.append(id, [newMessage(sample("before"))]));
  const command = await openStore({ directory, log: silentLog, clock: systemClock });
  await addAccount(command, "new@example.org");
  value(await store.mail.append(id, [newMessage(sample("meanwhile"))]));
  await command[Symbol.asyncDispose]();
  const rows = await rowsOf(store, id);
  const texts = await Promise.all(rows.map(({ blob }) => store.mail.octets(blob)));
  assert.deepEqual(texts, [sample("before").octets, sample("meanwhile").octets]);
  using db = openForReading(databasePath(directory));
  assert.equal((await verify(db, directory)).messages, 2);
  await engine.close();
});
