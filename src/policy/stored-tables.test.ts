import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccessTableRow, TableReads } from "../store/store.ts";
import { PATTERNS_KEY, StoredTables } from "./stored-tables.ts";

function tables() {
  let rows: readonly (readonly [key: string, value: string])[] = [];
  let now_ms = 0;
  const row = ([key, value]: readonly [string, string]): AccessTableRow => ({
    table: "helo",
    key,
    value,
    reason: "",
    author: "",
    created_ms: 0,
  });
  const reads: Pick<TableReads, "accessEntries"> = { accessEntries: async () => rows.map(row) };
  const clock = { now: () => now_ms, sleep: async () => {} };
  const stored = new StoredTables({ tables: reads as TableReads, clock: clock as never });
  return {
    put: (next: typeof rows): void => {
      rows = next;
      now_ms += 1_000;
    },
    value: async (name: string): Promise<string> => {
      const found = await stored.lookUp("helo", { by: "name", name });
      return typeof found === "string" ? found : found.value;
    },
  };
}

test("patterns of the store: single entries go before them, the first that matches decides", async () => {
  const { put, value } = tables();
  put([
    ["evil.example", "OK"],
    [PATTERNS_KEY, "/^evil\\.(.*)/ REJECT $1\n/x/ DUNNO\n"],
  ]);
  assert.equal(await value("evil.example"), "OK");
  assert.equal(await value("evil.example.net"), "REJECT example.net");
  assert.equal(await value("good"), "none");
});

test("a broken text leaves the patterns before it at work; with none before, the table is missing, which lets nobody in", async () => {
  const { put, value } = tables();
  put([[PATTERNS_KEY, "/evil/ REJECT\n"]]);
  assert.equal(await value("evil"), "REJECT");
  put([[PATTERNS_KEY, "/(evil/ OK\n"]]);
  assert.equal(await value("evil"), "REJECT");
  put([["other", "OK"]]);
  assert.equal(await value("evil"), "none");
  put([[PATTERNS_KEY, "/(evil/ OK\n"]]);
  assert.equal(await value("evil"), "no-such-table");
});
