import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MESSAGE_LIMITS } from "./limits.ts";
import { linkHosts } from "./links.ts";
import { scan } from "./mime.ts";

const hostsIn = (message: string | Buffer): readonly string[] => {
  const octets = Buffer.from(message);
  return linkHosts(octets, scan(octets));
};
const plain = (text: string): string => `Subject: x\r\n\r\n${text}\r\n`;
const html = (text: string): string => `Content-Type: text/html\r\n\r\n${text}\r\n`;

const cases: readonly { name: string; message: string; want: readonly string[] }[] = [
  {
    name: "plain text",
    message: plain("see http://a.example/x, www.b.example. and (https://c.example)"),
    want: ["a.example", "www.b.example", "c.example"],
  },
  {
    name: "no link",
    message: plain("a.example, mailto:x@b.example, file://c.example/, http:, http://, http://localhost/"),
    want: [],
  },
  {
    name: "each once, in lower case, without port and final dot",
    message: plain("http://A.example:8080/ HTTP://a.EXAMPLE./"),
    want: ["a.example"],
  },
  {
    name: "user information is not the host",
    message: plain("http://bank.example@evil.example/"),
    want: ["evil.example"],
  },
  {
    name: "a link inside a link",
    message: plain(
      "https://go.example/?u=http%3A%2F%2Fevil.example%2Fx&y http://r.example/https://two.example/",
    ),
    want: ["go.example", "evil.example", "r.example", "two.example"],
  },
  {
    name: "addresses, however written",
    message: plain("http://192.0.2.1/ http://3221225986/ http://0xC0.0.2.3/ http://[2001:db8::1]/"),
    want: ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1"],
  },
  { name: "IDN", message: plain("http://bücher.example/"), want: ["xn--bcher-kva.example"] },
  {
    name: "attributes",
    message: html(
      `<a class=x href="http://a.example/">x</a><IMG SRC='//b.example/i.png'><form action=http://c.example/>`,
    ),
    want: ["a.example", "b.example", "c.example"],
  },
  {
    name: "entities, backslashes, line ends and encoded names",
    message: html(
      `<a href="&#104;ttp&colon;//a.example"><a href="http:\\\\b.example\\x"><a href=" ht\ntp://c.ex\nample"><a href="http://%64.example">`,
    ),
    want: ["a.example", "b.example", "c.example", "d.example"],
  },
  {
    name: "styles, meta, text between tags",
    message: html(
      `<meta content="0; url=http://a.example/"><td style="background:url(http://b.example/i)">http://c.<b>example</b>/`,
    ),
    want: ["a.example", "b.example", "c.example"],
  },
  {
    name: "name spaces, document types, comments and scripts lead nowhere",
    message: html(
      `<!DOCTYPE html PUBLIC "x" "http://a.example/"><html xmlns:o="http://b.example/"><!-- <a href="http://c.example"> --><script>x="<a href='http://d.example'>"</script>`,
    ),
    want: [],
  },
  {
    name: "what looks like an open quote or comment hides nothing",
    message: html(
      `<style> <a b="</style><!--><a href="http://a.example"><title>'</title><a href=//b.example>`,
    ),
    want: ["a.example", "b.example"],
  },
  {
    name: "quoted-printable",
    message: "Content-Transfer-Encoding: quoted-printable\r\n\r\nhttp=3A//a.exam=\r\nple/\r\n",
    want: ["a.example"],
  },
  {
    name: "base64, UTF-16",
    message: `Content-Type: text/html; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('<a href="http://a.example">', "utf16le").toString("base64")}\r\n`,
    want: ["a.example"],
  },
  {
    name: "parts, enclosed messages; not what is no text",
    message:
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhttp://a.example\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nhttp://b.example\r\n--b\r\nContent-Type: application/pdf\r\n\r\nhttp://c.example\r\n--b--\r\n",
    want: ["a.example", "b.example"],
  },
];

for (const { name, message, want } of cases)
  test(`links: ${name}`, () => assert.deepEqual(hostsIn(message), want));

test("links: bounded by octets, links and hosts", () => {
  const filler = "x"
    .repeat(70)
    .concat("\r\n")
    .repeat(MESSAGE_LIMITS.linkOctetsMax / 70);
  assert.deepEqual(hostsIn(plain(`http://a.example\r\n${filler}http://b.example`)), ["a.example"]);
  const many = Array.from({ length: 300 }, (_, i) => `http://h${i}.example`).join("\r\n");
  assert.equal(hostsIn(plain(many)).length, MESSAGE_LIMITS.linkHostsMax);
  const same = "http://a.example\r\n".repeat(MESSAGE_LIMITS.linksMax);
  assert.deepEqual(hostsIn(plain(`${same}http://b.example`)), ["a.example"]);
});

test("links: any octets, only names and addresses", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "<a href=",
      '"',
      "'",
      ">",
      "http://",
      "www.",
      "//",
      "&#x3a;",
      "<!--",
      "-->",
      "<style>",
      "%3A%2F%2F",
      "a.example",
      "\r\n",
      "@",
      "\\",
      "[::1]",
      "0x7f.1",
    ),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.boolean(), (pieces, asHtml) => {
      for (const host of hostsIn((asHtml ? html : plain)(pieces.join(""))))
        assert.match(host, /^[a-z0-9_.:-]{3,253}$/);
    }),
    { numRuns: 500 },
  );
});

test("links: half a megabyte of hostile text takes time in proportion to its length", () => {
  // Quadratic work on any of these would take minutes, and the runner would stop the test.
  for (const unit of [
    "<a ",
    "<a b=",
    '<a b="',
    "<a b='",
    "<!--",
    "<style",
    "http://",
    "www.",
    "http://a.",
    "<a href=http://",
    ".,",
    "<a href='http://x.example/?http%3a%2f%2f'>",
  ])
    for (const form of [plain, html]) hostsIn(form(unit.repeat(MESSAGE_LIMITS.linkOctetsMax / unit.length)));
});
