const message = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("");

const simple = (subject: string, body: string): string =>
  message(
    `From: Anna <anna@example.test>`,
    `To: you@wachpost.test`,
    `Subject: ${subject}`,
    `Date: Tue, 24 Nov 2026 10:00:00 +0100`,
    `Message-ID: <${subject}@example.test>`,
    "",
    body,
  );

const NESTED = message(
  "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.test>",
  "To: you@wachpost.test, Group: a@example.test, b@example.test;",
  "Subject: nested",
  "Date: Tue, 24 Nov 2026 10:00:00 +0100",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="outer"',
  "",
  "preamble",
  "--outer",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: base64",
  "",
  "SGVsbG8=",
  "--outer",
  "Content-Type: message/rfc822",
  "",
  "From: inner@example.test",
  "Subject: inner",
  'Content-Type: multipart/alternative; boundary="inner"',
  "",
  "--inner",
  "Content-Type: text/plain",
  "",
  "plain",
  "--inner",
  "Content-Type: text/html",
  "Content-Transfer-Encoding: x-unknown",
  "",
  "<p>html</p>",
  "--inner--",
  "--outer",
  'Content-Type: application/octet-stream; name="a.bin"',
  "Content-Disposition: attachment; filename=a.bin",
  "Content-Transfer-Encoding: base64",
  "",
  "AAEC",
  "--outer--",
);

/** The message of RFC 9051 §8: 92 lines, 3028 octets of body. */
const MINUTES = message(
  "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
  "From: Terry Gray <gray@cac.washington.edu>",
  "Subject: IMAP4rev2 WG mtg summary and minutes",
  "To: imap@cac.washington.edu",
  "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>",
  "Message-Id: <B27397-0100000@cac.washington.edu>",
  "MIME-Version: 1.0",
  "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII",
  "",
  ...Array.from({ length: 91 }, () => "x".repeat(31)),
  "y".repeat(23),
);

/** What INBOX may hold when a dialog begins; `\Seen` and the like before a bar. */
export const MAIL: Readonly<Record<string, readonly string[]>> = {
  empty: [],
  three: [
    simple("one", "first"),
    `\\Seen|${simple("two", "second")}`,
    `\\Seen $Forwarded|${simple("three", "third")}`,
  ],
  ten: Array.from({ length: 10 }, (_, i) => simple(`m${i + 1}`, `body ${i + 1}`)),
  minutes: Array.from({ length: 18 }, (_, i) =>
    i === 11 ? `\\Seen|${MINUTES}` : simple(`m${i + 1}`, "text"),
  ),
  nested: [NESTED],
  raw: [
    Buffer.from(
      message(
        'From: "Jürgen Müller" <jürgen@example.test>',
        "To: you@wachpost.test",
        "Subject: Grüße aus Köln",
        'Content-Type: text/plain; name="größe.txt"; charset=utf-8',
        "Content-Transfer-Encoding: 8bit",
        "",
        "Grüße",
      ),
    ).toString("latin1"),
  ],
};
