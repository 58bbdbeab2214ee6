import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chosen, House } from "../../test/accounts/house.ts";
import type { OperatorError } from "../base/operator-error.ts";
import type { Result } from "../base/result.ts";
import {
  addAccount,
  addAppPassword,
  addDomain,
  appPasswords,
  putAlias,
  removeAccount,
  removeAlias,
  removeAppPassword,
  removeDomain,
  setPassword,
  type PasswordChoice,
} from "./manage.ts";

const GOOD = chosen("violet turbine cooks soup");
const account = (login: string, password: PasswordChoice = GOOD): Parameters<typeof addAccount>[1] => ({
  login,
  password,
  displayName: "Anna Bergmann",
  quota_octets: 0,
  administrator: false,
});

/** The code of a refusal, after a look that it says what happened and what to do. */
const code = (result: Result<unknown, OperatorError>): string => {
  if (result.ok) return "ok";
  assert.ok(result.error.message.length > 10 && result.error.remedy.length > 10);
  return result.error.code;
};

describe("what an operator does", () => {
  let house: House;
  before(async () => {
    house = await House.open();
    await house.account("anna@example.org", GOOD);
    await putAlias(house.managing, "sales@example.org", ["anna@example.org"]);
  });
  after(() => house[Symbol.asyncDispose]());

  type Work = (house: House) => Promise<Result<unknown, OperatorError>>;
  const table: readonly { readonly name: string; readonly run: Work; readonly want: string }[] = [
    { name: "domain twice", run: (h) => addDomain(h.managing, "Example.ORG."), want: "exists" },
    { name: "domain that is none", run: (h) => addDomain(h.managing, "exa mple.org"), want: "bad-domain" },
    { name: "domain without a dot", run: (h) => addDomain(h.managing, "localhost"), want: "bad-domain" },
    { name: "domain in use", run: (h) => removeDomain(h.managing, "example.org"), want: "in-use" },
    {
      name: "domain that is not here",
      run: (h) => removeDomain(h.managing, "example.com"),
      want: "no-domain",
    },
    {
      name: "account twice",
      run: (h) => addAccount(h.managing, account("Anna@example.org")),
      want: "exists",
    },
    {
      name: "account like an alias",
      run: (h) => addAccount(h.managing, account("sales@example.org")),
      want: "exists",
    },
    {
      name: "account elsewhere",
      run: (h) => addAccount(h.managing, account("anna@example.com")),
      want: "no-domain",
    },
    {
      name: "account with +",
      run: (h) => addAccount(h.managing, account("a+b@example.org")),
      want: "bad-login",
    },
    { name: "account *", run: (h) => addAccount(h.managing, account("*@example.org")), want: "bad-login" },
    {
      name: "account with ..",
      run: (h) => addAccount(h.managing, account("a..b@example.org")),
      want: "bad-login",
    },
    { name: "account .a", run: (h) => addAccount(h.managing, account(".a@example.org")), want: "bad-login" },
    { name: "account without @", run: (h) => addAccount(h.managing, account("anna")), want: "bad-login" },
    {
      name: "account of 65 octets",
      run: (h) => addAccount(h.managing, account(`${"ä".repeat(32)}x@example.org`)),
      want: "bad-login",
    },
    {
      name: "short password",
      run: (h) => addAccount(h.managing, account("bert@example.org", chosen("14-characters!"))),
      want: "too-short",
    },
    {
      name: "common password",
      run: (h) => addAccount(h.managing, account("bert@example.org", chosen("password1234567"))),
      want: "too-common",
    },
    {
      name: "password made of the display name",
      run: (h) => addAccount(h.managing, account("bert@example.org", chosen("AnnaBergmann2026"))),
      want: "personal",
    },
    {
      name: "password of nobody",
      run: (h) => setPassword(h.managing, "x@example.org", GOOD),
      want: "no-account",
    },
    {
      name: "app password for a protocol that is none",
      run: (h) => addAppPassword(h.managing, "anna@example.org", "phone", ["imap", "admin"]),
      want: "bad-scope",
    },
    {
      name: "app password that is not there",
      run: (h) => removeAppPassword(h.managing, "anna@example.org", 999),
      want: "no-app-password",
    },
    {
      name: "app passwords of nobody",
      run: (h) => appPasswords(h.managing, "x@example.org"),
      want: "no-account",
    },
    {
      name: "account that is not there",
      run: (h) => removeAccount(h.managing, "x@example.org"),
      want: "no-account",
    },
    {
      name: "alias on an account's address",
      run: (h) => putAlias(h.managing, "anna@example.org", ["x@example.com"]),
      want: "exists",
    },
    {
      name: "alias without members",
      run: (h) => putAlias(h.managing, "a@example.org", []),
      want: "bad-address",
    },
    {
      name: "alias to no address",
      run: (h) => putAlias(h.managing, "a@example.org", ["x"]),
      want: "bad-address",
    },
    {
      name: "alias elsewhere",
      run: (h) => putAlias(h.managing, "a@example.com", ["x@example.org"]),
      want: "no-domain",
    },
    {
      name: "alias that is not there",
      run: (h) => removeAlias(h.managing, "a@example.org"),
      want: "no-address",
    },
    {
      name: "an account's own address",
      run: (h) => removeAlias(h.managing, "anna@example.org"),
      want: "in-use",
    },
  ];
  for (const { name, run, want } of table) test(name, async () => assert.equal(code(await run(house)), want));

  test("a refused account leaves nothing behind", async () => {
    assert.equal(await house.store.directory.accountByLogin("bert@example.org"), undefined);
  });
});

test("an account is complete: address, mailboxes, one password that only argon2id knows", async () => {
  await using house = await House.open();
  const { id } = await house.account("Anna@Example.org", GOOD);
  const { directory, mail } = house.store;
  assert.equal((await directory.account(id))?.login, "anna@example.org");
  assert.deepEqual((await directory.address("anna", "example.org"))?.target, {
    kind: "account",
    account: id,
  });
  const names = (await mail.mailboxes(id)).map(({ name, specialUse = "" }) => `${name} ${specialUse}`.trim());
  assert.deepEqual(names.sort(), [
    "Archive \\Archive",
    "Drafts \\Drafts",
    "INBOX",
    "Junk \\Junk",
    "Sent \\Sent",
    "Trash \\Trash",
  ]);
  const [password, ...more] = await directory.credentials(id);
  assert.deepEqual(more, []);
  assert.match(password?.hash ?? "", /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(password?.scram, undefined);
});

test("generated passwords differ, carry SCRAM keys, and are replaced, not added", async () => {
  await using house = await House.open();
  const { id, password } = await house.account("anna@example.org");
  const again = await setPassword(house.managing, "anna@example.org", { kind: "generate" });
  assert.ok(again.ok && again.value.generated?.reveal() !== password);
  const rows = await house.store.directory.credentials(id);
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.scram?.iterations, 10_000);
});

test("app passwords: shown once, listed without hashes, removed one by one; removing the account removes all", async () => {
  await using house = await House.open();
  const { id } = await house.account("anna@example.org");
  const phone = await addAppPassword(house.managing, "anna@example.org", "phone", ["imap", "smtp"]);
  const laptop = await addAppPassword(house.managing, "anna@example.org", "laptop", []);
  assert.ok(phone.ok && laptop.ok);
  const listed = await appPasswords(house.managing, "Anna@example.org");
  assert.ok(listed.ok);
  assert.deepEqual(
    listed.value.map(({ name, scopes }) => `${name}: ${scopes.join()}`),
    ["phone: imap,smtp", "laptop: "],
  );
  const text = JSON.stringify(listed.value);
  assert.ok(!text.includes("sha256") && !text.includes(phone.value.generated.reveal()));
  assert.ok((await removeAppPassword(house.managing, "anna@example.org", phone.value.id)).ok);
  const left = await appPasswords(house.managing, "anna@example.org");
  assert.ok(left.ok && left.value.length === 1);
  assert.ok((await removeAccount(house.managing, "anna@example.org")).ok);
  assert.deepEqual(await house.store.directory.credentials(id), []);
  assert.ok((await removeDomain(house.managing, "example.org")).ok);
});

test("the main password is no app password", async () => {
  await using house = await House.open();
  const { id } = await house.account("anna@example.org");
  const own = (await house.store.directory.credentials(id))[0];
  assert.equal(
    code(await removeAppPassword(house.managing, "anna@example.org", own?.id ?? 0)),
    "no-app-password",
  );
});
