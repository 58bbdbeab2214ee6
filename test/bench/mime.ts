/** Speed of the message analysis: `node test/bench/mime.ts`. Prints MB/s and time per message, and the worst cases. */
import { performance } from "node:perf_hooks";
import { parseAddressList } from "../../src/message/address.ts";
import { scan } from "../../src/message/mime.ts";

const HEADER = [
  "Return-Path: <sender@example.com>",
  "Received: from mx.example.com (mx.example.com [192.0.2.1])",
  "\tby mail.example.org with ESMTPS id 4ZkQm1; Fri, 21 Nov 1997 09:55:06 -0600",
  "Received: from client.example.com ([198.51.100.7])",
  "\tby mx.example.com with ESMTPSA id 17abc; Fri, 21 Nov 1997 09:55:05 -0600",
  "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=mail; c=relaxed/relaxed;",
  "\th=From:To:Subject:Date:Message-ID; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;",
  `\tb=${"dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSb".repeat(6)}`,
  'From: "Sender, A." <sender@example.com>',
  "To: You <you@example.org>, others:a@example.org, b@example.org;",
  "Cc: =?utf-8?Q?J=C3=B6rg?= <joerg@example.net>",
  "Subject: A letter about nothing in particular",
  "Date: Fri, 21 Nov 1997 09:55:06 -0600",
  "Message-ID: <1234@local.machine.example>",
  "References: <1@example.com> <2@example.com> <3@example.com>",
  "MIME-Version: 1.0",
].join("\r\n");
const TEXT_LINE = "The quick brown fox jumps over the lazy dog, and nobody minds the dog.\r\n";
const BASE64_LINE = `${"QUJD".repeat(19)}\r\n`;

const fill = (line: string, octets: number): string => line.repeat(Math.ceil(octets / line.length));
const part = (type: string, body: string): string => `--b1\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;

function message(type: string, body: string): Buffer {
  return Buffer.from(`${HEADER}\r\nContent-Type: ${type}\r\n\r\n${body}`, "latin1");
}

const usual: readonly (readonly [string, Buffer])[] = [
  ["plain 4 KB", message("text/plain; charset=utf-8", fill(TEXT_LINE, 3_000))],
  [
    "alternative 60 KB",
    message(
      'multipart/alternative; boundary="b1"',
      `${part("text/plain", fill(TEXT_LINE, 20_000))}${part("text/html", fill(TEXT_LINE, 40_000))}--b1--\r\n`,
    ),
  ],
  [
    "mixed 5 MB base64",
    message(
      'multipart/mixed; boundary="b1"',
      `${part("text/plain", fill(TEXT_LINE, 2_000))}${part("application/pdf", fill(BASE64_LINE, 5e6))}--b1--\r\n`,
    ),
  ],
];

const SIZE = 25e6;
const nested = (boundary: (level: number) => string): string =>
  Array.from(
    { length: 50 },
    (_, i) =>
      `${i === 0 ? "" : `--${boundary(i - 1)}\r\n`}Content-Type: multipart/mixed; boundary="${boundary(i)}"\r\n\r\n`,
  ).join("");
const worst: readonly (readonly [string, Buffer])[] = [
  ["100,000 empty parts", message("multipart/mixed; boundary=b1", "--b1\r\n\r\n".repeat(100_000))],
  ["25 MB of CRLF in a multipart", message("multipart/mixed; boundary=b1", "\r\n".repeat(SIZE / 2))],
  ["25 MB of `--` lines", message("multipart/mixed; boundary=b1", "--\r\n".repeat(SIZE / 4))],
  [
    "25 MB of near delimiters, 50 levels",
    Buffer.from(nested((i) => `${"a".repeat(i + 1)}`) + `--${"a".repeat(60)}\r\n`.repeat(SIZE / 64)),
  ],
  [
    "25 MB of long near delimiters, 50 levels",
    Buffer.from(nested((i) => "a".repeat(1990 + i)) + `--${"a".repeat(1989)}\r\n`.repeat(SIZE / 1993)),
  ],
  ["25 MB of header fields", Buffer.from("To: a@example.org\r\n".repeat(SIZE / 19))],
  ["25 MB of header without line end", Buffer.alloc(SIZE, 97)],
  ["25 MB of CR only", Buffer.from("a: b\r".repeat(SIZE / 5))],
  ["1,000 nested messages", Buffer.from("Content-Type: message/rfc822\r\n\r\n".repeat(1000))],
  ["To with 50,000 addresses", Buffer.from(`To: ${"a@b.c,".repeat(50_000)}\r\n\r\n`)],
  [
    "Content-Type of 250 KB of parameters",
    Buffer.from(`Content-Type: text/plain${";a*0*=%41".repeat(25_000)}\r\n\r\n`),
  ],
];

function seconds(run: () => void, rounds: number): number {
  for (let i = 0; i < Math.min(rounds, 2_000); i++) run();
  const start = performance.now();
  for (let i = 0; i < rounds; i++) run();
  return (performance.now() - start) / 1000 / rounds;
}

for (const [name, octets] of usual) {
  const each_s = seconds(() => scan(octets), Math.max(20, Math.ceil(2e8 / octets.length / 4)));
  console.log(
    `${name}: ${(octets.length / 1e6 / each_s).toFixed(0)} MB/s, ${(each_s * 1e6).toFixed(1)} us, ${octets.length} octets`,
  );
}
for (const [name, octets] of worst) {
  const each_s = seconds(() => scan(octets), 1);
  console.log(`${name}: ${(each_s * 1000).toFixed(0)} ms, ${(octets.length / 1e6 / each_s).toFixed(0)} MB/s`);
}
for (const piece of ["(", "a,", "(c)", '"', "<", "a.", "@", ":", "\\", "[", "a@b ", "a:b;", "(\\"]) {
  const text = piece.repeat(1e6 / piece.length);
  console.log(
    `1 MB of ${piece} as addresses: ${(seconds(() => parseAddressList(text), 1) * 1000).toFixed(0)} ms`,
  );
}
