import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../../test/accounts/house.ts";
import { House as MailHouse } from "../../test/mailbox/house.ts";
import { ManualClock } from "../base/clock.ts";
import { value } from "../store/conformance/fixtures.ts";
import { accountsMeant, foreseen, retentionOf, setLegalHold } from "./retention.ts";
import { HASH_COST_MIN } from "./password-hash.ts";

const DAY_MS = 86_400_000;

test("who and which folder is meant: one, a domain, everybody; a name, or what a folder is for", async () => {
  await using house = await House.open();
  const { managing, store } = house;
  const anna = await house.account("anna@example.org");
  await house.account("bert@example.org");
  const logins = async (who?: string): Promise<readonly string[]> => {
    const found = await accountsMeant(managing, who);
    return found.ok ? found.value.map(({ login }) => login) : [found.error.code];
  };
  assert.deepEqual(await logins("Anna@Example.org"), ["anna@example.org"]);
  assert.deepEqual(await logins("@EXAMPLE.org"), ["anna@example.org", "bert@example.org"]);
  assert.deepEqual(await logins(), ["anna@example.org", "bert@example.org"]);
  assert.deepEqual(await logins("@example.com"), ["no-domain"]);
  assert.deepEqual(await logins("nobody@example.org"), ["no-account"]);

  const row = (await store.directory.account(anna.id)) ?? assert.fail();
  const trash = (await store.mail.mailboxByName(anna.id, "Trash")) ?? assert.fail();
  value(await store.mail.renameMailbox(trash.id, "Papierkorb"));
  value(await store.mail.createMailbox(anna.id, "Zo\u00eb"));
  for (const [folder, want] of [
    ["Papierkorb", "Papierkorb"],
    ["trash", "Papierkorb"],
    ["inbox", "INBOX"],
    ["JUNK", "Junk"],
    ["Zoe\u0308", "Zo\u00eb"],
    ["papierkorb", undefined],
    ["", undefined],
  ] as const)
    assert.equal((await foreseen(managing, row, folder, 1))?.folder, want, folder);
});

test("what is told to go is what would go", async () => {
  const clock = new ManualClock();
  await using house = await MailHouse.open({ clock });
  const { store, identity } = house;
  const managing = { store, clock, cost: HASH_COST_MIN };
  const row = (await store.directory.account(identity.account)) ?? assert.fail();
  await house.deliver("Subject: old\r\n\r\n", "Junk");
  clock.advance(10 * DAY_MS);
  await house.deliver("Subject: young\r\n\r\n", "Junk");
  const due = async (days: number) => (await foreseen(managing, row, "Junk", days))?.due;
  assert.deepEqual(await due(10), { messages: 1, octets: 16 });
  assert.deepEqual(await due(11), { messages: 0, octets: 0 });
  assert.deepEqual(await due(0), { messages: 0, octets: 0 });
  clock.advance(25 * DAY_MS);
  const junk = (await retentionOf(managing, row)).find(({ folder }) => folder === "Junk");
  assert.deepEqual([junk?.messages, junk?.keepDays, junk?.due.messages], [2, 30, 1]);
});

test("legal hold is set and ended by login", async () => {
  await using house = await House.open();
  const { id } = await house.account("anna@example.org");
  for (const on of [true, true, false]) {
    assert.ok((await setLegalHold(house.managing, "anna@example.org", on)).ok);
    assert.equal((await house.store.directory.account(id))?.legalHold, on);
  }
  assert.equal((await setLegalHold(house.managing, "nobody@example.org", true)).ok, false);
});
