import assert from "node:assert/strict";
import { test } from "node:test";
import { House, openBox } from "../../test/mailbox/house.ts";
import type { Logins } from "../accounts/contract.ts";
import { MemoryLog } from "../base/log.ts";
import type { Maildrop, Pop3Backend } from "../pop3/backend.ts";
import { pop3Backend } from "./pop3-backend.ts";

const logins: Logins = {
  mechanisms: (tls) => (tls ? ["PLAIN"] : []),
  authenticator: () => {
    throw new Error("no login here");
  },
};
const backendOf = (house: House): Pop3Backend =>
  pop3Backend({ store: house.store, logins, hostName: "h", log: new MemoryLog() });

async function openDrop(backend: Pop3Backend, house: House): Promise<Maildrop> {
  const opened = await backend.open(house.identity);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

const text = (n: number): string => `Subject: ${n}\r\n\r\n.body ${n}\r\n`;

test("a maildrop is INBOX as it was; ids stay from session to session", async () => {
  await using house = await House.open();
  const backend = backendOf(house);
  for (const n of [1, 2, 3]) await house.deliver(text(n));
  await house.deliver(text(9), "Junk");
  const drop = await openDrop(backend, house);
  await house.deliver(text(4));
  assert.deepEqual(
    drop.messages.map(({ size_octets }) => size_octets),
    [1, 2, 3].map((n) => text(n).length),
  );
  assert.equal((await drop.octets(1))?.toString(), text(2));
  assert.equal((await drop.octets(1, 10))?.toString(), text(2).slice(0, 10));
  assert.equal(await drop.bodyStart(1), text(2).indexOf(".body"));
  assert.equal(await drop.octets(3), undefined);
  drop.release();
  const again = await openDrop(backend, house);
  assert.deepEqual(
    again.messages.slice(0, 3).map(({ uniqueId }) => uniqueId),
    drop.messages.map(({ uniqueId }) => uniqueId),
  );
  assert.equal(new Set(again.messages.map(({ uniqueId }) => uniqueId)).size, 4);
  assert.ok(again.messages.every(({ uniqueId }) => /^[\x21-\x7e]{1,70}$/.test(uniqueId)));
  again.release();
});

test("one session has the maildrop; release gives it to the next", async () => {
  await using house = await House.open();
  const backend = backendOf(house);
  const [first, second] = await Promise.all([backend.open(house.identity), backend.open(house.identity)]);
  assert.deepEqual([first.ok, second.ok ? "open" : second.error], [true, "in-use"]);
  if (first.ok) {
    first.value.release();
    first.value.release();
  }
  const third = await openDrop(backend, house);
  if (first.ok) first.value.release();
  assert.equal((await backend.open(house.identity)).ok, false, "an old release frees nothing");
  third.release();
});

test("commit removes what was marked and nothing else; without it nothing is removed", async () => {
  await using house = await House.open();
  const backend = backendOf(house);
  for (const n of [1, 2, 3]) await house.deliver(text(n));
  (await openDrop(backend, house)).release();
  const account = await house.account();
  assert.equal((await openBox(account)).uids.length, 3);
  const drop = await openDrop(backend, house);
  const box = await openBox(account);
  await box.storeFlags(Uint32Array.of(3), { action: "add", flags: ["\\Deleted"] });
  await box.expunge();
  await house.deliver(text(4));
  assert.equal(await drop.commit([0, 2]), true, "one of them has gone already");
  drop.release();
  assert.deepEqual([...(await openBox(account)).uids], [2, 4]);
  assert.equal(await drop.commit([1]), false, "not without the lock");
});

test("an account without INBOX cannot be opened and is not left locked", async () => {
  await using house = await House.open();
  const backend = backendOf(house);
  const nobody = {
    ...house.identity,
    account: (house.identity.account + 1) as typeof house.identity.account,
  };
  assert.deepEqual(await backend.open(nobody), { ok: false, error: "unavailable" });
  assert.deepEqual(await backend.open(nobody), { ok: false, error: "unavailable" });
});
