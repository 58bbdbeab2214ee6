import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { House } from "../../test/accounts/house.ts";
import type { AccountId } from "../base/mail-ids.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import { addresses } from "./addresses.ts";
import type { Addresses, Resolution } from "./contract.ts";
import { addDomain, putAlias } from "./manage.ts";

const envelope = (text: string): EnvelopeAddress => {
  const at = text.lastIndexOf("@");
  return at < 0
    ? { localPart: text, domain: "", text }
    : { localPart: text.slice(0, at), domain: text.slice(at + 1), text };
};

const shown = (resolution: Resolution): string => {
  if (resolution.kind === "broken") return `broken: ${resolution.detail}`;
  if (resolution.kind !== "local") return resolution.kind;
  const locals = resolution.accounts.map(
    ({ login, detail }) => login.split("@")[0] + (detail ? `(${detail})` : ""),
  );
  return [...locals, ...resolution.remote].join(" ");
};

describe("addresses", () => {
  let house: House;
  let all: Addresses;
  const ids = new Map<string, AccountId>();
  const alias = async (address: string, ...members: string[]): Promise<void> => {
    const put = await putAlias(house.managing, address, members);
    assert.ok(put.ok);
  };
  before(async () => {
    house = await House.open();
    await addDomain(house.managing, "example.net");
    await addDomain(house.managing, "bücher.example");
    for (const name of ["anna", "bert", "carl", "root", "grün"]) {
      ids.set(name, (await house.account(`${name}@example.org`, { kind: "generate" }, name === "root")).id);
    }
    await house.store.directory.changeAccount(ids.get("carl") as AccountId, { disabled: true });
    await alias("sales@example.org", "anna@example.org", "Bert@Example.org", "out@remote.example");
    await alias(
      "all@example.org",
      "sales@example.org",
      "anna@example.org",
      "OUT@remote.example",
      "out@REMOTE.example",
    );
    await alias("circle-a@example.org", "circle-b@example.org");
    await alias("circle-b@example.org", "circle-a@example.org");
    await alias("circle-c@example.org", "circle-c@example.org", "bert@example.org");
    await alias("gone@example.org", "nobody@example.org");
    await alias("partly@example.org", "nobody@example.org", "bert@example.org");
    await alias("off@example.org", "carl@example.org");
    await alias("tagged@example.org", "anna+list@example.org");
    await alias("office@example.org", "postmaster@example.org");
    await alias("abuse@example.org", "carl@example.org");
    await alias("*@example.net", "bert@example.org");
    for (let i = 0; i < 12; i++) await alias(`deep${i}@example.org`, `deep${i + 1}@example.org`);
    await alias("deep12@example.org", "anna@example.org");
    await alias("many@example.org", ...Array.from({ length: 1_001 }, (_, i) => `m${i}@remote.example`));
    await alias("most@example.org", ...Array.from({ length: 999 }, (_, i) => `m${i}@remote.example`));
    all = addresses(house.store);
  });
  after(() => house[Symbol.asyncDispose]());

  const table = [
    { name: "own address", input: "anna@example.org", want: "anna" },
    { name: "other case", input: "ANNA@example.org", want: "anna" },
    { name: "NFD", input: "GRU\u0308N@example.org", want: "grün" },
    { name: "subaddress", input: "anna+Lists@example.org", want: "anna(lists)" },
    { name: "two separators", input: "anna+a+b@example.org", want: "anna(a+b)" },
    { name: "empty detail", input: "anna+@example.org", want: "anna" },
    { name: "detail of nobody", input: "+anna@example.org", want: "unknown" },
    { name: "alias, no duplicates", input: "sales@example.org", want: "anna bert out@remote.example" },
    {
      name: "alias of an alias; remote local parts keep their case",
      input: "all@example.org",
      want: "anna bert out@remote.example OUT@remote.example",
    },
    { name: "alias with detail", input: "sales+x@example.org", want: "anna bert out@remote.example" },
    { name: "alias to a subaddress", input: "tagged@example.org", want: "anna(list)" },
    {
      name: "circle",
      input: "circle-a@example.org",
      want: "broken: the alias leads to nobody: to itself, or to addresses that do not exist",
    },
    { name: "circle with a way out", input: "circle-c@example.org", want: "bert" },
    {
      name: "member that does not exist",
      input: "gone@example.org",
      want: "broken: the alias leads to nobody: to itself, or to addresses that do not exist",
    },
    { name: "one of two does not exist", input: "partly@example.org", want: "bert" },
    {
      name: "too deep",
      input: "deep0@example.org",
      want: "broken: aliases of deep10@example.org are nested deeper than 10",
    },
    { name: "deep enough", input: "deep4@example.org", want: "anna" },
    {
      name: "too many",
      input: "many@example.org",
      want: "broken: many@example.org leads to more than 1000 addresses",
    },
    { name: "disabled", input: "carl@example.org", want: "disabled" },
    { name: "alias to a disabled account", input: "off@example.org", want: "disabled" },
    { name: "unknown", input: "nobody@example.org", want: "unknown" },
    { name: "the catch-all's own name where there is none", input: "*@example.org", want: "unknown" },
    { name: "catch-all", input: "anything@example.net", want: "bert" },
    { name: "foreign", input: "anna@elsewhere.example", want: "foreign" },
    { name: "address literal", input: "anna@[192.0.2.1]", want: "foreign" },
    { name: "postmaster without a row (T-07)", input: "postmaster@example.org", want: "root" },
    { name: "postmaster, other case", input: "PostMaster@example.org", want: "root" },
    { name: "postmaster is no catch-all", input: "postmaster@example.net", want: "root" },
    { name: "bare postmaster", input: "Postmaster", want: "root" },
    { name: "abuse whose alias leads to a disabled account", input: "abuse@example.org", want: "root" },
    { name: "abuse of another domain", input: "abuse@xn--bcher-kva.example", want: "root" },
    { name: "alias to a role", input: "office@example.org", want: "root" },
  ];
  for (const { name, input, want } of table) {
    test(name, async () => assert.equal(shown(await all.resolve(envelope(input))), want));
  }

  test("999 members are a large alias, and no more", async () => {
    const resolution = await all.resolve(envelope("most@example.org"));
    assert.ok(resolution.kind === "local" && resolution.remote.length === 999);
  });

  const owned = [
    { name: "own", who: "anna", input: "anna@example.org", want: true },
    { name: "own in other case", who: "anna", input: "Anna@example.org", want: true },
    { name: "subaddress", who: "anna", input: "anna+x@example.org", want: true },
    { name: "alias", who: "anna", input: "sales@example.org", want: true },
    { name: "alias of an alias", who: "bert", input: "all@example.org", want: true },
    { name: "somebody else's", who: "bert", input: "anna@example.org", want: false },
    { name: "somebody else's subaddress", who: "bert", input: "anna+bert@example.org", want: false },
    { name: "catch-all (D-24)", who: "bert", input: "anything@example.net", want: false },
    { name: "unknown", who: "anna", input: "nobody@example.org", want: false },
    { name: "foreign", who: "anna", input: "anna@elsewhere.example", want: false },
    { name: "role of the administrator", who: "root", input: "postmaster@example.net", want: true },
    { name: "role of somebody else", who: "anna", input: "postmaster@example.net", want: false },
    { name: "bare postmaster", who: "root", input: "postmaster", want: false },
  ];
  for (const { name, who, input, want } of owned) {
    test(`owns: ${name}`, async () => {
      assert.equal(await all.owns(ids.get(who) as AccountId, envelope(input)), want);
    });
  }

  test("local domains in any spelling", async () => {
    assert.equal(await all.isLocalDomain("Example.ORG"), true);
    assert.equal(await all.isLocalDomain("bücher.example"), true);
    assert.equal(await all.isLocalDomain("sub.example.org"), false);
    assert.equal(await all.isLocalDomain(""), false);
  });
});

test("without an administrator the first account keeps the roles; without accounts nobody does", async () => {
  await using house = await House.open();
  const all = addresses(house.store);
  assert.equal(shown(await all.resolve(envelope("postmaster@example.org"))), "unknown");
  await house.account("second@example.org");
  house.clock.advance(1);
  await house.account("aaa@example.org");
  assert.equal(shown(await all.resolve(envelope("postmaster@example.org"))), "second");
  assert.equal(shown(await all.resolve(envelope("postmaster"))), "second");
});
