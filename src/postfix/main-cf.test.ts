import assert from "node:assert/strict";
import { test } from "node:test";
import { expandValue } from "./expand.ts";
import { POSTFIX_LIMITS } from "./limits.ts";
import { parseMainCf, placeInValue } from "./main-cf.ts";
import { splitWords } from "./words.ts";

test("main.cf: comments, continuation lines, white space, repeated settings", () => {
  const { settings, last, faults } = parseMainCf(
    [
      "# comment",
      "  a = 1",
      "a=2",
      "list = x,",
      "# between",
      "",
      "  y",
      "\tz\r",
      "empty =",
      "  = orphan?",
      "nonsense",
      "a = 3",
      "policy-spf_time_limit = 3600s",
    ].join("\n"),
  );
  assert.deepEqual(
    settings.map(({ name, value, line, column }) => ({ name, value, line, column })),
    [
      { name: "a", value: "2", line: 3, column: 1 },
      { name: "list", value: "x,  y\tz", line: 4, column: 1 },
      { name: "empty", value: "= orphan?", line: 9, column: 1 },
      { name: "a", value: "3", line: 12, column: 1 },
      { name: "policy-spf_time_limit", value: "3600s", line: 13, column: 1 },
    ],
  );
  assert.equal(last.get("a")?.value, "3");
  assert.deepEqual(faults, [
    { line: 2, column: 1, message: "continues a line, but there is none before it" },
    { line: 11, column: 1, message: "no `name = value`" },
  ]);
  const list = last.get("list");
  assert.ok(list);
  const places = splitWords(list.value).map(({ text, at }) => ({ text, ...placeInValue(list, at) }));
  assert.deepEqual(places, [
    { text: "x", line: 4, column: 8 },
    { text: "y", line: 7, column: 3 },
    { text: "z", line: 8, column: 2 },
  ]);
});

const NAMES: Record<string, string> = {
  host: "mail.$domain",
  domain: "example.org",
  empty: "",
  level: "3.6",
  loop: "$loop",
  ping: "$pong",
  pong: "${ping}",
  two: "2",
};
const expansions: readonly (readonly [raw: string, want: string])[] = [
  ["$host", "mail.example.org"],
  ["${host}, localhost.$(domain)", "mail.example.org, localhost.example.org"],
  ["/^(.*)$$/ $$1", "/^(.*)$/ $1"],
  ["${domain?yes}${domain:no}", "yes"],
  ["${empty?yes}${empty:no}", "no"],
  ["${nowhere?yes}${nowhere:no}", "no"],
  ["${domain?{at $domain}:{none}}", "at example.org"],
  ["${empty?{a}:{b ${domain}}}", "b example.org"],
  ["${empty:{a}}", "a"],
  ["${{$two} < {10} ? {less} : {more}}", "less"],
  ["${{b} < {10} ? {less} : {more}}", "more"],
  ["${{$domain} == {example.org} ? {same}}", "same"],
  ["${{$domain} != {example.org} ? {other}}", ""],
  ["${{$level} <level {3.11} ? {before} : {after}}", "before"],
  ["${{3.11} >=level {3.6} ? {after} : {before}}", "after"],
  ["$nowhere.", "."],
];
for (const [raw, want] of expansions) {
  test(`expansion of ${raw}`, () => {
    assert.equal(expandValue(raw, (name) => NAMES[name]).text, want);
  });
}

test("expansion: what is wrong is said, loops and growth end", () => {
  const valueOf = (name: string): string | undefined => NAMES[name];
  assert.deepEqual(expandValue("$gone ${also}", valueOf).missing, ["gone", "also"]);
  for (const raw of ["$loop", "$ping", "${host", "$", "${}", "${host!x}", "${{a} ~ {b}}"]) {
    assert.equal(expandValue(raw, valueOf).faults.length, 1, raw);
  }
  const doubling = expandValue(
    "$a0",
    (name) => `$a${Number(name.slice(1)) + 1}$a${Number(name.slice(1)) + 1}`,
  );
  assert.ok(doubling.text.length <= POSTFIX_LIMITS.expansionMax && doubling.faults.length > 0);
  const growing = expandValue("$a0$a0", (name) =>
    name === "a9" ? "x".repeat(10_000) : `$a${Number(name.slice(1)) + 1}$a${Number(name.slice(1)) + 1}`,
  );
  assert.ok(growing.text.length <= POSTFIX_LIMITS.expansionMax);
});

const lists: readonly (readonly [text: string, want: readonly string[]])[] = [
  ["a, b\tc,,d", ["a", "b", "c", "d"]],
  ["inline:{ {a = b}, {c = d} } x", ["inline:{ {a = b}, {c = d} }", "x"]],
  ["${x?{a b}:{c d}} y", ["${x?{a b}:{c d}}", "y"]],
  ["{ never closed, at all", ["{ never closed, at all"]],
  ["a) b} c", ["a)", "b}", "c"]],
  ["", []],
];
test("lists: separators and braces", () => {
  for (const [text, want] of lists) {
    assert.deepEqual(
      splitWords(text).map((word) => word.text),
      want,
    );
  }
});
