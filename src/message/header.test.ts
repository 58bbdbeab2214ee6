import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countReceived,
  fieldName,
  fields,
  fieldValue,
  findField,
  findFields,
  headerEnd,
  removeFields,
} from "./header.ts";

const octetsOf = (text: string): Buffer => Buffer.from(text, "latin1");

const headers: readonly { name: string; input: string; want: readonly (readonly [string, string])[] }[] = [
  {
    name: "RFC 5322 A.1.1",
    input: "From: John Doe <jdoe@machine.example>\r\nSubject: Saying Hello\r\n\r\nTo: body\r\n",
    want: [
      ["From", "John Doe <jdoe@machine.example>"],
      ["Subject", "Saying Hello"],
    ],
  },
  {
    name: "RFC 5322 A.6.3: space before the colon, a line of white space",
    input:
      "From  : John Doe\r\nTo    : Mary Smith\r\n  \r\n          <mary@example.net>\r\nSubject     : Saying Hello\r\n\r\n",
    want: [
      ["From", "John Doe"],
      ["To", "Mary Smith            <mary@example.net>"],
      ["Subject", "Saying Hello"],
    ],
  },
  {
    name: "RFC 5322 §2.2.3: folding is undone, white space stays",
    input: "Subject: This\r\n is a test\r\n",
    want: [["Subject", "This is a test"]],
  },
  {
    name: "LF only",
    input: "A: b\n c\nD: e\n\nF: g\n",
    want: [
      ["A", "b c"],
      ["D", "e"],
    ],
  },
  {
    name: "CR only",
    input: "A: b\r c\rD: e\r\rF: g\r",
    want: [
      ["A", "b c"],
      ["D", "e"],
    ],
  },
  {
    name: "a bare CR starts no field",
    input: "A: b\rX: c\r\nD: e\r\n\r\n",
    want: [
      ["A", "b X: c"],
      ["D", "e"],
    ],
  },
  { name: "NUL becomes a space", input: "A: b\0c\r\n\r\n", want: [["A", "b c"]] },
  { name: "no end", input: "A: b", want: [["A", "b"]] },
  {
    name: "empty values",
    input: "A:\r\nB: \t \r\n\r\n",
    want: [
      ["A", ""],
      ["B", ""],
    ],
  },
  {
    name: "no field",
    input: "no colon here\r\n with a continuation: x\r\n: no name\r\ntwo words: x\r\nA: b\r\n",
    want: [["A", "b"]],
  },
  { name: "a continuation of nothing", input: " lost: x\r\nA: b\r\n", want: [["A", "b"]] },
  { name: "mbox line", input: "From a@b Fri Nov 21 09:55:06 1997\r\nA: b\r\n", want: [["A", "b"]] },
  { name: "UTF-8", input: "A: \xc3\xbc\r\n", want: [["A", "ü"]] },
  { name: "windows-1252", input: "A: \xfc\x80\r\n", want: [["A", "ü€"]] },
  {
    name: "D-44",
    input: "__proto__: a\r\nconstructor: b\r\n",
    want: [
      ["__proto__", "a"],
      ["constructor", "b"],
    ],
  },
  { name: "nothing", input: "", want: [] },
];

for (const { name, input, want } of headers) {
  test(`fields: ${name}`, () => {
    const octets = octetsOf(input);
    assert.deepEqual(
      [...fields(octets)].map((field) => [fieldName(octets, field), fieldValue(octets, field)]),
      want,
    );
  });
}

test("find, count, and the range of a part", () => {
  const octets = octetsOf(
    "Received: a\r\nRECEIVED: b\r\nReceived-SPF: c\r\n\tReceived: d\r\n\r\nReceived: e\r\n\r\n",
  );
  assert.equal(countReceived(octets), 2);
  assert.equal(findField(octets, "received"), "a");
  assert.deepEqual(findFields(octets, "Received"), ["a", "b"]);
  assert.equal(findField(octets, "constructor"), undefined);
  const start = headerEnd(octets);
  assert.deepEqual(findFields(octets, "received", { start, end: octets.length }), ["e"]);
});

test("headerEnd", () => {
  const ends: readonly (readonly [string, number])[] = [
    ["A: b\r\n\r\nbody", 8],
    ["A: b\n\nbody", 6],
    ["A: b\r\rbody", 6],
    ["\r\nbody", 2],
    ["A: b\r\n", 6],
    ["A: b\r\n \r\n\r\n", 11],
    ["", 0],
  ];
  for (const [text, want] of ends) assert.equal(headerEnd(octetsOf(text)), want, JSON.stringify(text));
});

test("removeFields cuts fields with their continuations and nothing else", () => {
  const text = "A-R: x\r\nFrom: a\r\na-r : y\r\n\tfolded\r\nA-R-X: z\r\n\r\nA-R: body\0\xff\r\n";
  assert.equal(
    removeFields(octetsOf(text), "A-R").toString("latin1"),
    "From: a\r\nA-R-X: z\r\n\r\nA-R: body\0\xff\r\n",
  );
  assert.equal(
    removeFields(octetsOf(text), "A-R", (value) => value.startsWith("y")).toString("latin1"),
    text.replace("a-r : y\r\n\tfolded\r\n", ""),
  );
  assert.equal(removeFields(octetsOf(text), "bcc").toString("latin1"), text);
  assert.equal(removeFields(octetsOf("Bcc: x"), "Bcc").toString(), "");
});
