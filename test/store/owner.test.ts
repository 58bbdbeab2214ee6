/** An operator works as root beside a server that is not root: what he leaves must not be in its way. */
import assert from "node:assert/strict";
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { recordBackup } from "../../src/backup/state.ts";
import { withScratch } from "../../src/backup/workplace.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { giveToOwner } from "../../src/base/owner.ts";
import { ImportRecord } from "../../src/moving/import-record.ts";
import { openStore } from "../../src/store/sqlite/open.ts";

const NOBODY = 65_534;
const notRoot = process.getuid?.() === 0 ? false : "only root can give files away";
const workshop = mkdtempSync(join(tmpdir(), "wachpost-owner-"));
after(() => rmSync(workshop, { recursive: true }));

function dataOf(name: string): string {
  const data = join(workshop, name);
  mkdirSync(data);
  chownSync(data, NOBODY, NOBODY);
  return data;
}

void test("whatever root makes in the data directory belongs to its owner", { skip: notRoot }, async () => {
  const data = dataOf("data");
  {
    await using store = await openStore({
      directory: join(data, "store"),
      log: silentLog,
      clock: systemClock,
    });
    await store.directory.addDomain("example.org");
    await using _record = await ImportRecord.open(data, "maildir /x", "anna@example.org");
    await withScratch(data, "staging", async (scratch) => assert.equal(lstatSync(scratch).uid, NOBODY));
    recordBackup(data, { at: 1, file: "x", octets: 1 });
    const all = readdirSync(data, { recursive: true }).map(String);
    assert.ok(all.includes("store/segments/1.seg") && all.includes("backup-state.json"), all.join(" "));
    assert.deepEqual(
      all.filter((name) => lstatSync(join(data, name)).uid !== NOBODY),
      [],
    );
  }
});

void test("nothing is given away through a link, nor a file that has another name", { skip: notRoot }, () => {
  const data = dataOf("hostile");
  const secret = join(workshop, "secret");
  writeFileSync(secret, "of root");
  symlinkSync(secret, join(data, "link"));
  assert.throws(() => giveToOwner(join(data, "link")), /ELOOP/);
  symlinkSync(secret, join(data, "backup-state.json.new"));
  recordBackup(data, { at: 1, file: "x", octets: 1 });
  assert.equal(lstatSync(secret).uid, 0);
  assert.equal(lstatSync(secret).size, 7);
});
