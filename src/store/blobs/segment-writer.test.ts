import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { segmentPath } from "./segment-files.ts";
import { SegmentWriter } from "./segment-writer.ts";

const size = (directory: string, segment: number): number => statSync(segmentPath(directory, segment)).size;

void test("a segment is longer than its octets while it is written, and as long as they are afterwards", () => {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-segment-"));
  try {
    const writer = new SegmentWriter(directory);
    writer.begin(1, 0, 1);
    writer.append(Buffer.from("first"));
    writer.sync();
    const grown = size(directory, 1);
    assert.ok(grown > 100_000);
    writer.begin(1, 5, 1);
    writer.append(Buffer.from(" second"));
    writer.sync();
    assert.equal(size(directory, 1), grown, "no sync has a new size to tell of");
    writer.cutOff(12);
    writer.begin(2, 0, 1);
    assert.equal(readFileSync(segmentPath(directory, 1), "utf8"), "first second");
    writer.append(Buffer.from("third"));
    writer.sync();
    writer.cutOff(5);
    writer[Symbol.dispose]();
    assert.equal(readFileSync(segmentPath(directory, 2), "utf8"), "third");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

void test("a killed writer's zeros are written over, and nothing before them is touched", () => {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-segment-"));
  try {
    const killed = new SegmentWriter(directory);
    killed.begin(1, 0, 1);
    killed.append(Buffer.from("kept, not committed"));
    killed.sync();
    using next = new SegmentWriter(directory);
    next.begin(1, 4, 1);
    next.append(Buffer.from("!"));
    next.sync();
    next.cutOff(5);
    assert.equal(readFileSync(segmentPath(directory, 1), "utf8"), "kept!");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
