import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Spool } from "./spool.ts";

const HEAD = Buffer.from("Return-Path: <>\r\n");

test("pieces of all sizes come out as they went in, in memory and beyond it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-spool-"));
  try {
    for (const total of [10_000, 400_000]) {
      const message = new Spool(directory, 1024 * 1024).start(HEAD);
      const given: Buffer[] = [HEAD];
      for (let size = 0, i = 0; size < total; i++) {
        const piece = Buffer.alloc([1, 4095, 4096, 2, 5000, 0, 3000][i % 7] ?? 1, i);
        given.push(Buffer.from(piece));
        await message.write(piece);
        piece.fill(0xff);
        size += piece.length;
      }
      assert.ok((await message.whole()).octets.equals(Buffer.concat(given)), `${total}`);
      await message.discard();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
