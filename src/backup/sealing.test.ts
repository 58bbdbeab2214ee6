import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { ARCHIVE_LIMITS } from "./limits.ts";
import { LENGTH_OCTETS, Opener, Sealer } from "./sealing.ts";

const KEY = randomBytes(32);
const HEADER = Buffer.from("header");
const OCTETS = randomBytes(ARCHIVE_LIMITS.chunk_octets * 3 + 10);

function sealed(): Buffer[] {
  const sealer = new Sealer(KEY, HEADER);
  const pieces = [
    ...sealer.push(OCTETS.subarray(0, 100)),
    ...sealer.push(OCTETS.subarray(100)),
    sealer.end(),
  ];
  return pieces.map((piece) => piece.subarray(LENGTH_OCTETS));
}

/** Undefined as soon as a piece is not what was written there. */
function opened(pieces: readonly Buffer[], key = KEY, header = HEADER): Buffer | undefined {
  const opener = new Opener(key, header);
  const parts = pieces.map((piece, i) => opener.open(piece, i === pieces.length - 1));
  return parts.every((part) => part !== undefined) ? Buffer.concat(parts) : undefined;
}

void test("pieces in their order are the octets", () => {
  assert.equal(sealed().length, 4);
  assert.ok(opened(sealed())?.equals(OCTETS));
  assert.equal(opened([new Sealer(KEY, HEADER).end().subarray(LENGTH_OCTETS)])?.length, 0);
});

const [a, b, c, d] = sealed() as [Buffer, Buffer, Buffer, Buffer];
const changes: readonly (readonly [name: string, pieces: readonly Buffer[]])[] = [
  ["cut off between pieces", [a, b, c]],
  ["cut off to the first", [a]],
  ["two changed places", [b, a, c, d]],
  ["one is missing", [a, c, d]],
  ["the first is missing", [b, c, d]],
  ["one stands twice", [a, a, b, c, d]],
  ["more behind the end", [a, b, c, d, d]],
  ["one is empty", [a, Buffer.alloc(0), c, d]],
];
for (const [name, pieces] of changes)
  void test(`pieces are refused: ${name}`, () => assert.ok(opened(pieces) === undefined));

void test("another key and another header open nothing", () => {
  assert.ok(opened(sealed(), randomBytes(32)) === undefined);
  assert.ok(opened(sealed(), KEY, Buffer.from("Header")) === undefined);
});
