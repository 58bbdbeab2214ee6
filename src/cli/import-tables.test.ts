import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { systemClock } from "../base/clock.ts";
import { StoredTables } from "../policy/stored-tables.ts";
import { findInTable, parseTable } from "../policy/tables.ts";
import { readTableText } from "./import-tables.ts";

const faults: readonly (readonly [format: "indexed" | "cidr", text: string, want: string])[] = [
  ["indexed", "a.example\n", "1:10 a key without a result"],
  ["indexed", "\n# x\n!a.example OK\n", '3:1 the store has no "all but this"; write what is meant'],
  ["indexed", "/x/ OK\n", "1:1 a pattern: such tables are loaded with --regexp"],
  ["indexed", "if /x/\n", "1:1 a pattern: such tables are loaded with --regexp"],
  ["indexed", '"a b" OK\n', "1:1 no name, address or network holds a space"],
  ["indexed", '"" OK\n', "1:1 no name, address or network holds a space"],
  ["indexed", "ok.example OK\n192.0.2.0/33 OK\n", "2:1 192.0.2.0/33 is no network"],
  ["indexed", "192.0.2.0/ OK\n", "1:1 192.0.2.0/ is no network"],
  ["indexed", "a\0b OK\n", "1:2 a NUL character"],
  ["indexed", "  a OK\n", "1:1 continues a line, but there is none before it"],
  ["cidr", "a.example OK\n", "1:1 a.example is not an address or network"],
  ["cidr", "!192.0.2.0/24 OK\n", '1:1 the store has no "all but this"; write what is meant'],
];
for (const [format, text, want] of faults) {
  test(`a faulty table: ${JSON.stringify(text)}`, () => {
    const read = readTableText(format, text);
    assert.ok(!read.ok);
    assert.deepEqual(
      read.error.map(({ line, column, message }) => `${line}:${column} ${message}`),
      [want],
    );
  });
}

test("entries with their lines; of the same key the first", () => {
  const read = readTableText("indexed", "# c\nA.example REJECT no\n  thanks\nb OK\na.example OK\nc HOLD\n");
  assert.ok(read.ok);
  assert.deepEqual(read.value.entries, [
    { key: "a.example", value: "REJECT no thanks", line: 2 },
    { key: "b", value: "OK", line: 4 },
    { key: "c", value: "HOLD", line: 6 },
  ]);
  assert.deepEqual(
    read.value.warnings.map(({ line }) => line),
    [5],
  );
});

const network = fc
  .tuple(
    fc.constantFrom("10.0.0.0", "10.0.0.1", "10.0.0.130", "10.0.1.7", "::", "::1", "2001:db8::9"),
    fc.nat(128),
  )
  .map(([address, bits]) => `${address}/${address.includes(":") ? bits : bits % 33}`);
const PROBES = [
  "10.0.0.0",
  "10.0.0.1",
  "10.0.0.131",
  "10.0.1.7",
  "10.9.9.9",
  "192.0.2.1",
  "::1",
  "2001:db8::9",
  "fe80::1",
];

test("a cidr: table answers in the store as it did in Postfix, whatever its order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(network, { minLength: 1, maxLength: 12 }), async (networks) => {
      const text = networks.map((each, i) => `${each} REJECT ${i}\n`).join("");
      const before = parseTable("cidr", text);
      const read = readTableText("cidr", text);
      assert.ok(before.ok && read.ok);
      const rows = read.value.entries
        .filter(({ unreached }) => unreached === undefined)
        .map(({ key, value }) => ({ table: "t", key, value, reason: "", author: "", created_ms: 0 }));
      const stored = new StoredTables({
        clock: systemClock,
        tables: {
          accessEntries: async () => rows,
          accessLookup: async () => undefined,
          accessTables: async () => ["t"],
          tablesVersion: async () => 1,
        },
      });
      for (const address of PROBES) {
        const then = findInTable(before.value.table, [{ key: address, partial: false }]);
        const now = await stored.lookUp("t", { by: "address", address });
        assert.equal(typeof now === "string" ? undefined : now.value, then?.value, `${address} in ${text}`);
      }
    }),
    { numRuns: Number(process.env["FUZZ_RUNS"] ?? 300) },
  );
});

test("any text is read or refused with a place in it", () => {
  const piece = fc.constantFrom(
    "a",
    "/",
    "!",
    "\0",
    '"',
    " ",
    "\n",
    "\r\n",
    "192.0.2.0/24",
    "::/0",
    "OK",
    "REJECT",
    "#",
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.constantFrom("indexed" as const, "cidr" as const), text, (format, written) => {
      const read = readTableText(format, written);
      const lines = written.split("\n").length;
      const places = read.ok ? read.value.entries : read.error;
      for (const { line } of places)
        assert.ok(line >= 1 && line <= lines, `${line} of ${JSON.stringify(written)}`);
      if (read.ok) for (const { key } of read.value.entries) assert.doesNotMatch(key, /[\s\0A-Z]/);
    }),
    { numRuns: Number(process.env["FUZZ_RUNS"] ?? 300) },
  );
});
