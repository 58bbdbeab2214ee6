import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { parseTableAction } from "./table-action.ts";
import { searchKeys, type TableSearch } from "./table-search.ts";
import { TableShelf } from "./table-shelf.ts";
import { parseTable, type TableKind } from "./tables.ts";

const KEYS: readonly { readonly name: string; readonly search: TableSearch; readonly want: string }[] = [
  {
    name: "an address with extension",
    search: { by: "mail", address: "User+Ext@Mail.Example.ORG" },
    want: "user+ext@mail.example.org user@mail.example.org mail.example.org example.org org user+ext@ user@",
  },
  {
    name: "an address",
    search: { by: "mail", address: "a@example.org" },
    want: "a@example.org example.org org a@",
  },
  {
    name: "the delimiter first",
    search: { by: "mail", address: "+a@x.org" },
    want: "+a@x.org x.org org +a@",
  },
  {
    name: "special names keep their delimiter",
    search: { by: "mail", address: "postmaster@x.org" },
    want: "postmaster@x.org x.org org postmaster@",
  },
  {
    name: "an IPv4 address",
    search: { by: "address", address: "192.0.2.1" },
    want: "192.0.2.1 192.0.2 192.0 192",
  },
  {
    name: "an IPv6 address",
    search: { by: "address", address: "2001:DB8::1" },
    want: "2001:db8::1 2001:db8: 2001:db8 2001",
  },
  {
    name: "a client: name first",
    search: { by: "host", name: "a.example.org", address: "192.0.2.1" },
    want: "a.example.org example.org org 192.0.2.1 192.0.2 192.0 192",
  },
  { name: "a name that is an address", search: { by: "name", name: "192.0.2.1" }, want: "192.0.2.1" },
  { name: "a name with a final dot", search: { by: "name", name: "a.b." }, want: "a.b. b." },
];

for (const { name, search, want } of KEYS) {
  test(`keys of ${name}`, () => {
    assert.equal(
      searchKeys(search, DEFAULT_SETTINGS)
        .map(({ key }) => key)
        .join(" "),
      want,
    );
  });
}

test("keys with dots where parents do not match subdomains", () => {
  const settings = { ...DEFAULT_SETTINGS, parentMatchesSubdomains: false };
  const keys = searchKeys({ by: "mail", address: "a@b.example.org" }, settings);
  assert.equal(keys.map(({ key }) => key).join(" "), "a@b.example.org b.example.org .example.org .org a@");
});

const ACTIONS: readonly (readonly [string, object])[] = [
  ["OK", { kind: "ok" }],
  ["relay whatever", { kind: "ok" }],
  ["1234567890", { kind: "ok" }],
  ["550", { kind: "ok" }],
  ["", { kind: "ok" }],
  ["dunno text", { kind: "dunno" }],
  ["REJECT", { kind: "refuse", code: undefined, enhanced: "5.7.1", text: "" }],
  ["Reject 5.2.1 gone away", { kind: "refuse", code: undefined, enhanced: "5.2.1", text: "gone away" }],
  ["550 no", { kind: "refuse", code: 550, enhanced: "5.7.1", text: "no" }],
  ["450 4.2.0 later", { kind: "refuse", code: 450, enhanced: "4.2.0", text: "later" }],
  ["DEFER", { kind: "defer", enhanced: "4.7.1", text: "" }],
  ["DEFER_IF_PERMIT 4.7.5 x", { kind: "defer-if-permit", enhanced: "4.7.5", text: "x" }],
  ["DEFER_IF_REJECT", { kind: "defer-if-reject", enhanced: "4.7.1", text: "" }],
  ["DISCARD", { kind: "discard" }],
  ["HOLD", { kind: "tag", tag: "hold", value: "" }],
  ["PREPEND X-A: b", { kind: "tag", tag: "prepend", value: "X-A: b" }],
  ["PREPEND b", { kind: "skip", why: "PREPEND needs a header field" }],
  ["FILTER x", { kind: "skip", why: "FILTER needs transport:destination" }],
  ["check_x hash:/y", { kind: "skip", why: "tables are not named inside tables; define a class" }],
  ["permit_mynetworks, reject", { kind: "run", rules: "permit_mynetworks, reject" }],
  ["55 no", { kind: "run", rules: "55 no" }],
  ["650 no", { kind: "run", rules: "650 no" }],
];

for (const [value, want] of ACTIONS) {
  test(`result ${JSON.stringify(value)}`, () => assert.deepEqual(parseTableAction(value), want));
}

const FAULTS: readonly (readonly [TableKind, string, string])[] = [
  ["indexed", "a OK\nkey\nb OK", "2:4 a key without a result"],
  ["indexed", " a OK", "1:1 continues a line, but there is none before it"],
  ["indexed", "a OK\nb O\0K", "2:4 a NUL character"],
  ["indexed", `a ${"x".repeat(5000)}`, "1:1 longer than 4096 characters"],
  ["cidr", "192.0.2.0/24 OK\n192.0.2.0/33 OK", "2:1 192.0.2.0/33 is not an address or network"],
  ["cidr", "example.org OK", "1:1 example.org is not an address or network"],
  ["pattern", "/a/ OK\n/(a/ OK", "2:2 a parenthesis that is not closed"],
  ["pattern", "/(a)\\1/ OK", "1:5 back-references need backtracking and are refused"],
  ["pattern", "/a OK", "1:1 the pattern has no closing slash"],
  ["pattern", "/a/q OK", "1:4 flag q is not known"],
  ["pattern", "!/(a)/ REJECT $1", "1:1 what does not match has no $1"],
  ["pattern", "/a/", "1:4 a pattern without a result"],
  ["pattern", "a OK", "1:1 a pattern stands between slashes"],
  ["pattern", "endif", "1:1 endif without if"],
  ["pattern", "if /a/\n/b/ OK", "2:1 if without endif"],
];

for (const [kind, text, want] of FAULTS) {
  test(`a ${kind} table is refused: ${want}`, () => {
    const parsed = parseTable(kind, text);
    assert.ok(!parsed.ok);
    assert.deepEqual(
      parsed.error.map(({ line, column, message }) => `${line}:${column} ${message}`),
      [want],
    );
  });
}

test("continuation lines, comments, quotes and repeated keys", () => {
  const parsed = parseTable(
    "indexed",
    '# c\n\na.example  REJECT\n   # not text\n   go away\n"a b@x.org" OK\na.example OK\n',
  );
  assert.ok(parsed.ok && parsed.value.table.kind === "indexed");
  assert.deepEqual(
    [...parsed.value.table.entries],
    [
      ["a.example", "REJECT go away"],
      ["a b@x.org", "OK"],
    ],
  );
  assert.deepEqual(
    parsed.value.faults.map(({ line, severity }) => `${line} ${severity}`),
    ["7 warning"],
  );
});

test("a bad new text leaves the table before it in place", () => {
  const shelf = new TableShelf(DEFAULT_SETTINGS);
  const find = (): unknown => shelf.lookUp("t", { by: "key", key: "a" });
  assert.equal(find(), "no-such-table");
  assert.equal(shelf.load("t", "indexed", "a OK").replaced, true);
  const again = shelf.load("t", "indexed", "a REJECT\nb");
  assert.equal(again.replaced, false);
  assert.equal(again.faults.length, 1);
  assert.deepEqual(find(), { key: "a", value: "OK" });
  assert.equal(shelf.load("t", "indexed", "a REJECT").replaced, true);
  assert.deepEqual(find(), { key: "a", value: "REJECT" });
  shelf.remove("t");
  assert.equal(find(), "no-such-table");
});

test("names that are also properties of objects are plain keys (D-44)", () => {
  const shelf = new TableShelf(DEFAULT_SETTINGS);
  shelf.load("t", "indexed", "__proto__ REJECT");
  assert.equal(shelf.lookUp("t", { by: "key", key: "constructor" }), "none");
  assert.deepEqual(shelf.lookUp("t", { by: "key", key: "__proto__" }), { key: "__proto__", value: "REJECT" });
  assert.equal(shelf.lookUp("__proto__", { by: "key", key: "a" }), "no-such-table");
});
