import assert from "node:assert/strict";
import type { AccessTableRow, SigningKeyRow } from "../store.ts";
import { addAccount, RECEIVED_MS, value } from "./fixtures.ts";
import type { Suite } from "./fixtures.ts";

const key = (domain: string, selector: string, more: Partial<SigningKeyRow> = {}): SigningKeyRow => ({
  domain,
  selector,
  algorithm: "ed25519-sha256",
  privateKey: "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
  created_ms: RECEIVED_MS,
  active_ms: RECEIVED_MS + 1,
  ...more,
});

const access = (table: string, name: string, more: Partial<AccessTableRow> = {}): AccessTableRow => ({
  table,
  key: name,
  value: "REJECT",
  reason: "sends what nobody asked for",
  author: "you@example.org",
  created_ms: RECEIVED_MS,
  ...more,
});

/** Signing keys and access tables. */
export const tableSuite: Suite = {
  async "signing keys belong to a domain, are replaced by selector, and go with the domain"(engine) {
    const { directory } = engine.store;
    value(await directory.addDomain("example.org"));
    value(await directory.addDomain("example.net"));
    const first = key("example.org", "b");
    const second = key("example.org", "a", {
      created_ms: RECEIVED_MS + 1,
      algorithm: "rsa-sha256",
      retired_ms: RECEIVED_MS + 9,
    });
    const other = key("example.net", "a");
    assert.deepEqual(await directory.signingKeys(), []);
    for (const each of [second, first, other]) value(await directory.putSigningKey(each));
    assert.deepEqual(await directory.putSigningKey(key("example.com", "a")), {
      ok: false,
      error: "no-domain",
    });
    assert.deepEqual(await directory.signingKeys(), [other, first, second]);
    assert.deepEqual(await directory.signingKeys("example.org"), [first, second]);
    const retired = { ...first, retired_ms: RECEIVED_MS + 100 };
    value(await directory.putSigningKey(retired));
    assert.equal(await directory.removeSigningKey("example.org", "a"), true);
    assert.equal(await directory.removeSigningKey("example.org", "a"), false);
    const reopened = (await engine.reopen()).directory;
    assert.deepEqual(await reopened.signingKeys("example.org"), [retired]);
    value(await reopened.removeDomain("example.org"));
    value(await reopened.addDomain("example.org"));
    assert.deepEqual(await reopened.signingKeys("example.org"), []);
    assert.equal((await reopened.signingKeys()).length, 1);
  },

  async "a table answers by key until a row expires"(engine) {
    const { tables } = engine.store;
    const rows = [
      access("senders", "spam.example"),
      access("senders", "a@b.example", { value: "OK", expires_ms: RECEIVED_MS + 1000 }),
      access("clients", "192.0.2.0/24"),
    ];
    for (const row of rows) await tables.putAccess(row);
    assert.deepEqual(await tables.accessTables(), ["clients", "senders"]);
    assert.deepEqual(await tables.accessEntries("senders", RECEIVED_MS + 999), [rows[1], rows[0]]);
    assert.deepEqual(await tables.accessEntries("senders", RECEIVED_MS + 1000), [rows[0]]);
    assert.deepEqual(await tables.accessLookup("senders", "a@b.example", RECEIVED_MS), rows[1]);
    assert.equal(await tables.accessLookup("senders", "a@b.example", RECEIVED_MS + 1000), undefined);
    assert.equal(await tables.accessLookup("clients", "spam.example", RECEIVED_MS), undefined);
    await tables.putAccess(access("senders", "spam.example", { value: "HOLD" }));
    const reopened = (await engine.reopen()).tables;
    assert.equal((await reopened.accessLookup("senders", "spam.example", RECEIVED_MS))?.value, "HOLD");
    assert.equal((await reopened.accessEntries("senders", RECEIVED_MS)).length, 2);
    assert.equal(await reopened.removeAccess("clients", "192.0.2.0/24"), true);
    assert.equal(await reopened.removeAccess("clients", "192.0.2.0/24"), false);
    assert.deepEqual(await reopened.accessTables(), ["senders"]);
    assert.deepEqual(await reopened.accessEntries("none", RECEIVED_MS), []);
  },

  async "the version of the tables grows with what changes them and with nothing else"(engine) {
    let { store } = engine;
    const versions = [await store.tables.tablesVersion()];
    const note = async (): Promise<void> => void versions.push(await store.tables.tablesVersion());
    await store.tables.putAccess(access("senders", "x"));
    await note();
    await store.tables.putAccess(access("senders", "x", { value: "OK" }));
    await note();
    store = await engine.reopen();
    await store.tables.removeAccess("senders", "x");
    await note();
    assert.deepEqual(
      versions,
      versions.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(versions).size, 4);
    await store.tables.removeAccess("senders", "x");
    await addAccount(store, "you@example.org");
    await note();
    assert.equal(versions.at(-1), versions.at(-2));
  },

  async "expired rows do not gather"({ store: { tables } }) {
    for (const name of ["a", "b", "c"])
      await tables.putAccess(access("old", name, { expires_ms: RECEIVED_MS - 1 }));
    await tables.putAccess(access("new", "x"));
    assert.deepEqual(await tables.accessTables(), ["new"]);
  },
};
