import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { POP3_LIMITS } from "./limits.ts";
import { formatReply, negative, positive, stuffDots, type Reply } from "./reply.ts";

const octetsOf = (reply: Reply): string =>
  Buffer.concat([...formatReply(reply)].map((piece) => Buffer.from(piece))).toString("latin1");

const message = (text: string): Reply => ({
  kind: "message",
  text: "message",
  octets: Buffer.from(text, "latin1"),
});

const replies: readonly { name: string; input: Reply; want: string }[] = [
  { name: "status", input: positive("yes"), want: "+OK yes\r\n" },
  { name: "status with a code", input: negative("no", "IN-USE"), want: "-ERR [IN-USE] no\r\n" },
  { name: "challenge", input: { kind: "challenge", octets: Buffer.from("a") }, want: "+ YQ==\r\n" },
  { name: "empty challenge", input: { kind: "challenge", octets: Buffer.alloc(0) }, want: "+ \r\n" },
  {
    name: "listing",
    input: { kind: "listing", text: "all", lines: ["1 2", "3 4"] },
    want: "+OK all\r\n1 2\r\n3 4\r\n.\r\n",
  },
  { name: "message", input: message("a\r\n"), want: "+OK message\r\na\r\n.\r\n" },
  { name: "message without a line end", input: message("a"), want: "+OK message\r\na\r\n.\r\n" },
  { name: "message that ends in LF", input: message("a\n"), want: "+OK message\r\na\n\r\n.\r\n" },
  { name: "message that ends in CR", input: message("a\r"), want: "+OK message\r\na\r\r\n.\r\n" },
  { name: "empty message", input: message(""), want: "+OK message\r\n.\r\n" },
  { name: "a dot alone", input: message(".\r\n"), want: "+OK message\r\n..\r\n.\r\n" },
  { name: "an end inside", input: message("a\r\n.\r\nb\r\n"), want: "+OK message\r\na\r\n..\r\nb\r\n.\r\n" },
  { name: "an end after bare LF", input: message("a\n.\nb\r\n"), want: "+OK message\r\na\n..\nb\r\n.\r\n" },
];
for (const { name, input, want } of replies) test(name, () => assert.equal(octetsOf(input), want));

const stuff = (text: string): string =>
  Buffer.concat([...stuffDots(Buffer.from(text, "latin1"))]).toString("latin1");

test("dots are doubled at line starts and nowhere else", () => {
  const text = fc
    .array(fc.constantFrom(".", "\r", "\n", "\r\n", "a", "\xff"), { maxLength: 60 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (octets) => stuff(octets) === octets.replace(/^\./gm, "..") || octets.includes("\r")),
    {
      seed: 1,
      numRuns: Number(process.env.FUZZ_RUNS ?? 500),
    },
  );
  fc.assert(
    fc.property(text, (octets) => stuff(octets).replace(/(^|\n)\.\./g, "$1.") === octets),
    {
      seed: 2,
      numRuns: Number(process.env.FUZZ_RUNS ?? 500),
    },
  );
});

test("a line start at the edge of two pieces is seen", () => {
  for (const shift of [-2, -1, 0, 1]) {
    const head = "a".repeat(POP3_LIMITS.stuffing_octets + shift);
    assert.equal(stuff(`${head}\n.\r\n`), `${head}\n..\r\n`);
  }
});
