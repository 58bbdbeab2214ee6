import assert from "node:assert/strict";
import { test } from "node:test";
import { processorTime_ms } from "../../test/simulate/processor-time.ts";
import { checkOutline, corpus, fuzz } from "../../test/fuzz/message.ts";
import { MESSAGE_LIMITS } from "./limits.ts";
import { scan } from "./mime.ts";
import type { Part } from "./outline.ts";

const crlf = (text: string): Buffer => Buffer.from(text.replaceAll("\n", "\r\n"), "latin1");

/** `type/subtype lines "body"` for leaves, `type/subtype lines [children]` for the others. */
function shape(octets: Buffer, part: Part): string {
  const head = `${part.type}/${part.subtype} ${part.lines}`;
  if (part.message) return `${head} {${shape(octets, part.message.root)}}`;
  if (part.parts.length > 0) return `${head} [${part.parts.map((child) => shape(octets, child)).join(", ")}]`;
  return `${head} ${JSON.stringify(octets.toString("latin1", part.body.start, part.body.end))}`;
}

const MIXED = "Content-Type: multipart/mixed; boundary=b\n\n";

const trees: readonly { name: string; input: Buffer; want: string; defects?: readonly string[] }[] = [
  {
    name: "RFC 2046 §5.1.1, simple",
    input: crlf(
      'From: Nathaniel Borenstein <nsb@bellcore.com>\nMIME-Version: 1.0\nContent-type: multipart/mixed; boundary="simple boundary"\n\n' +
        "This is the preamble.\n\n--simple boundary\n\nImplicitly typed.\nNo linebreak.\n--simple boundary\n" +
        "Content-type: text/plain; charset=us-ascii\n\nExplicitly typed.\nEnds with a linebreak.\n\n--simple boundary--\n\nThis is the epilogue.\n",
    ),
    want: 'multipart/mixed 15 [text/plain 1 "Implicitly typed.\\r\\nNo linebreak.", text/plain 2 "Explicitly typed.\\r\\nEnds with a linebreak.\\r\\n"]',
  },
  {
    name: "RFC 2046 §5.1.5, digest with a nested default",
    input: crlf(
      'Content-Type: multipart/mixed; boundary="---- main boundary ----"\n\n------ main boundary ----\n\nIntroduction\n\n------ main boundary ----\n' +
        'Content-Type: multipart/digest; boundary="---- next message ----"\n\n------ next message ----\n\nFrom: someone-else\nSubject: my opinion\n\nbody one\n' +
        "\n------ next message ----\n\nFrom: someone-else-again\n\nanother body\n\n------ next message ------\n\n------ main boundary ------\n",
    ),
    want: 'multipart/mixed 23 [text/plain 1 "Introduction\\r\\n", multipart/digest 14 [message/rfc822 4 {text/plain 1 "body one\\r\\n"}, message/rfc822 3 {text/plain 1 "another body\\r\\n"}]]',
  },
  { name: "no MIME at all", input: crlf("From: a@b.c\n\none\ntwo"), want: 'text/plain 1 "one\\r\\ntwo"' },
  { name: "empty", input: Buffer.alloc(0), want: 'text/plain 0 ""' },
  { name: "header only", input: crlf("From: a@b.c\n"), want: 'text/plain 0 ""' },
  { name: "no header", input: crlf("\nbody\n"), want: 'text/plain 1 "body\\r\\n"' },
  {
    name: "LF only",
    input: Buffer.from(`${MIXED}--b\n\none\n--b\n\ntwo\n\n--b--\n`),
    want: 'multipart/mixed 8 [text/plain 0 "one", text/plain 1 "two\\n"]',
  },
  {
    name: "CR only",
    input: Buffer.from(`${MIXED}--b\n\none\n--b\n\ntwo\n\n--b--\n`.replaceAll("\n", "\r")),
    want: 'multipart/mixed 8 [text/plain 0 "one", text/plain 1 "two\\r"]',
  },
  {
    name: "final boundary missing",
    input: crlf(`${MIXED}--b\n\none\n--b\n\ntwo\n`),
    want: 'multipart/mixed 6 [text/plain 0 "one", text/plain 1 "two\\r\\n"]',
  },
  {
    name: "final boundary without line end",
    input: crlf(`${MIXED}--b\n\none\n--b--`),
    want: 'multipart/mixed 3 [text/plain 0 "one"]',
  },
  {
    name: "white space after boundaries",
    input: crlf(`${MIXED}--b \t\n\none\n--b-- \nepilogue\n`),
    want: 'multipart/mixed 5 [text/plain 0 "one"]',
  },
  {
    name: "lines that only begin like a boundary",
    input: crlf(`${MIXED}--b\n\n--bb\n--b-\n --b\n-b\n--\n--b--\n`),
    want: 'multipart/mixed 8 [text/plain 4 "--bb\\r\\n--b-\\r\\n --b\\r\\n-b\\r\\n--"]',
  },
  {
    name: "boundaries that begin with each other",
    input: crlf(
      "Content-Type: multipart/mixed; boundary=ab\n\n--ab\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a--\n--ab\nContent-Type: multipart/mixed; boundary=abc\n\n--abc\n\ntwo\n--abc--\n--ab--\n",
    ),
    want: 'multipart/mixed 15 [multipart/mixed 3 [text/plain 0 "one"], multipart/mixed 3 [text/plain 0 "two"]]',
  },
  {
    name: "a boundary that ends in dashes",
    input: crlf('Content-Type: multipart/mixed; boundary="x--"\n\n--x--\n\none\n--x----\nepilogue\n'),
    want: 'multipart/mixed 5 [text/plain 0 "one"]',
  },
  {
    name: "the same boundary inside",
    input: crlf(`${MIXED}--b\n${MIXED}--b\n\ninner\n--b--\n--b\n\nouter\n--b--\n`),
    want: 'multipart/mixed 11 [multipart/mixed 3 [text/plain 0 "inner"], text/plain 0 "outer"]',
  },
  {
    name: "an outer boundary ends an unclosed inner multipart",
    input: crlf(
      "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\none\n--o\n\ntwo\n--o--\n",
    ),
    want: 'multipart/mixed 10 [multipart/mixed 2 [text/plain 0 "one"], text/plain 0 "two"]',
  },
  {
    name: "empty parts",
    input: crlf(`${MIXED}--b\n--b\n\n--b\n\n\n--b--\n`),
    want: 'multipart/mixed 7 [text/plain 0 "", text/plain 0 "", text/plain 0 ""]',
  },
  {
    name: "a boundary cuts a header off",
    input: crlf(`${MIXED}--b\nContent-Type: text/html\n--b--\n`),
    want: 'multipart/mixed 3 [text/html 0 ""]',
  },
  {
    name: "boundary with octets above ASCII",
    input: crlf('Content-Type: multipart/mixed; boundary="\xfc"\n\n--\xfc\n\none\n--\xfc--\n'),
    want: 'multipart/mixed 4 [text/plain 0 "one"]',
  },
  {
    name: "boundary in pieces (RFC 2231)",
    input: crlf("Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n\none\n--ab--\n"),
    want: 'multipart/mixed 4 [text/plain 0 "one"]',
  },
  {
    name: "message/rfc822",
    input: crlf("Content-Type: message/rfc822\n\nSubject: s\n\nbody\n"),
    want: 'message/rfc822 3 {text/plain 1 "body\\r\\n"}',
  },
  {
    name: "message/rfc822 in base64 is a leaf",
    input: crlf("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdA==\n"),
    want: 'message/rfc822 1 "U3ViamVjdA==\\r\\n"',
  },
  {
    name: "message/global",
    input: crlf("Content-Type: message/global\n\nSubject: s\n\n"),
    want: 'message/global 2 {text/plain 0 ""}',
  },
  {
    name: "message/delivery-status is a leaf",
    input: crlf("Content-Type: message/delivery-status\n\nA: b\n"),
    want: 'message/delivery-status 1 "A: b\\r\\n"',
  },
  {
    name: "an empty message inside",
    input: crlf(`${MIXED}--b\nContent-Type: message/rfc822\n\n--b--\n`),
    want: 'multipart/mixed 4 [message/rfc822 0 {text/plain 0 ""}]',
  },
  { name: "unreadable type", input: crlf("Content-Type: text\n\nx\n"), want: 'text/plain 1 "x\\r\\n"' },
  {
    name: "no boundary",
    input: crlf("Content-Type: multipart/mixed\n\n--b\n"),
    want: 'text/plain 1 "--b\\r\\n"',
    defects: ["multipart-without-boundary"],
  },
  {
    name: "boundary never found",
    input: crlf(`${MIXED}--c\n`),
    want: 'text/plain 1 "--c\\r\\n"',
    defects: ["multipart-without-parts"],
  },
  {
    name: "closed before it began",
    input: crlf(`${MIXED}--b--\n--b\n`),
    want: 'text/plain 2 "--b--\\r\\n--b\\r\\n"',
    defects: ["multipart-without-parts"],
  },
];

for (const { name, input, want, defects = [] } of trees) {
  test(`scan: ${name}`, () => {
    const outline = scan(input);
    assert.equal(shape(input, outline.root), want);
    assert.deepEqual(outline.defects, defects);
    checkOutline(input, outline);
  });
}

test("ranges: the header holds its empty line, the line end before a delimiter belongs to it", () => {
  const octets = crlf(`${MIXED}--b\nX: y\n\none\n--b--\n`);
  const { root } = scan(octets);
  const [part] = root.parts;
  assert.deepEqual(root.header, { start: 0, end: 45 });
  assert.deepEqual(
    [part?.header, part?.body],
    [
      { start: 50, end: 58 },
      { start: 58, end: 61 },
    ],
  );
  assert.equal(octets.toString("latin1", 58, 61), "one");
});

test("fields of a part", () => {
  const { root } = scan(
    crlf(
      'Content-Type: TEXT/X-MyOwn; charset=us-ascii; foo="quoted\\"string"\nContent-ID: <foo@bar>\nContent-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\n' +
        "Content-Disposition: INLINE; foo=bar; filename*=utf-8''%c3%bc\nContent-Description: hello\n description\nContent-Language: en, fi (comment), sv\n" +
        "Content-Location: http://example.com/test.txt\nContent-Transfer-Encoding: (c) Base64\n\n",
    ),
  );
  const { header: _header, body: _body, ...facts } = root;
  assert.deepEqual(facts, {
    type: "text",
    subtype: "x-myown",
    parameters: [
      ["charset", "us-ascii"],
      ["foo", 'quoted"string'],
    ],
    encoding: "base64",
    id: "<foo@bar>",
    description: "hello description",
    disposition: {
      value: "inline",
      parameters: [
        ["foo", "bar"],
        ["filename*", "utf-8''%c3%bc"],
      ],
    },
    language: ["en", "fi", "sv"],
    location: "http://example.com/test.txt",
    md5: "Q2hlY2sgSW50ZWdyaXR5IQ==",
    lines: 0,
    parts: [],
  });
});

test("envelope: strings raw, groups as markers, absent fields absent", () => {
  const { envelope } = scan(
    crlf(
      'Date: Fri, 21 Nov 1997 09:55:06 -0600\nSubject: =?utf-8?Q?=C3=BC?=\n folded\nFrom: "Joe Q. Public" <j@e.x>\nSender:\nTo: A Group:Ed <c@a.test>;, "x y"@[1.2.3.4]\nTo: second@e.x\n' +
        "Cc: M\xfcller <m@e.x>\nMessage-ID: <1@e.x>\nMessage-ID: <2@e.x>\nIn-Reply-To:\n\n",
    ),
  );
  assert.deepEqual(envelope, {
    date: "Fri, 21 Nov 1997 09:55:06 -0600",
    subject: "=?utf-8?Q?=C3=BC?= folded",
    from: [{ name: "Joe Q. Public", mailbox: "j", host: "e.x" }],
    to: [
      { name: null, mailbox: "A Group", host: null },
      { name: "Ed", mailbox: "c", host: "a.test" },
      { name: null, mailbox: null, host: null },
      { name: null, mailbox: '"x y"', host: "[1.2.3.4]" },
      { name: null, mailbox: "second", host: "e.x" },
    ],
    cc: [{ name: "Müller", mailbox: "m", host: "e.x" }],
    inReplyTo: "",
    messageId: "<1@e.x>",
  });
});

test("references: of References, then of In-Reply-To, each once; the root and the latest", () => {
  const read = (text: string): readonly string[] => scan(crlf(text)).references;
  assert.deepEqual(
    read("References: <1@a>\n <2@a> junk <not an id> <1@a>\nIn-Reply-To: Your mail <3@a>\n\n"),
    ["<1@a>", "<2@a>", "<3@a>"],
  );
  const many = read(`References:${Array.from({ length: 80 }, (_, i) => ` <${i}@a>`).join("\n")}\n\n`);
  assert.deepEqual([many.length, many[0], many[1], many.at(-1)], [50, "<0@a>", "<31@a>", "<79@a>"]);
});

const limits: readonly { name: string; input: Buffer; defect: string; check?: (root: Part) => void }[] = [
  {
    name: "parts",
    input: crlf(`${MIXED}${"--b\n\n".repeat(1_500)}--b--\n`),
    defect: "too-many-parts",
    check: (root) => assert.equal(root.parts.length, MESSAGE_LIMITS.partsMax - 1),
  },
  {
    name: "nested multiparts",
    input: crlf(
      `${Array.from({ length: 60 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`).join("")}\nx\n`,
    ),
    defect: "nesting-too-deep",
  },
  {
    name: "nested messages",
    input: crlf("Content-Type: message/rfc822\n\n".repeat(200)),
    defect: "nesting-too-deep",
  },
  {
    name: "header lines",
    input: crlf(`${"X: y\n".repeat(1_001)}Subject: late\n\nbody\n`),
    defect: "too-many-header-lines",
    check: (root) => assert.equal(root.body.end - root.body.start, 6),
  },
  {
    name: "header size",
    input: crlf(`X: ${"y".repeat(300_000)}\nSubject: late\n\n`),
    defect: "header-too-large",
  },
  {
    name: "boundary",
    input: crlf(
      `Content-Type: multipart/mixed; boundary="${"x".repeat(2_049)}"\n\n--${"x".repeat(2_049)}\n\n`,
    ),
    defect: "boundary-too-long",
  },
  {
    name: "parameters",
    input: crlf(`Content-Type: text/plain${";a=b".repeat(101)}\n\n`),
    defect: "too-many-parameters",
    check: (root) => assert.equal(root.parameters.length, 100),
  },
  { name: "addresses", input: crlf(`To: ${"a@b,".repeat(10_300)}\n\n`), defect: "too-many-addresses" },
];

for (const { name, input, defect, check } of limits) {
  test(`over the limit of ${name}: less is known, nothing fails`, () => {
    const outline = scan(input);
    assert.deepEqual(outline.defects, [defect]);
    assert.equal(outline.envelope.subject, undefined);
    checkOutline(input, outline);
    check?.(outline.root);
  });
}

test("exactly at the limits nothing is a defect", () => {
  const boundary = "x".repeat(MESSAGE_LIMITS.boundaryOctetsMax);
  const octets = crlf(
    `${"X: y\n".repeat(997)}Content-Type: multipart/mixed; boundary="${boundary}"\n\n--${boundary}\n\nx\n--${boundary}--\n`,
  );
  const { root, defects } = scan(octets);
  assert.deepEqual([root.parts.length, defects], [1, []]);
});

test("25 MB of what is worst take less than 2 seconds (D-37)", () => {
  const nested = Array.from(
    { length: 50 },
    (_, i) => `Content-Type: multipart/mixed; boundary=${"a".repeat(i + 1)}\n\n--${"a".repeat(i + 1)}\n`,
  ).join("");
  const bodies = [`--${"a".repeat(60)}\r\n`, "--\r\n", "\r\n", "--a", "a"];
  for (const body of bodies) {
    const octets = Buffer.concat([crlf(`${nested}\n`), Buffer.alloc(25e6, body)]);
    const took_ms = processorTime_ms(() => scan(octets));
    assert.ok(took_ms < 2_000, body);
  }
});

test("the corpus: every outline is sound", () => {
  const messages = corpus();
  assert.ok(messages.length > 200);
  for (const { octets } of messages) checkOutline(octets, scan(octets));
});

test("properties hold under mutation", () => fuzz(Number(process.env["FUZZ_RUNS"] ?? 600), 20_260_101));
