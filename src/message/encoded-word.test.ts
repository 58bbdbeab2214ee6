import assert from "node:assert/strict";
import { test } from "node:test";
import { processorTime_ms } from "../../test/simulate/processor-time.ts";
import { decodeWords, encodePhrase, encodeWords } from "./encoded-word.ts";

const words: readonly { name: string; input: string; want: string }[] = [
  {
    name: "RFC 2047 §8, US-ASCII",
    input: "=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>",
    want: "Keith Moore <moore@cs.utk.edu>",
  },
  { name: "RFC 2047 §8, Q", input: "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", want: "Keld Jørn Simonsen" },
  { name: "RFC 2047 §8, word and text", input: "=?ISO-8859-1?Q?Andr=E9?= Pirard", want: "André Pirard" },
  {
    name: "RFC 2047 §8, two charsets",
    input:
      "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
    want: "If you can read this you understand the example.",
  },
  { name: "RFC 2047 §8, Hebrew", input: "=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=", want: "םולש ןב ילטפנ" },
  { name: "RFC 2047 §8 (a)", input: "(=?ISO-8859-1?Q?a?=)", want: "(a)" },
  { name: "RFC 2047 §8 (a b)", input: "(=?ISO-8859-1?Q?a?= b)", want: "(a b)" },
  { name: "RFC 2047 §8 (ab)", input: "(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", want: "(ab)" },
  { name: "RFC 2047 §8 (ab), two spaces", input: "(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", want: "(ab)" },
  { name: "RFC 2047 §8 (ab), folded", input: "(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", want: "(ab)" },
  { name: "RFC 2047 §8 (a b), underscore", input: "(=?ISO-8859-1?Q?a_b?=)", want: "(a b)" },
  {
    name: "RFC 2047 §8 (a b), in the second word",
    input: "(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)",
    want: "(a b)",
  },
  { name: "RFC 2231 §5, language", input: "=?US-ASCII*EN?Q?Keith_Moore?=", want: "Keith Moore" },
  { name: "octets of a character in two words", input: "=?utf-8?Q?=E2=82?= =?UTF-8?Q?=AC?=", want: "€" },
  { name: "unknown charset", input: "=?x-none?Q?=FCber?=", want: "über" },
  { name: "unknown encoding stays", input: "=?utf-8?X?abc?=", want: "=?utf-8?X?abc?=" },
  { name: "unclosed stays", input: "=?utf-8?Q?abc", want: "=?utf-8?Q?abc" },
  { name: "D-41: line ends inside become spaces", input: "=?utf-8?Q?a=0D=0ABcc:_b?=", want: "a  Bcc: b" },
  { name: "lower case hexadecimal and bare equals", input: "=?utf-8?q?=c3=bc=ZZ=?=", want: "ü=ZZ=" },
];

for (const { name, input, want } of words) {
  test(`decodeWords: ${name}`, () => assert.equal(decodeWords(input), want));
}

test("encodeWords leaves ASCII alone and encodes what needs it", () => {
  assert.equal(encodeWords("Saying Hello"), "Saying Hello");
  assert.equal(encodeWords("Re: Grüße aus Köln today"), "Re: =?utf-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?= today");
  assert.equal(encodeWords("Keld Jørn"), "Keld =?utf-8?B?SsO4cm4=?=");
  assert.equal(encodeWords("Keld Simonsjøn-and-others"), "Keld =?utf-8?Q?Simonsj=C3=B8n-and-others?=");
  assert.equal(decodeWords(encodeWords("looks like =?utf-8?Q?x?=")), "looks like =?utf-8?Q?x?=");
  assert.equal(encodeWords("a\r\nBcc: b\0"), "a  Bcc: b ");
  assert.match(
    encodePhrase("Müller, <evil@example.org>"),
    /^=\?utf-8\?[BQ]\?[A-Za-z0-9!*+/=_-]+\?=( =\?utf-8\?[BQ]\?[A-Za-z0-9!*+/=_-]+\?=)*$/,
  );
});

test("every encoded word has at most 75 characters and whole characters", () => {
  const text = "😀é€".repeat(60);
  const encoded = encodeWords(text);
  for (const word of encoded.split(" ")) {
    assert.ok(word.length <= 75);
    assert.ok(!decodeWords(word).includes("\ufffd"));
  }
  assert.equal(decodeWords(encoded), text);
});

test("hostile words take linear time", () => {
  for (const piece of ["=?", "=?a?q?", "=?utf-8?q??= ", "?=", "=?a*b?b?="]) {
    const took_ms = processorTime_ms(() => decodeWords(piece.repeat(1e6 / piece.length)));
    assert.ok(took_ms < 1_500, piece);
  }
});
