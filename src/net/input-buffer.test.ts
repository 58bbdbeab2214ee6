import assert from "node:assert/strict";
import { test } from "node:test";
import { InputBuffer } from "./input-buffer.ts";

const LINE_MAX = 10;

function linesOf(octets: Buffer, chunkSize: number): string[] {
  const input = new InputBuffer();
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += chunkSize) {
    input.push(octets.subarray(at, at + chunkSize));
    for (let line = input.takeLine(LINE_MAX); line !== undefined; line = input.takeLine(LINE_MAX)) {
      lines.push(
        line.kind === "too-long"
          ? "<too long>"
          : `${line.octets.toString("latin1")}${line.bareLf ? "|LF" : ""}`,
      );
    }
  }
  return lines;
}

const cases = [
  { name: "CRLF lines", input: "a\r\nbc\r\n\r\n", want: ["a", "bc", ""] },
  { name: "bare LF is told apart", input: "a\nb\r\n", want: ["a|LF", "b"] },
  { name: "a CR inside stays", input: "a\rb\r\n", want: ["a\rb"] },
  { name: "exactly the limit", input: "0123456789\r\n", want: ["0123456789"] },
  {
    name: "one over the limit, then the next line",
    input: "0123456789A\r\nok\r\n",
    want: ["<too long>", "ok"],
  },
  { name: "far over the limit", input: `${"x".repeat(5000)}\r\nok\r\n`, want: ["<too long>", "ok"] },
  { name: "no end, no line", input: "abc", want: [] },
];

for (const { name, input, want } of cases) {
  test(`${name}, in chunks of every size`, () => {
    const octets = Buffer.from(input, "latin1");
    for (let size = 1; size <= Math.min(octets.length, 40); size++) {
      assert.deepEqual(linesOf(octets, size), want, `chunks of ${size}`);
    }
  });
}

test("a line without end keeps memory flat", () => {
  const input = new InputBuffer();
  for (let i = 0; i < 1000; i++) {
    input.push(Buffer.alloc(10_000, 0x78));
    assert.equal(input.takeLine(LINE_MAX), undefined);
  }
  assert.ok(input.length <= 10_000 + LINE_MAX + 1, `${input.length} octets kept`);
});

test("unshift puts octets back in front", () => {
  const input = new InputBuffer();
  input.push(Buffer.from("world\r\n"));
  input.unshift(Buffer.from("o "));
  const line = input.takeLine(LINE_MAX);
  assert.equal(line?.kind === "line" && line.octets.toString(), "o world");
});
