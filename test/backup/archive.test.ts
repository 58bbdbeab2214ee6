/** Archives: what goes in comes out; one octet changed anywhere, or cut off, and nothing does. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { extractEntry, readArchive, writeArchive, type ArchiveInput } from "../../src/backup/archive-file.ts";
import { newKeyText, parseKey, type ArchiveSecret } from "../../src/backup/archive-key.ts";
import { ARCHIVE_LIMITS } from "../../src/backup/limits.ts";
import { nameAt, outdated, parseName } from "../../src/backup/retention.ts";
import { Secret } from "../../src/base/secret.ts";

const workshop = mkdtempSync(join(tmpdir(), "wachpost-archive-"));
after(() => rmSync(workshop, { recursive: true }));
let files = 0;
const fresh = (): string => join(workshop, `f${files++}`);

const newKey = (): ArchiveSecret => ({ kind: "key", key: parseKey(newKeyText()) ?? assert.fail() });
const KEY = newKey();
const words = (text: string): ArchiveSecret => ({ kind: "passphrase", passphrase: new Secret(text) });

function inputs(sizes: readonly number[]): ArchiveInput[] {
  return sizes.map((octets, i) => {
    const path = fresh();
    // What has been added since the moment of the backup stays out.
    writeFileSync(path, Buffer.concat([randomBytes(octets), Buffer.from("later")]));
    return { name: `d${i}/file`, mode: 0o600, path, octets };
  });
}

async function contents(path: string, secret: ArchiveSecret): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const entry of readArchive(path, secret)) {
    const parts: Buffer[] = [];
    for await (const part of entry.read()) parts.push(part);
    found.set(entry.name, Buffer.concat(parts));
  }
  return found;
}

const CHUNK = ARCHIVE_LIMITS.chunk_octets;
void test("files of any size come back octet for octet", async () => {
  for (const sizes of [[], [0], [1, 0, 7], [CHUNK - 40, 3], [CHUNK, CHUNK * 2 + 1, 5]]) {
    const path = fresh();
    const put = inputs(sizes);
    await writeArchive(path, new Date(), KEY, Buffer.from("{}"), put);
    const found = await contents(path, KEY);
    assert.equal(found.size, sizes.length + 1);
    for (const { name, path: source, octets } of put)
      assert.ok(found.get(name)?.equals(readFileSync(source).subarray(0, octets)), name);
    assert.equal(readFileSync(path).includes("d0/file"), false, "names are sealed, too");
  }
});

void test("a passphrase opens what it sealed, another one and a key do not", async () => {
  const path = fresh();
  await writeArchive(path, new Date(), words("six words that nobody would guess"), Buffer.from("{}"), []);
  assert.equal((await contents(path, words("six words that nobody would guess"))).size, 1);
  await assert.rejects(contents(path, words("six words that nobody could guess")), {
    code: "backup-damaged",
  });
  await assert.rejects(contents(path, KEY), /sealed with a passphrase/);
  const other = fresh();
  await writeArchive(other, new Date(), KEY, Buffer.from("{}"), []);
  await assert.rejects(contents(other, newKey()), /sealed with another key \(its id is [0-9a-f]{16}/);
  await assert.rejects(contents(other, words("six words that nobody would guess")), /sealed with a key file/);
});

void test("damage anywhere is found out: every region changed, cut, swapped, lengthened", async () => {
  const path = fresh();
  await writeArchive(path, new Date(), KEY, Buffer.from('{"a":1}'), inputs([CHUNK * 2, 300]));
  const whole = readFileSync(path);
  const headerEnd = whole.indexOf(10, 20) + 1;
  const spoilt: Buffer[] = [];
  const change = (at: number): void => {
    const copy = Buffer.from(whole);
    copy[at] = (copy[at] ?? 0) ^ 1;
    spoilt.push(copy);
  };
  for (let at = 0; at < headerEnd; at++) change(at);
  for (let at = headerEnd; at < whole.length; at += Math.max(1, Math.floor(whole.length / 200))) change(at);
  for (let i = 1; i <= 40; i++) spoilt.push(whole.subarray(0, Math.floor((whole.length * i) / 41)));
  spoilt.push(whole.subarray(0, headerEnd), Buffer.alloc(0), Buffer.concat([whole, Buffer.from([0])]));
  const piece = 4 + CHUNK + 16;
  const [first, second] = [headerEnd, headerEnd + piece].map((at) => whole.subarray(at, at + piece));
  const rest = whole.subarray(headerEnd + 2 * piece);
  assert.ok(first && second && rest.length > 20);
  const head = whole.subarray(0, headerEnd);
  spoilt.push(Buffer.concat([head, second, first, rest]));
  spoilt.push(Buffer.concat([head, first, rest]), Buffer.concat([head, first, second]));
  assert.ok(spoilt.length > 200);
  const copy = fresh();
  for (const [i, octets] of spoilt.entries()) {
    writeFileSync(copy, octets);
    await assert.rejects(contents(copy, KEY), /The archive .*(damaged|cannot be opened)/, `case ${i}`);
  }
  writeFileSync(copy, whole);
  assert.equal((await contents(copy, KEY)).size, 3);
});

void test("a name that leads out of the directory is refused", async () => {
  for (const name of ["../x", "a/../../x", "/etc/x", "", "a//b"]) {
    const path = fresh();
    await writeArchive(path, new Date(), KEY, Buffer.from("{}"), [
      { name, mode: 0o600, octets: 0, path: "" },
    ]);
    await assert.rejects(async () => {
      for await (const entry of readArchive(path, KEY)) await extractEntry(entry, fresh());
    }, /an entry has no head/);
  }
});

const DAY_MS = 86_400_000;
void test("retention: the newest of each day, week and month; never the last one, never a stranger's file", () => {
  const start = Date.UTC(2026, 0, 1, 3);
  const daily = Array.from({ length: 365 }, (_, i) => nameAt(start + i * DAY_MS));
  const twice = daily.map((_, i) => nameAt(start + i * DAY_MS + 3_600_000));
  const archives = [...daily, ...twice].map((name) => parseName(name) ?? assert.fail());
  const gone = new Set(outdated(archives, { daily: 7, weekly: 4, monthly: 6 }));
  const kept = archives.filter((archive) => !gone.has(archive)).map(({ name }) => name.slice(9, 24));
  assert.deepEqual(kept.sort(), [
    "20260731T040000",
    "20260831T040000",
    "20260930T040000",
    "20261031T040000",
    "20261130T040000",
    "20261213T040000",
    "20261220T040000",
    "20261225T040000",
    "20261226T040000",
    "20261227T040000",
    "20261228T040000",
    "20261229T040000",
    "20261230T040000",
    "20261231T040000",
  ]);
  const none = { daily: 0, weekly: 0, monthly: 0 };
  assert.equal(outdated(archives, none).length, archives.length - 1);
  assert.deepEqual(outdated([], none), []);
  for (const name of ["other.txt", "wachpost-20260101T030000Z.backup.partial", "wachpost-1.backup"])
    assert.equal(parseName(name), undefined);
});
