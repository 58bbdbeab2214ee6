import assert from "node:assert/strict";
import type { AccountId } from "../../base/mail-ids.ts";
import { addAccount, RECEIVED_MS, value, type Suite } from "./fixtures.ts";

export const directorySuite: Suite = {
  async "domains, accounts and addresses with their refusals"(engine) {
    const { directory } = engine.store;
    assert.deepEqual(await directory.addDomain("example.org"), { ok: true, value: undefined });
    assert.deepEqual(await directory.addDomain("example.org"), { ok: false, error: "exists" });
    const id = await addAccount(engine.store, "you@example.org", 1000);
    const account = await directory.account(id);
    assert.equal(account?.login, "you@example.org");
    assert.equal(account?.quota_octets, 1000);
    assert.equal(account?.disabled, false);
    assert.deepEqual(Buffer.from(account?.scramSalt ?? []), Buffer.alloc(16, 7));
    assert.equal((await directory.accountByLogin("you@example.org"))?.id, id);
    assert.equal(await directory.accountByLogin("me@example.org"), undefined);
    assert.deepEqual(await directory.address("you", "example.org"), {
      localPart: "you",
      domain: "example.org",
      target: { kind: "account", account: id },
    });
    const newAccount = {
      displayName: "",
      quota_octets: 0,
      administrator: true,
      scramSalt: new Uint8Array(16),
      created_ms: 1,
      mailboxes: [],
    };
    const again = await directory.addAccount({ ...newAccount, login: "you@example.org" });
    assert.deepEqual(again, { ok: false, error: "exists" });
    const foreign = await directory.addAccount({ ...newAccount, login: "you@example.net" });
    assert.deepEqual(foreign, { ok: false, error: "no-domain" });
    assert.deepEqual(await directory.removeDomain("example.org"), { ok: false, error: "in-use" });
    assert.deepEqual(await directory.removeDomain("example.net"), { ok: false, error: "no-domain" });
  },

  async "an account of the server itself: no address, no domain, not among people, with mail of its own"(
    engine,
  ) {
    const { directory, mail } = engine.store;
    await addAccount(engine.store, "you@example.org");
    const made = {
      displayName: "",
      quota_octets: 0,
      administrator: false,
      scramSalt: new Uint8Array(16),
      created_ms: 1,
      mailboxes: [],
    };
    const id = value(await directory.addAccount({ ...made, login: "canary" }));
    assert.deepEqual(await directory.addAccount({ ...made, login: "canary" }), {
      ok: false,
      error: "exists",
    });
    assert.deepEqual(await directory.domains(), ["example.org"]);
    assert.equal(await directory.hasDomain(""), false);
    assert.deepEqual(
      (await directory.accounts()).map(({ login }) => login),
      ["you@example.org"],
    );
    assert.equal((await directory.accountByLogin("canary"))?.id, id);
    assert.deepEqual(await directory.addresses({ account: id }), []);
    assert.equal((await mail.mailboxByName(id, "INBOX"))?.messages, 0);
    value(await directory.removeAccount(id));
    assert.equal(await directory.accountByLogin("canary"), undefined);
  },

  async "aliases and catch-all are stored as written; an account's own address stays"(engine) {
    const { directory } = engine.store;
    const id = await addAccount(engine.store, "you@example.org");
    const alias = {
      localPart: "info",
      domain: "example.org",
      target: { kind: "alias", members: ["you@example.org", "x@example.net"] },
    } as const;
    const catchAll = {
      localPart: "*",
      domain: "example.org",
      target: { kind: "account", account: id },
    } as const;
    value(await directory.putAddress(alias));
    value(await directory.putAddress(catchAll));
    assert.deepEqual(await directory.address("info", "example.org"), alias);
    assert.deepEqual(await directory.address("*", "example.org"), catchAll);
    assert.equal((await directory.addresses({ account: id })).length, 2);
    assert.equal((await directory.addresses({ domain: "example.net" })).length, 0);
    assert.equal((await directory.addresses()).length, 3);
    const nobody = { ...catchAll, target: { kind: "account", account: 99 as AccountId } } as const;
    assert.deepEqual(await directory.putAddress(nobody), { ok: false, error: "no-account" });
    assert.deepEqual(await directory.putAddress({ ...alias, domain: "example.net" }), {
      ok: false,
      error: "no-domain",
    });
    assert.deepEqual(await directory.removeAddress("you", "example.org"), { ok: false, error: "in-use" });
    value(await directory.removeAddress("info", "example.org"));
    assert.deepEqual(await directory.removeAddress("info", "example.org"), {
      ok: false,
      error: "no-address",
    });
  },

  async "a second password replaces the first; app passwords gather; SCRAM is known per account"(engine) {
    const { directory } = engine.store;
    const account = await addAccount(engine.store, "you@example.org");
    const base = { account, name: "main", scopes: [], created_ms: RECEIVED_MS } as const;
    assert.equal(await directory.hasAccountWithoutScram(), false);
    value(await directory.putCredential({ ...base, kind: "password", hash: "$one" }));
    assert.equal(await directory.hasAccountWithoutScram(), true);
    const second = value(await directory.putCredential({ ...base, kind: "password", hash: "$two" }));
    const scram = { iterations: 4096, storedKey: Buffer.alloc(32, 1), serverKey: Buffer.alloc(32, 2) };
    const app = value(
      await directory.putCredential({ ...base, kind: "app", hash: "$three", scopes: ["imap"], scram }),
    );
    assert.equal(await directory.hasAccountWithoutScram(), false);
    await directory.credentialUsed(app, RECEIVED_MS + 5);
    const rows = await directory.credentials(account);
    assert.deepEqual(
      rows.map((row) => [row.id, row.kind, row.hash]),
      [
        [second, "password", "$two"],
        [app, "app", "$three"],
      ],
    );
    assert.equal(rows[1]?.lastUsed_ms, RECEIVED_MS + 5);
    assert.deepEqual(rows[1]?.scopes, ["imap"]);
    assert.deepEqual(Buffer.from(rows[1]?.scram?.serverKey ?? []), Buffer.alloc(32, 2));
    value(await directory.removeCredential(account, app));
    value(await directory.changeAccount(account, { disabled: true, displayName: "You" }));
    assert.equal(await directory.hasAccountWithoutScram(), false, "a disabled account does not count");
    assert.equal((await directory.account(account))?.displayName, "You");
    assert.equal((await directory.account(account))?.appPasswordsOnly, false);
    value(await directory.changeAccount(account, { appPasswordsOnly: true }));
    const changed = await directory.account(account);
    assert.deepEqual([changed?.appPasswordsOnly, changed?.disabled], [true, true]);
  },

  async "settings survive reopening; a removed account leaves nothing behind"(engine) {
    let { store } = engine;
    const account = await addAccount(store, "you@example.org");
    await store.directory.putSetting("key", "one");
    await store.directory.putSetting("key", "two");
    store = await engine.reopen();
    assert.equal(await store.directory.setting("key"), "two");
    assert.equal(await store.directory.setting("none"), undefined);
    value(await store.directory.removeAccount(account));
    assert.deepEqual(await store.directory.removeAccount(account), { ok: false, error: "no-account" });
    assert.equal(await store.directory.account(account), undefined);
    assert.equal(await store.directory.address("you", "example.org"), undefined);
    assert.deepEqual(await store.mail.mailboxes(account), []);
    value(await store.directory.removeDomain("example.org"));
    const next = await addAccount(store, "you@example.org");
    assert.notEqual(next, account, "ids of accounts are not used again");
  },
};
