import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProxyHeader } from "./proxy-protocol.ts";

const v2 = (command: number, family: number, body: number[]): Buffer =>
  Buffer.concat([
    Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1"),
    Buffer.from([0x20 | command, family, body.length >> 8, body.length & 0xff, ...body]),
  ]);
const IPV4_BODY = [192, 0, 2, 7, 127, 0, 0, 1, 0xc0, 0x00, 0x00, 0x19];
const IPV6_BODY = [
  0x20,
  1,
  0xd,
  0xb8,
  ...Array<number>(11).fill(0),
  7,
  ...Array<number>(15).fill(0),
  1,
  0xc0,
  0,
  0,
  25,
];

const cases = [
  {
    name: "v1 TCP4",
    input: Buffer.from("PROXY TCP4 192.0.2.7 127.0.0.1 49152 25\r\nEHLO"),
    want: "192.0.2.7:49152>127.0.0.1:25",
  },
  {
    name: "v1 TCP6",
    input: Buffer.from("PROXY TCP6 2001:db8::7 ::1 49152 25\r\n"),
    want: "2001:db8::7:49152>::1:25",
  },
  { name: "v1 UNKNOWN", input: Buffer.from("PROXY UNKNOWN ff ff\r\n"), want: "local" },
  { name: "v1 bad port", input: Buffer.from("PROXY TCP4 192.0.2.7 127.0.0.1 70000 25\r\n"), want: "invalid" },
  {
    name: "v1 bad address",
    input: Buffer.from("PROXY TCP4 192.0.2.777 127.0.0.1 1 25\r\n"),
    want: "invalid",
  },
  {
    name: "v1 one word too many",
    input: Buffer.from("PROXY TCP4 192.0.2.7 127.0.0.1 1 25 x\r\n"),
    want: "invalid",
  },
  { name: "v1 without end", input: Buffer.from(`PROXY TCP4 ${"1".repeat(200)}`), want: "invalid" },
  { name: "no header at all", input: Buffer.from("EHLO me\r\n"), want: "invalid" },
  { name: "v2 TCP4", input: v2(1, 0x11, IPV4_BODY), want: "192.0.2.7:49152>127.0.0.1:25" },
  { name: "v2 TCP6", input: v2(1, 0x21, IPV6_BODY), want: "2001:db8::7:49152>::1:25" },
  { name: "v2 LOCAL", input: v2(0, 0, []), want: "local" },
  { name: "v2 unknown command", input: v2(2, 0x11, IPV4_BODY), want: "invalid" },
  { name: "v2 short body", input: v2(1, 0x11, [1, 2, 3]), want: "invalid" },
];

function show(input: Buffer): string {
  const parsed = parseProxyHeader(input);
  if (parsed.kind !== "header") return parsed.kind;
  if (parsed.header.kind === "local") return "local";
  const { source, destination } = parsed.header;
  return `${source.address.text}:${source.port}>${destination.address.text}:${destination.port}`;
}

for (const { name, input, want } of cases) test(name, () => assert.equal(show(input), want));

test("every proper prefix of a good header is incomplete", () => {
  for (const { input, want } of cases) {
    if (want === "invalid") continue;
    const parsed = parseProxyHeader(input);
    const length = parsed.kind === "header" ? parsed.length : 0;
    for (let end = 0; end < length; end++)
      assert.equal(show(input.subarray(0, end)), "incomplete", `${end} octets`);
  }
});
