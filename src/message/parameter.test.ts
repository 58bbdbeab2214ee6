import assert from "node:assert/strict";
import { test } from "node:test";
import { processorTime_ms } from "../../test/simulate/processor-time.ts";
import { MESSAGE_LIMITS } from "./limits.ts";
import {
  decodeExtended,
  decodeParameter,
  encodeParameter,
  leadingValue,
  parseParameters,
  withoutComments,
} from "./parameter.ts";

const lists: readonly { name: string; input: string; want: readonly (readonly [string, string])[] }[] = [
  { name: "RFC 2045 §5.1", input: "charset=us-ascii (Plain text)", want: [["charset", "us-ascii"]] },
  { name: "RFC 2045 §5.1, quoted", input: 'charset="us-ascii"', want: [["charset", "us-ascii"]] },
  {
    name: "RFC 2231 §3",
    input: 'access-type=URL; URL*0="ftp://"; URL*1="cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"',
    want: [
      ["access-type", "URL"],
      ["url", "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"],
    ],
  },
  {
    name: "RFC 2231 §4",
    input: "title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
    want: [["title*", "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"]],
  },
  {
    name: "RFC 2231 §4.1",
    input: `title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2="isn't it!"`,
    want: [["title*", "us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn't it!"]],
  },
  {
    name: "pieces out of order",
    input: "n*1=b; a=x; n*0=a",
    want: [
      ["n", "ab"],
      ["a", "x"],
    ],
  },
  { name: "a gap ends the value", input: "n*0=a; n*2=c", want: [["n", "a"]] },
  { name: "a plain piece is literal", input: "n*0*=utf-8''%41; n*1=%42", want: [["n*", "utf-8''%41%2542"]] },
  {
    name: "no number, leading zero, huge number",
    input: "n**=a; n*01=b; n*99999=c",
    want: [
      ["n**", "a"],
      ["n*01", "b"],
      ["n*99999", "c"],
    ],
  },
  {
    name: "escapes and semicolons in quotes",
    input: 'name="a\\"b;c\\\\"; x=y',
    want: [
      ["name", 'a"b;c\\'],
      ["x", "y"],
    ],
  },
  {
    name: "white space around everything",
    input: ' a = b ;\tc = "d" ; ',
    want: [
      ["a", "b"],
      ["c", "d"],
    ],
  },
  {
    name: "spaces in a bare value",
    input: "name=my file (1).pdf; x=y",
    want: [
      ["name", "my file"],
      ["x", "y"],
    ],
  },
  { name: "brackets inside a bare value", input: "name=report(1).pdf", want: [["name", "report(1).pdf"]] },
  {
    name: "equals in a bare value",
    input: "boundary=----=_Part_1; x=y",
    want: [
      ["boundary", "----=_Part_1"],
      ["x", "y"],
    ],
  },
  {
    name: "missing semicolon",
    input: 'a="b" c="d"',
    want: [
      ["a", "b"],
      ["c", "d"],
    ],
  },
  {
    name: "unclosed quote",
    input: 'name="never closed; charset=utf-8',
    want: [
      ["name", "never closed"],
      ["charset", "utf-8"],
    ],
  },
  {
    name: "no value",
    input: "a; b=; =c; ;d=e",
    want: [
      ["b", ""],
      ["d", "e"],
    ],
  },
  {
    name: "D-44",
    input: "__proto__=a; constructor=b; toString*0=c; toString*1=d",
    want: [
      ["__proto__", "a"],
      ["constructor", "b"],
      ["tostring", "cd"],
    ],
  },
];

for (const { name, input, want } of lists) {
  test(`parameters: ${name}`, () => assert.deepEqual(parseParameters(input).parameters, want));
}

test("decodeParameter: RFC 2231 §4, §4.1 and what senders do instead", () => {
  const read = (text: string, name: string): string | undefined =>
    decodeParameter(parseParameters(text).parameters, name);
  assert.equal(read("title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "title"), "This is ***fun***");
  assert.equal(
    read(
      `title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2="isn't it!"`,
      "title",
    ),
    "This is even more ***fun*** isn't it!",
  );
  assert.equal(read("filename*0*=utf-8''%E2%82; filename*1*=%AC", "filename"), "€");
  assert.equal(read("filename=fallback; filename*=utf-8''%c3%bc", "filename"), "ü");
  assert.equal(read('filename="=?utf-8?Q?=C3=BC.txt?="', "filename"), "ü.txt");
  assert.equal(read("a=b", "filename"), undefined);
  assert.equal(decodeExtended("%ZZ%4"), "%ZZ%4");
  assert.equal(decodeExtended("utf-8''a%0D%0Ab"), "a  b");
});

test("encodeParameter writes what parses back", () => {
  assert.equal(encodeParameter("filename", "a.txt"), "filename=a.txt");
  assert.equal(encodeParameter("filename", 'my "file".txt'), 'filename="my \\"file\\".txt"');
  assert.equal(encodeParameter("filename", "ü.txt"), "filename*=utf-8''%C3%BC.txt");
  assert.equal(encodeParameter("filename", "a\r\nX: y"), 'filename="a  X: y"');
  const long = "Grüße-".repeat(30);
  assert.equal(decodeParameter(parseParameters(encodeParameter("n", long)).parameters, "n"), long);
});

test("limits and linear time", () => {
  const many = parseParameters("a=b;".repeat(MESSAGE_LIMITS.parametersMax + 1));
  assert.equal(many.parameters.length, MESSAGE_LIMITS.parametersMax);
  assert.equal(many.overLimit, true);
  assert.equal(parseParameters("a=b;".repeat(MESSAGE_LIMITS.parametersMax)).overLimit, false);
  for (const piece of ['"', "=", ";", 'a="', "(", "\\", 'a="\\', "a "]) {
    const took_ms = processorTime_ms(() => {
      parseParameters(piece.repeat(250_000 / piece.length));
      leadingValue(piece.repeat(250_000 / piece.length));
    });
    assert.ok(took_ms < 1_000, piece);
  }
});

test("withoutComments", () => {
  assert.equal(withoutComments("a(b(c)\\)d)e"), "ae");
  assert.equal(withoutComments("a(never closed"), "a");
  assert.equal(withoutComments("a)b"), "a)b");
});
