import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { packBody, unpackBody, unpackKeys } from "./journal-rows.ts";

const keys = ["a@example.org", "192.0.2.1", 'with "quotes" and\nline feeds', "ü"];

for (const octets of [0, 10, 1_400, 1_500, 1_600, 100_000])
  test(`a body of ${octets} octets comes back with its keys`, () => {
    const body = JSON.stringify({ text: "ä\n".repeat(octets / 3) });
    const packed = packBody(keys, body);
    assert.deepEqual(unpackBody(packed), { keys, body });
    assert.deepEqual(unpackKeys(packed), keys);
    assert.ok(octets < 10_000 || packed.length < octets / 10, `${packed.length}`);
  });

test("keys are read without the body: it may be damaged", () => {
  const packed = packBody(keys, "x".repeat(5_000));
  packed.fill(0xff, packed.length - 10);
  assert.deepEqual(unpackKeys(packed), keys);
  assert.throws(() => unpackBody(packed));
});

test("rows written with the keys inside of what is deflated are read", () => {
  const body = "x".repeat(5_000);
  const old = Buffer.concat([Buffer.of(1), deflateRawSync(`${JSON.stringify(keys)}\n${body}`)]);
  assert.deepEqual(unpackBody(old), { keys, body });
  assert.deepEqual(unpackKeys(old), keys);
});
