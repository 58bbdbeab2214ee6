import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { processorTime_ms } from "../../test/simulate/processor-time.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { DataReader } from "./data-reader.ts";

type Outcome = { readonly body: string; readonly rest: string; readonly fault: string | undefined };

/** Feeds the octets cut at the given places; body counts only where there is no fault. */
function read(input: Buffer, cuts: readonly number[], line_max = 100): Outcome {
  const reader = new DataReader(line_max);
  const body: Buffer[] = [];
  let from = 0;
  for (const to of [...cuts, input.length]) {
    const chunk = input.subarray(from, to);
    const part = reader.push(chunk);
    body.push(...part.body);
    if (part.done) {
      const rest = input.toString("latin1", from + part.used);
      const { fault } = reader;
      return { body: fault === undefined ? Buffer.concat(body).toString("latin1") : "", rest, fault };
    }
    from = to;
  }
  return { body: Buffer.concat(body).toString("latin1"), rest: "no end", fault: reader.fault };
}

const cases: readonly { name: string; input: string; want: Partial<Outcome> }[] = [
  { name: "empty", input: ".\r\nQUIT\r\n", want: { body: "", rest: "QUIT\r\n" } },
  { name: "two lines", input: "a\r\nb\r\n.\r\n", want: { body: "a\r\nb\r\n" } },
  {
    name: "stuffed dots",
    input: "..\r\n..a\r\n.b\r\n...\r\n.\r\n",
    want: { body: ".\r\n.a\r\nb\r\n..\r\n" },
  },
  { name: "dots inside", input: "a.\r\n a . b\r\n.\r\n", want: { body: "a.\r\n a . b\r\n" } },
  { name: "only line ends", input: "\r\n\r\n\r\n.\r\n", want: { body: "\r\n\r\n\r\n" } },
  { name: "eight bit", input: "\xe4\xff\r\n.\r\n", want: { body: "\xe4\xff\r\n" } },
  { name: "commands behind", input: "x\r\n.\r\nMAIL\0\n\r", want: { body: "x\r\n", rest: "MAIL\0\n\r" } },
  { name: "LF . LF", input: "x\n.\nMAIL\r\n.\r\n", want: { fault: "bare-lf", rest: "" } },
  { name: "LF . CRLF", input: "x\n.\r\nMAIL\r\n.\r\n", want: { fault: "bare-lf", rest: "" } },
  { name: "CRLF . LF", input: "x\r\n.\nMAIL\r\n.\r\n", want: { fault: "bare-lf", rest: "" } },
  { name: "CR . CR", input: "x\r.\rMAIL\r\n.\r\n", want: { fault: "bare-cr", rest: "" } },
  { name: "CRLF . CR", input: "x\r\n.\rMAIL\r\n.\r\n", want: { fault: "bare-cr", rest: "" } },
  { name: "CR . CRLF", input: "x\r.\r\nMAIL\r\n.\r\n", want: { fault: "bare-cr", rest: "" } },
  { name: "LF . CR", input: "x\n.\rMAIL\r\n.\r\n", want: { fault: "bare-lf", rest: "" } },
  { name: "CRLF . CR CRLF", input: "x\r\n.\r\r\nMAIL\r\n.\r\n", want: { fault: "bare-cr", rest: "" } },
  { name: "CRLF NUL . CRLF", input: "x\r\n\0.\r\nMAIL\r\n.\r\n", want: { fault: "nul", rest: "" } },
  { name: "CR CRLF . CRLF is an end", input: "x\r\r\n.\r\nMAIL", want: { fault: "bare-cr", rest: "MAIL" } },
  { name: "several faults", input: "a\0\rb\n\r\n.\r\n", want: { fault: "bare-lf" } },
  { name: "CR CR CR", input: "\r\r\r\n.\r\n", want: { fault: "bare-cr" } },
  { name: "dot then line too long", input: `.${"x".repeat(101)}\r\n.\r\n`, want: { fault: "line-too-long" } },
  { name: "line just fits", input: `${"x".repeat(100)}\r\n.\r\n`, want: { body: `${"x".repeat(100)}\r\n` } },
  {
    name: "stuffed line just fits",
    input: `.${"x".repeat(100)}\r\n.\r\n`,
    want: { body: `${"x".repeat(100)}\r\n` },
  },
  { name: "line too long", input: `${"x".repeat(101)}\r\na\r\n.\r\n`, want: { fault: "line-too-long" } },
];

describe("DataReader", () => {
  for (const { name, input, want } of cases) {
    const octets = Buffer.from(input, "latin1");
    const whole = { fault: undefined, body: "", rest: "", ...want };
    test(name, () => assert.deepEqual(read(octets, []), whole));
    test(`${name}, cut at every place`, () => {
      for (let a = 0; a <= octets.length; a++) {
        for (let b = a; b <= Math.min(octets.length, a + 4); b++)
          assert.deepEqual(read(octets, [a, b]), whole, `${a} ${b}`);
      }
    });
    test(`${name}, octet by octet`, () => {
      const everywhere = Array.from({ length: octets.length }, (_, i) => i);
      assert.deepEqual(read(octets, everywhere), whole);
    });
  }
});

test("a body is passed on as parts of the chunk, not as copies", () => {
  const chunk = Buffer.from("Subject: x\r\n\r\nbody\r\n..dot\r\n.\r\n");
  const { body } = new DataReader(1000).push(chunk);
  assert.ok(body.every((part) => part.buffer === chunk.buffer));
  assert.equal(body.length, 2);
});

test("a hostile chunk is read in linear time", () => {
  for (const unit of ["\n", "\r", "\r\r\n", ".", ".\r", "\r\n.", "\n.\n"]) {
    const input = Buffer.from(unit.repeat(300_000));
    const took_ms = processorTime_ms(() => new DataReader(100).push(input));
    assert.ok(took_ms < 2_000, `${JSON.stringify(unit)} took ${took_ms} ms`);
  }
});

describe("ChunkReader", () => {
  const chunks: readonly { input: string; want: string | undefined }[] = [
    { input: "a\r\n.\r\nb\r\n", want: undefined },
    { input: "no line end", want: undefined },
    { input: "a\nb", want: "bare-lf" },
    { input: "a\rb", want: "bare-cr" },
    { input: "a\r", want: "bare-cr" },
    { input: "a\0", want: "nul" },
    { input: "x".repeat(101), want: "line-too-long" },
  ];
  for (const { input, want } of chunks) {
    test(JSON.stringify(input).slice(0, 30), () => {
      for (let cut = 0; cut <= input.length; cut++) {
        const reader = new ChunkReader(100);
        reader.push(Buffer.from(input.slice(0, cut)));
        reader.push(Buffer.from(input.slice(cut)));
        reader.end();
        assert.equal(reader.fault, want, `cut at ${cut}`);
      }
    });
  }
});
