import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openAt, openTemporary } from "../../../test/store/engine.ts";
import { addAccount } from "../conformance/fixtures.ts";
import { DirectoryMemory } from "./directory-memory.ts";
import { Readers } from "./readers.ts";

const DEADLINE_MS = 10_000;

void test("what is remembered of the directory goes with every change, another process's after a moment", async () => {
  const engine = await openTemporary();
  const { directory } = engine.store;
  const account = await addAccount(engine.store, "you@example.org");
  const elsewhere = await openAt(engine.directory);
  const login = async (): Promise<string | undefined> => (await directory.recipient(account))?.login;
  try {
    assert.equal(await login(), "you@example.org");
    assert.equal((await directory.recipient(account))?.disabled, false);
    assert.equal(await directory.address("info", "example.org"), undefined);
    await directory.putAddress({
      localPart: "info",
      domain: "example.org",
      target: { kind: "account", account },
    });
    assert.deepEqual((await directory.address("info", "example.org"))?.target, { kind: "account", account });
    await directory.changeAccount(account, { disabled: true });
    assert.equal((await directory.recipient(account))?.disabled, true);
    assert.equal(await directory.hasDomain("example.net"), false);
    await elsewhere.directory.addDomain("example.net");
    for (const end = Date.now() + DEADLINE_MS; !(await directory.hasDomain("example.net")); await sleep(5))
      assert.ok(Date.now() < end, "another process's domain is not seen");
    await elsewhere.directory.removeAccount(account);
    for (const end = Date.now() + DEADLINE_MS; (await login()) !== undefined; await sleep(5))
      assert.ok(Date.now() < end, "the account another process removed is still there");
    assert.equal(await directory.address("info", "example.org"), undefined);
  } finally {
    await elsewhere[Symbol.asyncDispose]();
    await engine.close();
  }
});

void test("of a store that is closed nothing is remembered", async () => {
  const engine = await openTemporary();
  try {
    const readers = new Readers(join(engine.directory, "mail.db"));
    const memory = new DirectoryMemory(readers);
    const asked = async (): Promise<number> => await memory.answer("account", 1, () => 1);
    assert.equal(await asked(), 1);
    readers[Symbol.dispose]();
    await assert.rejects(asked, { code: "store-closed" });
  } finally {
    await engine.close();
  }
});
