import assert from "node:assert/strict";
import { test } from "node:test";
import { processorTime_ms } from "../../test/simulate/processor-time.ts";
import { htmlText } from "./html-text.ts";
import { scan } from "./mime.ts";
import { decodedHeader, messageText } from "./text.ts";

const textOf = (message: string, budget_octets = 1e6): string => {
  const octets = Buffer.from(message.replaceAll("\n", "\r\n"), "latin1");
  return messageText(octets, scan(octets), budget_octets);
};

test("text of all text parts, decoded, in order; enclosed messages too", () => {
  const message =
    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n" +
    "--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPGI+ZmV0dDwvYj4mYW1wO2R1w7xubg==\n" +
    "--b\nContent-Type: application/pdf\n\nnot text\n--b\nContent-Type: message/rfc822\n\nSubject: s\n\ninside\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: x-rot13\n\nuvqqra\n--b--\n";
  assert.equal(textOf(message), "Grüße\nfett&duünn\ninside");
});

test("the budget bounds what is read", () => {
  assert.equal(textOf(`Content-Type: text/plain\n\n${"word ".repeat(100)}`, 10), "word word ");
  const two = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n--b\n\nsecond\n--b--\n";
  assert.equal(textOf(two, 8), "first\nsec");
  assert.equal(textOf(two, 0), "");
});

test("decodedHeader", () => {
  assert.equal(decodedHeader("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?Q?_aus?= Kiel"), "Grüße aus Kiel");
  assert.equal(decodedHeader("=?utf-8?Q?=0D=0AX:_y?="), "  X: y".trimEnd());
});

const pages: readonly { name: string; input: string; want: string }[] = [
  {
    name: "tags part words, inline tags do not",
    input: "<p>one</p><p>t<b>w</b>o<br>three",
    want: "one two three",
  },
  {
    name: "hidden elements",
    input: "<head><title>x</title></head><style>p{}</style>a<script>if(a<b)x()</script>b",
    want: "a b",
  },
  { name: "comments", input: "a<!-- <p> > -->b", want: "a b" },
  {
    name: "entities",
    input: "a&amp;b &#65;&#x42; &uuml;&nbsp;&unknown; &#0;&#xD800;x",
    want: "a&b AB ü &unknown; x",
  },
  { name: "unclosed tag", input: "a < b <unclosed", want: "a < b <unclosed" },
  { name: "unclosed comment and script", input: "a<!-- b > c<script>d", want: "a c d" },
];

for (const { name, input, want } of pages) {
  test(`htmlText: ${name}`, () => assert.equal(htmlText(input), want));
}

test("5 MB of hostile HTML in linear time", () => {
  for (const piece of ["<", "<!--", "<script>", "<a ", "&", "&#", "</", "<!-- >", "<style></style"]) {
    const html = piece.repeat(5e6 / piece.length);
    const took_ms = processorTime_ms(() => htmlText(html));
    assert.ok(took_ms < 4_000, piece);
  }
});
