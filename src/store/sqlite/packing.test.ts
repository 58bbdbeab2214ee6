import assert from "node:assert/strict";
import { test } from "node:test";
import { scan } from "../../message/mime.ts";
import type { PackedNewMessage } from "./operations.ts";
import { Packing, SharedBuffer } from "./packing.ts";

const texts = (count: number, size: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => Buffer.alloc(size, `Subject: ${i}\r\n\r\n`));

function packed(
  shared: SharedBuffer,
  octets: Buffer,
): { message: PackedNewMessage; transfer: ArrayBuffer[] } {
  const packing = new Packing(shared);
  const flags = { system: 0, keywords: [] };
  const source = { kind: "octets", octets } as const;
  const message = packing.newMessage({ source, outline: scan(octets), flags, internalDate_ms: 0 });
  return { message, transfer: packing.transfer };
}

/** What arrives in the other thread, in the order of sending. */
function crossed(all: readonly ReturnType<typeof packed>[]): Buffer[] {
  const transfer = [...new Set(all.flatMap((one) => one.transfer))];
  const messages = structuredClone(
    all.map(({ message }) => message),
    { transfer },
  );
  return messages.map(({ message: { source } }) => {
    assert.equal(source.kind, "octets");
    return Buffer.from(source.kind === "octets" ? source.octets : []);
  });
}

void test("small messages share a buffer, larger ones have their own, and all arrive as they were", () => {
  const shared = new SharedBuffer();
  const sent = [...texts(20, 4_000), ...texts(2, 100_000), ...texts(3, 10), Buffer.alloc(0)];
  const all = sent.map((octets) => packed(shared, octets));
  assert.ok(new Set(all.flatMap(({ transfer }) => transfer)).size < 8);
  assert.deepEqual(crossed(all), sent);
});

void test("what was handed over is left alone: the next message begins a new buffer", () => {
  const shared = new SharedBuffer();
  const [first, second] = texts(2, 500) as [Buffer, Buffer];
  assert.deepEqual(crossed([packed(shared, first)]), [first]);
  assert.deepEqual(crossed([packed(shared, second)]), [second]);
});

void test("the octets of the caller stay his own", () => {
  const [octets] = texts(1, 500) as [Buffer];
  const before = Buffer.from(octets);
  crossed([packed(new SharedBuffer(), octets)]);
  assert.deepEqual(octets, before);
});
