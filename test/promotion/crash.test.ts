/** Whenever a promotion dies, the file is whole, the one or the other, and the next command finishes or undoes it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseConfig } from "../../src/config/parse.ts";
import { lastOutcome, openJournal, refuseSecond, writeJournal } from "../../src/promotion/machine-journal.ts";
import { keptSettings } from "../../src/promotion/machine-kept.ts";
import { promote, settle, type Tools } from "../../src/promotion/promote.ts";

const workshop = mkdtempSync(join(tmpdir(), "wachpost-promotion-"));
after(() => rmSync(workshop, { recursive: true, force: true }));

const quiet: Tools = { language: "en", told() {} };
let cases = 0;

function house(): { file: string; data: string; before: string; text: string } {
  const directory = join(workshop, String(cases++));
  const [file, data] = [join(directory, "wachpost.toml"), join(directory, "data")];
  mkdirSync(data, { recursive: true });
  const before = `hostname = "mail.example.org"\ndata = ${JSON.stringify(data)}\n`;
  writeFileSync(file, before, { mode: 0o640 });
  return { file, data, before, text: `${before}[limits]\nconnections = 77\n` };
}

function promotionIn({ file, before, text }: ReturnType<typeof house>, restart?: string) {
  const read = parseConfig(before);
  assert.ok(read.ok);
  return promote({ file, before, text, config: read.value, restart, wait_ms: 100 }, quiet);
}

const CHANGING = [
  "openSync",
  "writeFileSync",
  "fsyncSync",
  "renameSync",
  "rmSync",
  "linkSync",
  "closeSync",
] as const;
class Killed extends Error {}

/** Like `kill -9` at the nth change to the disk: it does not happen, or by half, and nothing after it does. */
async function killedAt(n: number, work: () => Promise<unknown>): Promise<boolean> {
  const real = { ...fs };
  const disk = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  let changes = 0;
  for (const name of CHANGING)
    disk[name] = (...args: unknown[]) => {
      if (++changes > n && name !== "closeSync") {
        // Of what was being written some octets are on the disk.
        if (changes === n + 1 && name === "writeFileSync")
          real.writeFileSync(args[0] as number, String(args[1]).slice(0, 20));
        throw new Killed();
      }
      return (real[name] as unknown as (...args: unknown[]) => unknown)(...args);
    };
  syncBuiltinESMExports();
  try {
    await work();
    return false;
  } catch (error) {
    if (changes <= n) throw error;
    return true;
  } finally {
    for (const name of CHANGING) disk[name] = real[name] as (...args: unknown[]) => unknown;
    syncBuiltinESMExports();
  }
}

/** What a server would have read that was started by the command; its start fails. */
const taken = ({ data }: { readonly data: string }): string => join(data, "taken");

for (const [name, isRestarted] of [
  ["a promotion", false],
  ["one that is rolled back", true],
] as const)
  test(`${name}, killed before each change to the disk`, async () => {
    const seen = new Set<string>();
    for (let n = 0, killed = true; killed; n++) {
      const place = house();
      const restart = isRestarted ? `cp ${place.file} ${taken(place)}; exit 1` : undefined;
      killed = await killedAt(n, () => promotionIn(place, restart));
      const there = readFileSync(place.file, "utf8");
      assert.ok(there === place.before || there === place.text, `neither old nor new after ${n}`);
      const isOpen = openJournal(place.data) !== undefined;
      if (there === place.text)
        assert.ok(isOpen || lastOutcome(place.data)?.result === "promoted", `forgotten after ${n}`);
      const settled = await settle(place.data, quiet);
      assert.equal(settled !== undefined, isOpen);
      assert.equal(openJournal(place.data), undefined);
      const result = settled?.result ?? lastOutcome(place.data)?.result ?? "nothing";
      seen.add(result);
      const now = readFileSync(place.file, "utf8");
      assert.equal(now, result === "promoted" ? place.text : place.before, `${result} after ${n}`);
      assert.equal(statSync(place.file).mode & 0o777, 0o640);
      if (existsSync(taken(place)))
        assert.equal(readFileSync(taken(place), "utf8"), now, `server after ${n}`);
      // Nothing stands in the way of the next one.
      if (result !== "promoted") assert.equal((await promotionIn(place)).result, "promoted");
      assert.equal(keptSettings(place.data)[0]?.text, place.before);
    }
    const last = isRestarted ? "rolled-back" : "promoted";
    assert.deepEqual([...seen].toSorted(), ["abandoned", "nothing", last].toSorted());
  });

test("who changed the file after it was interrupted keeps his change", async () => {
  const place = house();
  let n = 0;
  while (openJournal(place.data) === undefined) assert.ok(await killedAt(n++, () => promotionIn(place)));
  writeFileSync(place.file, `${place.before}# mine\n`);
  const settled = await settle(place.data, quiet);
  assert.equal(settled?.result, "abandoned");
  assert.match(settled?.reason ?? "", /changed by somebody/);
  assert.match(readFileSync(place.file, "utf8"), /# mine/);
});

test("one at a time, and nothing that somebody wrote meanwhile is lost", async () => {
  const place = house();
  let n = 0;
  while (openJournal(place.data) === undefined) assert.ok(await killedAt(n++, () => promotionIn(place)));
  const open = openJournal(place.data);
  assert.ok(open);
  const other = spawn("/bin/sleep", ["60"], { argv0: "wachpost" });
  try {
    await once(other, "spawn");
    writeJournal(place.data, { ...open, pid: other.pid ?? 0 });
    await assert.rejects(promotionIn(place), { code: "promotion-under-way" });
    assert.throws(() => refuseSecond(place.data), { code: "promotion-under-way" });
    assert.equal(await settle(place.data, quiet), undefined);
  } finally {
    other.kill();
    await once(other, "exit");
  }
  assert.equal((await settle(place.data, quiet))?.result, "abandoned");
  writeFileSync(place.file, `${place.before}# mine\n`);
  await assert.rejects(promotionIn(place), { code: "config-changed" });
  assert.match(readFileSync(place.file, "utf8"), /# mine/);
});

test("the last ten are kept, for their owner alone; others' files are not believed", async () => {
  const place = house();
  let before = place.before;
  for (let i = 1; i <= 12; i++) {
    const text = `${place.before}[limits]\nconnections = ${100 + i}\n`;
    assert.equal((await promotionIn({ ...place, before, text })).result, "promoted");
    before = text;
  }
  const kept = keptSettings(place.data);
  assert.deepEqual(
    kept.map(({ number }) => number),
    [12, 11, 10, 9, 8, 7, 6, 5, 4, 3],
  );
  for (const { file } of kept) assert.equal(statSync(file).mode & 0o777, 0o600);
  const [newest] = kept;
  assert.ok(newest);
  rmSync(newest.file);
  fs.symlinkSync("/etc/passwd", newest.file);
  assert.equal(keptSettings(place.data)[0]?.number, 11);
});
