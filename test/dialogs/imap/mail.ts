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

/** What INBOX may hold when a dialog begins; `\Seen` and the like before a bar. */
export const MAIL: Readonly<Record<string, readonly string[]>> = {
  empty: [],
  three: [
    simple("one", "first"),
    `\\Seen|${simple("two", "second")}`,
    `\\Seen $Forwarded|${simple("three", "third")}`,
  ],
  ten: Array.from({ length: 10 }, (_, i) => simple(`m${i + 1}`, `body ${i + 1}`)),
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
