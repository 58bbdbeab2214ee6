import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { test } from "node:test";
import { openTemporary, temporaryDirectory } from "../../../test/store/engine.ts";
import { systemClock } from "../../base/clock.ts";
import { silentLog } from "../../base/log.ts";
import { addAccount, mailboxNamed, newMessage, rowsOf, sample, value } from "../conformance/fixtures.ts";
import { segmentPath, segmentsDirectory } from "../blobs/segment-files.ts";
import { SegmentWriter } from "../blobs/segment-writer.ts";
import { openForReading, openForWriting } from "./database.ts";
import { commitGroup, type Operation } from "./group-commit.ts";
import { databasePath } from "./layout.ts";
import { makeOrRequire } from "./migrations.ts";
import { openStore } from "./open.ts";
import { removeStrayFiles } from "./sweep.ts";
import { verify } from "./verify.ts";

void test("who ends cuts off nothing that another wrote meanwhile", async () => {
  const engine = await openTemporary();
  const { store, directory } = engine;
  const account = await addAccount(store, "you@example.org");
  const { id } = await mailboxNamed(store, account);
  value(await store.mail.append(id, [newMessage(sample("before"))]));
  const command = await openStore({ directory, log: silentLog, clock: systemClock });
  await addAccount(command, "new@example.org");
  value(await store.mail.append(id, [newMessage(sample("meanwhile"))]));
  await command[Symbol.asyncDispose]();
  const rows = await rowsOf(store, id);
  const texts = await Promise.all(rows.map(({ blob }) => store.mail.octets(blob)));
  assert.deepEqual(texts, [sample("before").octets, sample("meanwhile").octets]);
  using db = openForReading(databasePath(directory));
  assert.equal((await verify(db, directory)).messages, 2);
  await engine.close();
});

/** A disk that is full until room is made. */
class FullDisk extends SegmentWriter {
  full = true;

  override sync(): void {
    if (this.full) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    super.sync();
  }
}

void test("a segment whose first write failed, and that a command took for a stray file, is made again", () => {
  const directory = temporaryDirectory();
  const path = databasePath(directory);
  try {
    using db = openForWriting(path);
    makeOrRequire(db, path);
    mkdirSync(segmentsDirectory(directory));
    using segments = new FullDisk(segmentsDirectory(directory));
    const operation: Operation = { id: 1, kind: "releaseSegments", input: "nothing", now_ms: 0 };
    assert.equal(commitGroup({ db, segments }, [operation]).results[0]?.ok, false);
    using command = openForWriting(path);
    removeStrayFiles(command, segments.directory);
    segments.full = false;
    assert.equal(commitGroup({ db, segments }, [operation]).results[0]?.ok, true);
    assert.ok(existsSync(segmentPath(segments.directory, segments.segment)), "what is written has a name");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
