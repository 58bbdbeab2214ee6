/** Messages of every shape a sender may give them, the same ones every time. */
const FIELDS = [
  "To: b@example.net",
  "To: b@example.net,\r\n\tc@example.net",
  "Cc:",
  "Subject: Hello  there\t",
  "subject :  folded\r\n \t\r\n  twice",
  "Subject: caf\xc3\xa9 \xff",
  "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
  "Message-ID: <1@example.org>",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed;\r\n boundary="a b"',
  "References: <1@example.org>\r\n <2@example.org>",
  "List-Unsubscribe: <https://example.org/u>",
  "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
  "List-Id: x",
  "X-Long: " + "x".repeat(900),
  "X-Empty:",
  "no field at all",
  "Received: from here",
];
const BODY = [
  "Hi.",
  "",
  " ",
  "\t",
  "a  b",
  "a\tb",
  " a",
  "a ",
  "a \t ",
  ".",
  "\xff\xfe\0",
  "lone \r CR",
  "lone \n LF",
  "x".repeat(998),
  "c2FtcGxl".repeat(9),
];

export function* generatedMessages(count: number): Generator<Buffer, void, undefined> {
  let state = 20_261_124;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let i = 0; i < count; i++) {
    const some = (from: readonly string[], most: number): string[] =>
      Array.from({ length: below(most) }, () => from[below(from.length)] as string);
    const header = [...some(FIELDS, 9), "From: Joe <joe@example.org>", ...some(FIELDS, 5)].join("\r\n");
    const lines = some(BODY, below(10) === 0 ? 2_000 : 12);
    const end = ["", "\r\n", "\r\n\r\n\r\n", " \r\n", "\r"][below(5)] as string;
    const whole = below(20) === 0 ? `${header}\r\n` : `${header}\r\n\r\n${lines.join("\r\n")}${end}`;
    yield Buffer.from(whole, "latin1");
  }
}
