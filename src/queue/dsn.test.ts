import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeTransfer } from "../message/transfer-encoding.ts";
import { findField } from "../message/header.ts";
import { scan } from "../message/mime.ts";
import type { Part } from "../message/outline.ts";
import { reply } from "../smtp/reply.ts";
import { buildDsn, type DsnMessage, type DsnRecipient, type DsnReport } from "./dsn.ts";
import { returnsWhole } from "./dsn-returned.ts";
import { QUEUE_LIMITS } from "./limits.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 9, 0, 0);
const HEADER =
  "Received: from client\r\n\tby mail.ours.test\r\nFrom: me@ours.test\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <original@ours.test>\r\n";
const WHOLE = Buffer.from(`${HEADER}\r\nHello\r\n.\r\nFrom here on\r\n`);

const bob: DsnRecipient = {
  address: "bob@x.test",
  action: "failed",
  reply: { code: 550, enhanced: "5.1.1", lines: ["No such user", "really"] },
  host: "mx.x.test",
  lastAttempt_ms: NOW_MS,
};
const report = (change: Partial<DsnReport> = {}): DsnReport => ({
  id: "unique1",
  hostName: "mail.ours.test",
  now_ms: NOW_MS,
  sender: "me@ours.test",
  arrival_ms: NOW_MS - 60_000,
  smtpUtf8: false,
  recipients: [bob],
  original: { kind: "header", octets: WHOLE },
  ...change,
});

function partsOf({ octets }: DsnMessage): {
  readonly root: Part;
  readonly texts: readonly string[];
  readonly types: readonly string[];
} {
  const { root, defects } = scan(octets);
  assert.deepEqual(defects, []);
  const texts = root.parts.map(({ body, encoding }) => {
    const decoded = decodeTransfer(octets.subarray(body.start, body.end), encoding);
    return decoded?.toString("utf8") ?? "";
  });
  return {
    root,
    texts,
    types: root.parts.map(({ type, subtype, encoding }) => `${type}/${subtype} ${encoding}`),
  };
}

test("a failure: header fields of the notice (T-16)", () => {
  const { octets, body, smtpUtf8 } = buildDsn(report());
  const field = (name: string) => findField(octets, name);
  assert.equal(field("from"), "Mail Delivery System <postmaster@mail.ours.test>");
  assert.equal(field("to"), "<me@ours.test>");
  assert.equal(field("subject"), "Mail not delivered / Nachricht nicht zugestellt");
  assert.equal(field("message-id"), "<unique1@mail.ours.test>");
  assert.equal(field("auto-submitted"), "auto-replied");
  assert.equal(field("mime-version"), "1.0");
  assert.equal(field("date"), "Tue, 24 Nov 2026 09:00:00 +0000");
  assert.equal(field("in-reply-to"), "<original@ours.test>");
  assert.match(field("content-type") ?? "", /^multipart\/report; report-type=delivery-status;/);
  assert.deepEqual({ body, smtpUtf8 }, { body: "7BIT", smtpUtf8: false });
  assert.ok(octets.every((octet) => octet < 0x80));
});

test("a failure: three parts; text in English and German, status for programs, header of the original", () => {
  const { texts, types } = partsOf(buildDsn(report()));
  assert.deepEqual(types, [
    "text/plain quoted-printable",
    "message/delivery-status 7bit",
    "text/rfc822-headers 7bit",
  ]);
  const [text = "", status, header] = texts;
  assert.match(text, /could not be delivered to:\r\n\r\n {2}<bob@x\.test>\r\n {4}There is no such address/);
  assert.match(text, /mx\.x\.test said: 550 5\.1\.1 No such user really/);
  assert.match(text, /konnte nicht zugestellt werden an:[^]*Bitte prüfen Sie die Schreibweise/);
  assert.match(text, /Subject of your message: Grüße\r\n/);
  assert.equal(
    status,
    [
      "Reporting-MTA: dns; mail.ours.test",
      "Arrival-Date: Tue, 24 Nov 2026 08:59:00 +0000",
      "",
      "Final-Recipient: rfc822; bob@x.test",
      "Action: failed",
      "Status: 5.1.1",
      "Remote-MTA: dns; mx.x.test",
      "Diagnostic-Code: smtp; 550-5.1.1 No such user",
      " 550 5.1.1 really",
      "Last-Attempt-Date: Tue, 24 Nov 2026 09:00:00 +0000",
      "",
    ].join("\r\n"),
  );
  assert.equal(header, HEADER);
});

test("several recipients, ENVID and ORCPT as the sender gave them; the gravest names the notice", () => {
  const dana: DsnRecipient = {
    address: "dana@y.test",
    orcpt: { type: "rfc822", address: "Dana@Ivory.EDU" },
    action: "delayed",
    reply: reply(451, "4.4.1", "y.test: no connection"),
    lastAttempt_ms: NOW_MS,
    willRetryUntil_ms: NOW_MS + 86_400_000,
  };
  const eric: DsnRecipient = {
    ...bob,
    address: "eric@z.test",
    action: "relayed",
    reply: reply(250, "2.0.0", "Ok"),
  };
  const notice = buildDsn(report({ envid: "QQ314159", recipients: [dana, eric, bob] }));
  assert.match(findField(notice.octets, "subject") ?? "", /^Mail not delivered/);
  const [text = "", status = ""] = partsOf(notice).texts;
  const [message = "", ...groups] = status.split("\r\n\r\n");
  assert.match(message, /^Original-Envelope-Id: QQ314159\r\nReporting-MTA/);
  assert.equal(groups.length, 3);
  assert.match(
    groups[0] ?? "",
    /^Original-Recipient: rfc822; Dana@Ivory\.EDU\r\nFinal-Recipient: rfc822; dana@y\.test\r\nAction: delayed\r\nStatus: 4\.4\.1\r\nDiagnostic/,
  );
  assert.match(groups[0] ?? "", /Will-Retry-Until: Wed, 25 Nov 2026 09:00:00 \+0000/);
  assert.match(groups[1] ?? "", /Action: relayed\r\nStatus: 2\.0\.0/);
  assert.match(text, /still waits[^]*<dana@y\.test>[^]*handed to the next server[^]*<eric@z\.test>/);
  assert.match(text, /keeps trying until Wed, 25 Nov/);
});

const returned = [
  {
    name: "whole where asked",
    kind: "whole",
    octets: WHOLE,
    type: "message/rfc822 7bit",
    want: WHOLE.toString(),
  },
  {
    name: "eight bits travel as they are",
    kind: "whole",
    octets: Buffer.from("Subject: x\r\n\r\nGrüße\r\n"),
    type: "message/rfc822 8bit",
    want: "Subject: x\r\n\r\nGrüße\r\n",
  },
  {
    name: "bare LF: only the header",
    kind: "whole",
    octets: Buffer.from("A: b\r\n\r\nx\ny\r\n"),
    type: "text/rfc822-headers 7bit",
    want: "A: b\r\n",
  },
  {
    name: "bare CR: only the header",
    kind: "whole",
    octets: Buffer.from("A: b\r\n\r\nx\ry\r\n"),
    type: "text/rfc822-headers 7bit",
    want: "A: b\r\n",
  },
  {
    name: "NUL: only the header",
    kind: "whole",
    octets: Buffer.from("A: b\0\r\n\r\nx\r\n\0"),
    type: "text/rfc822-headers 7bit",
    want: "A: b\r\n",
  },
  {
    name: "endless line: only the header",
    kind: "whole",
    octets: Buffer.from(`A: b\r\n\r\n${"x".repeat(999)}\r\n`),
    type: "text/rfc822-headers 7bit",
    want: "A: b\r\n",
  },
  {
    name: "a header line is cut",
    kind: "header",
    octets: Buffer.from(`A: ${"b".repeat(5000)}\r\nC: d\r\n\r\n`),
    type: "text/rfc822-headers 7bit",
    want: `A: ${"b".repeat(995)}\r\nC: d\r\n`,
  },
  {
    name: "octets gone",
    kind: "header",
    octets: Buffer.alloc(0),
    type: "text/rfc822-headers 7bit",
    want: "",
  },
] as const;
for (const { name, kind, octets, type, want } of returned) {
  test(`returned: ${name}`, () => {
    const notice = buildDsn(report({ original: { kind, octets } }));
    const { texts, types } = partsOf(notice);
    assert.equal(types[2], type);
    assert.equal(texts[2], want);
    assert.equal(notice.body, type.endsWith("8bit") ? "8BITMIME" : "7BIT");
    assert.equal(/ is attached/.test(texts[0] ?? ""), want !== "");
  });
}

test("returned: a huge header is cut at the end of a line", () => {
  const octets = Buffer.from(`${"Filler: 0123456789\r\n".repeat(10_000)}\r\n`);
  const header = partsOf(buildDsn(report({ original: { kind: "header", octets } }))).texts[2] ?? "";
  assert.ok(header.length <= QUEUE_LIMITS.returnedHeader_octets && header.length > 60_000);
  assert.ok(header.endsWith("9\r\n"));
});

const whole = [
  { name: "no RET", entry: { size_octets: 10 }, actions: ["failed"], want: false },
  { name: "HDRS", entry: { ret: "HDRS", size_octets: 10 }, actions: ["failed"], want: false },
  { name: "FULL", entry: { ret: "FULL", size_octets: 10 }, actions: ["delayed", "failed"], want: true },
  {
    name: "FULL, too large",
    entry: { ret: "FULL", size_octets: 2_000_000 },
    actions: ["failed"],
    want: false,
  },
  {
    name: "FULL, no failure (RFC 3461 §4.3)",
    entry: { ret: "FULL", size_octets: 10 },
    actions: ["delayed"],
    want: false,
  },
] as const;
for (const { name, entry, actions, want } of whole) {
  test(`whole message: ${name}`, () => assert.equal(returnsWhole(entry, actions), want));
}

const utf8Recipient: DsnRecipient = {
  ...bob,
  address: "böb@x.test",
  orcpt: { type: "utf-8", address: "b\\x{F6}b@x.test" },
  reply: reply(550, "5.1.1", "Unbekannt: böb"),
};
const utf8Original = { kind: "whole", octets: Buffer.from("Subject: Grüße\r\n\r\nHallo\r\n") } as const;

test("RFC 6533: to an ASCII sender, global parts are encoded and the notice needs no SMTPUTF8", () => {
  const notice = buildDsn(report({ smtpUtf8: true, recipients: [utf8Recipient], original: utf8Original }));
  const { texts, types } = partsOf(notice);
  assert.deepEqual(types.slice(1), [
    "message/global-delivery-status quoted-printable",
    "message/global base64",
  ]);
  assert.match(
    texts[1] ?? "",
    /Original-Recipient: utf-8; böb@x\.test\r\nFinal-Recipient: utf-8; böb@x\.test\r\n/,
  );
  assert.match(texts[1] ?? "", /Diagnostic-Code: smtp; 550 5\.1\.1 Unbekannt: böb/);
  assert.equal(texts[2], utf8Original.octets.toString());
  assert.deepEqual([notice.smtpUtf8, notice.body], [false, "7BIT"]);
});

test("RFC 6533: to a UTF-8 sender everything goes as it is", () => {
  const notice = buildDsn(
    report({ smtpUtf8: true, sender: "mäx@ours.test", recipients: [utf8Recipient], original: utf8Original }),
  );
  const { texts, types } = partsOf(notice);
  assert.deepEqual(types.slice(1), ["message/global-delivery-status 8bit", "message/global 8bit"]);
  assert.match(texts[1] ?? "", /Final-Recipient: utf-8; böb@x\.test/);
  assert.deepEqual([notice.smtpUtf8, notice.body], [true, "8BITMIME"]);
  assert.equal(findField(notice.octets, "to"), "<mäx@ours.test>");
});

test("an ASCII report quotes a remote's UTF-8 in seven bits", () => {
  const status =
    partsOf(buildDsn(report({ recipients: [{ ...bob, reply: reply(550, "5.0.0", "Größe") }] }))).texts[1] ??
    "";
  assert.match(status, /550 5\.0\.0 Gr\?\?e/);
});

test("a host known by its address only is a literal", () => {
  assert.match(
    buildDsn(report({ recipients: [{ ...bob, host: "192.0.2.1" }] })).octets.toString(),
    /Remote-MTA: dns; \[192\.0\.2\.1\]/,
  );
});

test("nothing a remote or a sender says starts a field or a part of its own (D-41)", () => {
  const evil = "x\r\nBcc: victim@y.test\r\n\r\n--=_unique1\r\nContent-Type: text/html";
  const notice = buildDsn(
    report({
      sender: `"${evil}"@ours.test`,
      envid: evil,
      recipients: [
        {
          ...bob,
          address: `"${evil}"@x.test`,
          orcpt: { type: "rfc822", address: evil },
          reply: reply(550, "5.0.0", evil),
          host: "mx.test",
        },
      ],
      original: { kind: "header", octets: Buffer.from(`Subject: a\rBcc: b\r\nMessage-ID: <a b@c\r\n`) },
    }),
  );
  assert.equal(findField(notice.octets, "bcc"), undefined);
  assert.equal(findField(notice.octets, "in-reply-to"), undefined);
  const { root, texts } = partsOf(notice);
  assert.equal(root.parts.length, 3);
  assert.ok(!/^(Bcc|Content-Type)/m.test(texts[1] ?? ""));
});

test("no line is longer than RFC 5322 allows, whatever was said", () => {
  const long = reply(550, "5.0.0", "é".repeat(5000));
  const notice = buildDsn(
    report({
      envid: "e".repeat(600),
      recipients: [
        { ...bob, reply: long },
        { ...utf8Recipient, reply: long },
      ],
    }),
  );
  assert.ok(
    notice.octets
      .toString("latin1")
      .split("\r\n")
      .every((line) => line.length <= 998),
  );
});

test("fuzz: whatever was said, a notice is three parts with the fields in their places", () => {
  const text = fc.string({ unit: "binary", maxLength: 300 });
  const property = fc.property(text, text, text, fc.boolean(), (address, words, header, global) => {
    const recipient = {
      ...bob,
      address,
      orcpt: { type: "utf-8", address: words },
      reply: reply(550, "5.0.0", words),
    };
    const original = {
      kind: global ? "whole" : "header",
      octets: Buffer.from(`Subject: ${header}\r\n\r\n${words}`),
    } as const;
    const notice = buildDsn(
      report({
        sender: `${address}@x.test`,
        envid: words,
        smtpUtf8: global,
        recipients: [recipient],
        original,
      }),
    );
    const { root, texts } = partsOf(notice);
    assert.equal(root.parts.length, 3);
    assert.equal(findField(notice.octets, "auto-submitted"), "auto-replied");
    const names = (texts[1] ?? "").split("\r\n").flatMap((line) => /^([A-Za-z-]+): /.exec(line)?.[1] ?? []);
    assert.deepEqual(names, [
      "Original-Envelope-Id",
      "Reporting-MTA",
      "Arrival-Date",
      "Original-Recipient",
      "Final-Recipient",
      "Action",
      "Status",
      "Remote-MTA",
      "Diagnostic-Code",
      "Last-Attempt-Date",
    ]);
  });
  fc.assert(property, { numRuns: Number(process.env["FUZZ_RUNS"] ?? 300), seed: 1 });
});
