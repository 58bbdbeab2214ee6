import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { segmentsDirectory } from "../../src/store/blobs/segment-files.ts";
import { addAccount, delivery, mailboxNamed, rowsOf, sample } from "../../src/store/conformance/fixtures.ts";
import { openForReading } from "../../src/store/sqlite/database.ts";
import { databasePath } from "../../src/store/sqlite/layout.ts";
import { acquireServerLock } from "../../src/store/sqlite/lock.ts";
import { verify } from "../../src/store/sqlite/verify.ts";
import { SystemFlag } from "../../src/store/store.ts";
import { WriterChild } from "./child.ts";
import { openAt, temporaryDirectory } from "./engine.ts";

const ROUNDS = 5;
const DEADLINE_MS = 30_000;

async function until(what: string, met: () => boolean, child: WriterChild): Promise<void> {
  for (const end = Date.now() + DEADLINE_MS; !met();) {
    assert.ok(
      Date.now() < end && child.process.exitCode === null,
      `${what}: ${child.faults.join()} ${child.errors}`,
    );
    await sleep(5);
  }
}

/** Everything a child was told is there is there, and the store agrees with itself. */
async function checkKept(directory: string, children: readonly WriterChild[], padding = ""): Promise<void> {
  await using store = await openAt(directory);
  const account = await store.directory.accountByLogin("you@example.org");
  assert.ok(account);
  const rows = new Map(
    (await rowsOf(store, (await mailboxNamed(store, account.id)).id)).map((row) => [row.uid as number, row]),
  );
  for (const child of children) {
    for (const [uid, text] of child.accepted) {
      const row = rows.get(uid);
      assert.ok(row, `uid ${uid} was accepted and is gone`);
      const octets = await store.mail.octets(row.blob);
      assert.ok(String(octets).startsWith(`Subject: ${text}${padding}\r\n`), `uid ${uid} is another message`);
      assert.equal((await store.journal.journalFind({ key: text, since_ms: 0, limit: 2 })).length, 1);
    }
    for (const uid of child.flagged) assert.equal(rows.get(uid)?.flags.system, SystemFlag.flagged);
  }
  using db = openForReading(databasePath(directory));
  await verify(db, directory);
}

test("a process killed in the middle of commits has lost nothing it acknowledged", async () => {
  const directory = temporaryDirectory();
  const children: WriterChild[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using child = new WriterChild([directory, `round${round}`]);
    children.push(child);
    await until("the first answers", () => child.accepted.size >= 10 + 7 * round, child);
    await child.kill();
    await checkKept(directory, children);
  }
  const uids = children.flatMap((child) => [...child.accepted.keys()]);
  assert.equal(new Set(uids).size, uids.length, "a uid was given out twice");
  rmSync(directory, { recursive: true });
});

/** A tiny disk, or the reason why there is none. */
function smallDisk(t: TestContext, directory: string, size = "6m"): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory], { stdio: "pipe" });
    return true;
  } catch (error) {
    t.skip(
      `no small disk can be mounted here: ${String((error as { stderr?: unknown }).stderr ?? error).trim()}`,
    );
    return false;
  }
}

test("a full disk refuses mail, keeps what was accepted, and takes mail again when there is room", async (t) => {
  const disk = temporaryDirectory();
  if (!smallDisk(t, disk)) return;
  try {
    const directory = join(disk, "store");
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, Buffer.alloc(3 * 1024 * 1024));
    const padding = "x".repeat(20_000);
    await using child = new WriterChild([directory, "full", String(padding.length)]);
    await until("a full disk", () => child.faults.length > 0, child);
    assert.deepEqual([...new Set(child.faults)], ["full"]);
    const before = child.accepted.size;
    assert.ok(before > 0);
    rmSync(ballast);
    child.goOn();
    await until("mail again", () => child.accepted.size > before, child);
    await child.kill();
    await checkKept(directory, [child], padding);
  } finally {
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  }
});

test("a message that the disk has no room for takes none along that was written before it in the same moment", async (t) => {
  const directory = temporaryDirectory();
  const segments = segmentsDirectory(directory);
  mkdirSync(segments);
  if (!smallDisk(t, segments, "2m")) return;
  try {
    await using store = await openAt(directory);
    const account = await addAccount(store, "you@example.org");
    const send = async (text: string, size: number): Promise<string> => {
      const { octets, outline } = sample(text);
      const large = { octets: Buffer.concat([octets, Buffer.alloc(size, text)]), outline };
      const outcomes = store.mail.deliver(delivery(large, [account]));
      return await outcomes.then(([outcome]) => outcome?.kind ?? "none").catch(() => "refused");
    };
    const sent = await Promise.all([
      ...["one", "two", "three"].map((text) => send(text, 900_000)),
      send("too large", 3_000_000),
    ]);
    assert.equal(sent.at(-1), "refused");
    assert.equal(await send("small", 1), "stored");
    const rows = await rowsOf(store, (await mailboxNamed(store, account)).id);
    assert.equal(rows.length, sent.filter((kind) => kind === "stored").length + 1);
    for (const { blob, size_octets } of rows)
      assert.equal((await store.mail.octets(blob))?.length, size_octets);
    using db = openForReading(databasePath(directory));
    await verify(db, directory);
  } finally {
    execFileSync("umount", [segments]);
    rmSync(directory, { recursive: true });
  }
});

test("a file that may not grow refuses mail and loses none", async () => {
  const directory = temporaryDirectory();
  const padding = "x".repeat(20_000);
  // In blocks of 512 octets: files of 2 MB.
  await using child = new WriterChild([directory, "limit", String(padding.length)], "ulimit -f 4096");
  await until("the limit", () => child.faults.length > 0, child);
  assert.ok(child.accepted.size > 0);
  await child.kill();
  await checkKept(directory, [child], padding);
  await using more = new WriterChild([directory, "more", String(padding.length)]);
  await until("mail again", () => more.accepted.size > 10, more);
  await more.kill();
  await checkKept(directory, [child, more], padding);
  rmSync(directory, { recursive: true });
});

test("a directory of another user is refused as read-only", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("only the superuser can start a process of another user");
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "store"), { mode: 0o755 });
  chmodSync(directory, 0o755);
  await using child = new WriterChild([join(directory, "store"), "other"], ":", 65_534);
  await new Promise((resolve) => child.process.once("close", resolve));
  if (child.faults.length === 0)
    return t.skip(`the other user cannot run this program: ${child.errors.slice(0, 200)}`);
  assert.deepEqual(child.faults, ["readonly"]);
  rmSync(directory, { recursive: true });
});

test("the lock of a server in another process holds until that process has gone, however it ends", async () => {
  const directory = temporaryDirectory();
  const lock = join(dirname(fileURLToPath(import.meta.url)), "../../src/store/sqlite/lock.ts");
  const holder = `const { acquireServerLock } = await import(${JSON.stringify(lock)});
    await acquireServerLock(${JSON.stringify(directory)}); console.log("held"); setInterval(() => {}, 1000)`;
  await using stop = new AsyncDisposableStack();
  const child = spawn(process.execPath, ["--input-type=module", "-e", holder]);
  stop.defer(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await assert.rejects(acquireServerLock(directory), (error: Error & { fault?: string }) => {
    assert.equal(error.fault, "locked");
    assert.ok(error.message.endsWith(`process ${child.pid}`), error.message);
    return true;
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
  await using held = await acquireServerLock(directory);
  assert.ok(held);
  assert.equal(readFileSync(join(directory, "server.pid"), "utf8").trim(), String(process.pid));
});
