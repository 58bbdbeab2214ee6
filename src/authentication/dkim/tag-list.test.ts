import assert from "node:assert/strict";
import { test } from "node:test";
import { DKIM_LIMITS } from "./limits.ts";
import { decodeBase64Tag, parseTagList } from "./tag-list.ts";

const pairs = (text: string): string[][] | undefined => {
  const tags = parseTagList(text);
  return tags && [...tags.values()].map(({ name, value }) => [name, value]);
};

test("tag lists (RFC 6376 §3.2)", () => {
  const cases: readonly (readonly [string, string[][] | undefined])[] = [
    ["a=1", [["a", "1"]]],
    [
      " a = 1 ; b=2 ;",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "\r\n\ta=1;\r\n b\r\n =\r\n 2\r\n ;\t",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "a=;b=x=y",
      [
        ["a", ""],
        ["b", "x=y"],
      ],
    ],
    ["a=b\r\n c", [["a", "b\r\n c"]]],
    ["aB_1=x", [["aB_1", "x"]]],
    ["a=\xc3\xa9\xa0", [["a", "\xc3\xa9\xa0"]]],
    [
      "A=1;a=2",
      [
        ["A", "1"],
        ["a", "2"],
      ],
    ],
    ["", undefined],
    [" ", undefined],
    [";", undefined],
    ["a", undefined],
    ["a=1;;b=2", undefined],
    ["a=1;b", undefined],
    ["a=1; ;", undefined],
    ["a=1;a=1", undefined],
    ["1a=1", undefined],
    ["_a=1", undefined],
    ["a b=1", undefined],
    ["=1", undefined],
    ["a=1\0", undefined],
    ["a=\x7f", undefined],
    ["a=1\nb", undefined],
    ["a=1\r\nb", undefined],
    ["a=1\r\n", undefined],
    ["a=\u0100", undefined],
  ];
  for (const [text, want] of cases) assert.deepEqual(pairs(text), want, JSON.stringify(text));
});

test("tag lists are bounded", () => {
  const many = Array.from({ length: DKIM_LIMITS.tagsMax + 1 }, (_, i) => `a${i}=1`);
  assert.equal(parseTagList(many.join(";")), undefined);
  assert.ok(parseTagList(many.slice(1).join(";")));
  const long = `a=${"x".repeat(DKIM_LIMITS.tagListOctetsMax - 2)}`;
  assert.ok(parseTagList(long));
  assert.equal(parseTagList(`${long}x`), undefined);
  assert.ok(parseTagList(`a=x${"\r\n ".repeat(20_000)}x`));
});

test("base64 may be folded, and is nothing else (RFC 6376 §2.10)", () => {
  assert.deepEqual(decodeBase64Tag("aGVs\r\n\tbG8="), Buffer.from("hello"));
  for (const text of ["", "a-b_", "aGVs!", "=", "a=b", "aGVsbG8==="]) {
    assert.equal(decodeBase64Tag(text), undefined, text);
  }
});

/** base64 with white space anywhere, as RFC 6376 §2.10 has it: the rule as it is written. */
const slowBase64 = (value: string): string | undefined => {
  const text = value.replace(/[ \t\r\n]+/g, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64").toString("hex") : undefined;
};

test("base64 with white space, padding and strangers in every place", () => {
  const letters = ["A", "z", "+", "/", "0", "9", "=", " ", "\t", "\r\n ", "-", "_", "@", "\xa0", ":"];
  let all: readonly string[] = [""];
  let decoded = 0;
  for (let length = 0; length < 4; length++) {
    all = all.flatMap((text) => letters.map((letter) => text + letter));
    for (const text of all) {
      const got = decodeBase64Tag(text)?.toString("hex");
      if (got !== undefined) decoded++;
      assert.equal(got, slowBase64(text), JSON.stringify(text));
    }
  }
  for (const text of ["AAAA BBBB=", "AA\r\n\tAA", "Zm9v YmE=", "Zm9vYg = =", "Zm9vYg=\r\n ="])
    assert.equal(decodeBase64Tag(text)?.toString("hex"), slowBase64(text));
  assert.ok(decoded > 3_000, `${decoded} decoded`);
});
