import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { isHttpVerb, parseBase64, parseCommand, parseNumber, parseWords } from "./grammar.ts";

const commands: readonly { name: string; input: string; want: ReturnType<typeof parseCommand> }[] = [
  { name: "keyword alone", input: "quit", want: { keyword: "QUIT", argument: undefined } },
  { name: "an argument", input: "RETR 1", want: { keyword: "RETR", argument: "1" } },
  { name: "a password with spaces", input: "PASS  a b ", want: { keyword: "PASS", argument: " a b " } },
  { name: "UTF-8", input: "PASS größe", want: { keyword: "PASS", argument: "größe" } },
  { name: "an empty line", input: "", want: undefined },
  { name: "a leading space", input: " QUIT", want: undefined },
  { name: "too short a keyword", input: "UP", want: undefined },
  { name: "too long a keyword", input: "A".repeat(40), want: undefined },
  { name: "a control character", input: "USER a\tb", want: undefined },
  { name: "NUL", input: "USER a\0b", want: undefined },
  { name: "CR", input: "QUIT\r", want: undefined },
  { name: "a TLS ClientHello", input: "\x16\x03\x01", want: undefined },
];
for (const { name, input, want } of commands) {
  test(`command: ${name}`, () => assert.deepEqual(parseCommand(Buffer.from(input)), want));
}

test("command: octets that are not UTF-8", () => {
  assert.equal(parseCommand(Buffer.from("USER \xff", "latin1")), undefined);
  assert.equal(parseCommand(Buffer.from("USER \xc0\xaf", "latin1")), undefined);
});

test("command: no input makes it throw", () => {
  for (let run = 0; run < Number(process.env.FUZZ_RUNS ?? 2000); run++) {
    const parsed = parseCommand(randomBytes(run % 40));
    if (parsed !== undefined) assert.match(parsed.keyword, /^[A-Z][A-Z0-9]{2,11}$/);
  }
});

const numbers: readonly { input: string; want: number | undefined }[] = [
  { input: "0", want: 0 },
  { input: "007", want: 7 },
  { input: "100", want: 100 },
  { input: "101", want: undefined },
  { input: "-1", want: undefined },
  { input: "1e1", want: undefined },
  { input: "", want: undefined },
  { input: "11111111111", want: undefined },
];
for (const { input, want } of numbers) {
  test(`number: ${JSON.stringify(input)}`, () => assert.equal(parseNumber(input, 100), want));
}

test("words", () => {
  assert.deepEqual(parseWords("1 2"), ["1", "2"]);
  assert.deepEqual(parseWords("1 "), ["1"]);
  assert.equal(parseWords("1  2"), undefined);
  assert.equal(parseWords(""), undefined);
});

const base64: readonly { input: string; want: string | undefined }[] = [
  { input: "", want: "" },
  { input: "YQ==", want: "a" },
  { input: "YQ", want: undefined },
  { input: "YR==", want: undefined },
  { input: "YQ== ", want: undefined },
  { input: "Y Q==", want: undefined },
  { input: "_-==", want: undefined },
  { input: "YWFhYWFhYWFh", want: undefined },
];
for (const { input, want } of base64) {
  test(`base64: ${JSON.stringify(input)}`, () => assert.equal(parseBase64(input, 8)?.toString(), want));
}

test("HTTP verbs are not POP3 ones", () => {
  assert.ok(isHttpVerb("GET") && isHttpVerb("DELETE"));
  assert.ok(!isHttpVerb("DELE") && !isHttpVerb("TOP"));
});
