import assert from "node:assert/strict";
import { test } from "node:test";
import { buildMessage, buildReport, type MessageHead } from "./builder.ts";
import { foldedField } from "./folding.ts";
import { fieldName, fields, findField } from "./header.ts";
import { scan } from "./mime.ts";
import { decodedHeader, messageText } from "./text.ts";

const HEAD: MessageHead = {
  from: [{ kind: "mailbox", name: "Jörg, the postmaster", localPart: "postmaster", domain: "example.org" }],
  to: [{ kind: "mailbox", localPart: "x y", domain: "example.org" }],
  subject: "Willkommen, schön daß Sie da sind",
  date: { epoch_ms: Date.UTC(1997, 10, 21, 15, 55, 6), zone_minutes: -360 },
  messageId: "<1234@example.org>",
};

test("a text message, to the octet", () => {
  const octets = buildMessage(
    { ...HEAD, from: [{ kind: "mailbox", name: "A. B", localPart: "a", domain: "e.x" }], subject: "Hello" },
    { kind: "text", subtype: "plain", text: "one\ntwo" },
  );
  assert.equal(
    octets.toString("latin1"),
    'From: "A. B" <a@e.x>\r\nTo: "x y"@example.org\r\nSubject: Hello\r\nDate: Fri, 21 Nov 1997 09:55:06 -0600\r\nMessage-ID: <1234@example.org>\r\n' +
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\none\r\ntwo\r\n",
  );
});

test("what is not ASCII travels encoded and comes back", () => {
  const octets = buildMessage(HEAD, { kind: "text", subtype: "plain", text: "Grüße 😀\n.\nFrom x" });
  assert.ok(octets.every((octet) => octet < 0x80));
  const outline = scan(octets);
  assert.equal(decodedHeader(outline.envelope.subject ?? ""), HEAD.subject);
  assert.equal(decodedHeader(outline.envelope.from?.[0]?.name ?? ""), "Jörg, the postmaster");
  assert.equal(messageText(octets, outline, 1e6), "Grüße 😀\r\n.\r\nFrom x\r\n");
});

test("D-41: no value of any field starts another", () => {
  const evil = "x\r\nBcc: evil@example.com\0\n\rX: y\n\ninjected body";
  const octets = buildMessage(
    {
      from: [{ kind: "mailbox", name: evil, localPart: evil, domain: evil }],
      to: [
        { kind: "group", name: evil, members: [{ kind: "mailbox", localPart: "a", domain: `[${evil}]` }] },
      ],
      subject: evil,
      date: HEAD.date,
      messageId: evil,
      fields: [["X-A\r\nBcc", evil]],
    },
    {
      kind: "multipart",
      subtype: "mixed",
      parts: [
        { kind: "attachment", type: `text/plain\r\n\r\n${evil}`, fileName: evil, octets: Buffer.from("x") },
        { kind: "status", subtype: `x\r\n${evil}`, groups: [[["A\r\nB: c", evil]]] },
      ],
    },
  );
  assert.deepEqual(
    [...fields(octets)].map((field) => fieldName(octets, field)),
    ["From", "To", "Subject", "Date", "Message-ID", "X-ABcc", "MIME-Version", "Content-Type"],
  );
  const { root } = scan(octets);
  const names = root.parts.map((part) =>
    [...fields(octets, part.header)].map((field) => fieldName(octets, field)),
  );
  assert.deepEqual(names, [
    ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"],
    ["Content-Type"],
  ]);
});

test("a report has its three parts", () => {
  const original = Buffer.from("From: a@b.c\nSubject: s\n\nbody \xff\n", "latin1");
  const status = [
    [["Reporting-MTA", "dns; mail.example.org"]],
    [
      ["Final-Recipient", "rfc822; x@y.z"],
      ["Action", "failed"],
      ["Status", "5.1.1"],
    ],
  ] as const;
  const octets = buildReport(HEAD, {
    text: "It could not be delivered.",
    status,
    original: { octets: original, whole: true },
  });
  const { root } = scan(octets);
  assert.equal(`${root.type}/${root.subtype}`, "multipart/report");
  assert.deepEqual(root.parameters[0], ["report-type", "delivery-status"]);
  assert.deepEqual(
    root.parts.map((part) => `${part.type}/${part.subtype} ${part.encoding}`),
    ["text/plain 7bit", "message/delivery-status 7bit", "message/rfc822 8bit"],
  );
  assert.equal(root.encoding, "8bit");
  const body = (index: number): string =>
    octets.toString("latin1", root.parts[index]?.body.start, root.parts[index]?.body.end);
  assert.equal(
    body(1),
    "Reporting-MTA: dns; mail.example.org\r\n\r\nFinal-Recipient: rfc822; x@y.z\r\nAction: failed\r\nStatus: 5.1.1\r\n",
  );
  assert.equal(body(2), "From: a@b.c\r\nSubject: s\r\n\r\nbody \xff\r\n");
  assert.equal(findField(octets, "Auto-Submitted"), "auto-replied");
  const short = scan(buildReport(HEAD, { text: "x", status, original: { octets: original, whole: false } }));
  assert.deepEqual(
    short.root.parts.map((part) => part.subtype),
    ["plain", "delivery-status", "rfc822-headers"],
  );
});

test("an original that cannot travel as it is comes as its header", () => {
  for (const body of ["y".repeat(999), "a\0b"]) {
    const original = Buffer.from(`From: a@b.c\r\nX: ${"z".repeat(2_000)}\r\n\r\n${body}\r\n`);
    const octets = buildReport(HEAD, { text: "x", status: [], original: { octets: original, whole: true } });
    assert.equal(scan(octets).root.parts[2]?.subtype, "rfc822-headers");
    assert.ok(
      octets
        .toString("latin1")
        .split("\r\n")
        .every((line) => line.length <= 998),
    );
  }
});

test("a boundary never stands in a part", () => {
  const first = buildMessage(HEAD, {
    kind: "multipart",
    subtype: "mixed",
    parts: [{ kind: "text", subtype: "plain", text: "x" }],
  });
  const boundary = scan(first).root.parameters[0]?.[1] ?? "";
  const text = `--${boundary}\n--${boundary}--`;
  const second = buildMessage(HEAD, {
    kind: "multipart",
    subtype: "mixed",
    parts: [{ kind: "text", subtype: "plain", text }],
  });
  assert.notEqual(scan(second).root.parameters[0]?.[1], boundary);
  assert.equal(scan(second).root.parts.length, 1);
});

const folds: readonly { name: string; value: string; want: string }[] = [
  { name: "short", value: "value", want: "X: value\r\n" },
  { name: "empty", value: "", want: "X:\r\n" },
  {
    name: "folded at white space",
    value: `${"a".repeat(60)} ${"b".repeat(60)}`,
    want: `X: ${"a".repeat(60)}\r\n ${"b".repeat(60)}\r\n`,
  },
  {
    name: "a word no line holds",
    value: "c".repeat(300),
    want: `X: ${"c".repeat(237)}\r\n ${"c".repeat(63)}\r\n`,
  },
  { name: "no line of white space", value: `a${" ".repeat(500)}b`, want: "X: a b\r\n" },
  { name: "white space inside stays", value: "a   b", want: "X: a   b\r\n" },
];

for (const { name, value, want } of folds) {
  test(`folding: ${name}`, () => assert.equal(foldedField("X", value), want));
}
