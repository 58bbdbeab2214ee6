/**
 * Where should message bytes live? Measures three candidates behind the same group-committing writer thread:
 * rows in a separate SQLite file, append-only segment files with compaction, one file per message.
 * `node test/bench/store-blobs.ts`; under a minute; one table on standard output. The result is decision 0001.
 */
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, backup } from "node:sqlite";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

const CANDIDATES = ["sqlite", "segment", "file"] as const;
type Candidate = (typeof CANDIDATES)[number];
const SIZES_OCTETS = [4096, 51_200] as const;
const IN_FLIGHT = [1, 20, 100] as const;
const ACCEPT_MS = 900;
const READ_MS = 400;
const SEGMENT_OCTETS = 16 * 1024 * 1024;

/** `commit` returns after the bytes are on stable storage. */
type Bytes = {
  put(number: number, octets: Uint8Array): string;
  commit(): void;
  remove(places: readonly Place[]): void;
  backup(directory: string): Promise<void>;
};
type Place = { readonly number: number; readonly place: string };
type Read = (row: Place) => number;

function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.exec("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  return db;
}

function sqliteBytes(directory: string): Bytes {
  const db = openDatabase(join(directory, "bytes.db"));
  db.exec("CREATE TABLE piece (number INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT");
  const insert = db.prepare("INSERT INTO piece VALUES (?, ?)");
  const remove = db.prepare("DELETE FROM piece WHERE number = ?");
  let open = false;
  const begin = (): void => {
    if (!open) db.exec("BEGIN IMMEDIATE");
    open = true;
  };
  const commit = (): void => {
    if (open) db.exec("COMMIT");
    open = false;
  };
  return {
    put(number, octets) {
      begin();
      insert.run(number, octets);
      return "";
    },
    commit,
    remove(places) {
      begin();
      for (const { number } of places) remove.run(number);
      commit();
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    },
    async backup(target) {
      await backup(db, join(target, "bytes.db"), { rate: 1000 });
    },
  };
}

function segmentBytes(directory: string): Bytes {
  let segment = 0;
  let offset = 0;
  let pending: Uint8Array[] = [];
  let fd = fs.openSync(join(directory, "0.seg"), "w");
  const roll = (): void => {
    fs.closeSync(fd);
    segment++;
    offset = 0;
    fd = fs.openSync(join(directory, `${segment}.seg`), "w");
  };
  const put = (_number: number, octets: Uint8Array): string => {
    const place = `${segment}:${offset}:${octets.length}`;
    pending.push(octets);
    offset += octets.length;
    return place;
  };
  const commit = (): void => {
    if (pending.length > 0) fs.writevSync(fd, pending);
    pending = [];
    fs.fdatasyncSync(fd);
    if (offset > SEGMENT_OCTETS) roll();
  };
  return {
    put,
    commit,
    /** Compaction: what lives in a segment is copied to the end, then the segment goes. */
    remove(places) {
      const dead = new Set(places.map(({ place }) => place));
      const old = segment;
      roll();
      for (let s = 0; s <= old; s++) {
        const octets = fs.readFileSync(join(directory, `${s}.seg`));
        const size = Number(places[0]?.place.split(":")[2] ?? 1);
        for (let at = 0; at < octets.length; at += size) {
          if (!dead.has(`${s}:${at}:${size}`)) put(0, octets.subarray(at, at + size));
        }
        commit();
        fs.unlinkSync(join(directory, `${s}.seg`));
      }
    },
    async backup(target) {
      for (const name of fs.readdirSync(directory)) {
        if (name.endsWith(".seg")) await fs.promises.copyFile(join(directory, name), join(target, name));
      }
    },
  };
}

function fileBytes(directory: string): Bytes {
  const path = (number: number): string => join(directory, String(number % 256), String(number));
  const touched = new Set<string>();
  const fresh: number[] = [];
  for (let i = 0; i < 256; i++) fs.mkdirSync(join(directory, String(i)));
  return {
    put(number, octets) {
      const fd = fs.openSync(path(number), "w");
      fs.writeSync(fd, octets);
      fresh.push(fd);
      touched.add(join(directory, String(number % 256)));
      return "";
    },
    commit() {
      for (const fd of fresh.splice(0)) {
        fs.fdatasyncSync(fd);
        fs.closeSync(fd);
      }
      for (const name of touched) {
        const fd = fs.openSync(name, "r");
        fs.fsyncSync(fd);
        fs.closeSync(fd);
      }
      touched.clear();
    },
    remove(places) {
      for (const { number } of places) fs.unlinkSync(path(number));
    },
    async backup(target) {
      await fs.promises.cp(directory, target, { recursive: true, filter: (name) => !/\.db/.test(name) });
    },
  };
}

const OPEN: Record<Candidate, (directory: string) => Bytes> = {
  sqlite: sqliteBytes,
  segment: segmentBytes,
  file: fileBytes,
};

function reader(candidate: Candidate, directory: string): Read {
  if (candidate === "sqlite") {
    const db = new DatabaseSync(join(directory, "bytes.db"), { readOnly: true });
    const get = db.prepare("SELECT octets FROM piece WHERE number = ?");
    return ({ number }) => (get.get(number) as { octets: Uint8Array }).octets.length;
  }
  if (candidate === "file") {
    return ({ number }) => fs.readFileSync(join(directory, String(number % 256), String(number))).length;
  }
  const open = new Map<string, number>();
  return ({ place }) => {
    const [segment = "", offset = "", length = ""] = place.split(":");
    let fd = open.get(segment);
    if (fd === undefined) {
      fd = fs.openSync(join(directory, `${segment}.seg`), "r");
      open.set(segment, fd);
    }
    return fs.readSync(fd, Buffer.allocUnsafe(Number(length)), 0, Number(length), Number(offset));
  };
}

function diskUsed_octets(directory: string): number {
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("meta.db"))
    .reduce((sum, entry) => sum + fs.statSync(join(entry.parentPath, entry.name)).blocks * 512, 0);
}

type Request = { readonly kind: "put"; readonly batch: readonly Uint8Array[] } | { readonly kind: "finish" };
type Finish = { readonly removed_ms: number; readonly disk_octets: number; readonly backup_ms: number };

/** The writer: whatever queued up during the last sync becomes one commit; bytes first, then the rows. */
function runWriter(candidate: Candidate, directory: string): void {
  const bytes = OPEN[candidate](directory);
  const meta = openDatabase(join(directory, "meta.db"));
  meta.exec("CREATE TABLE row (number INTEGER PRIMARY KEY, hash BLOB UNIQUE, place TEXT) STRICT");
  const insert = meta.prepare("INSERT INTO row VALUES (?, ?, ?)");
  let number = 0;
  let queued: Uint8Array[] = [];
  const commit = (): void => {
    const batch = queued;
    queued = [];
    meta.exec("BEGIN IMMEDIATE");
    for (const octets of batch) {
      const hash = createHash("sha256").update(octets).digest();
      insert.run(++number, hash, bytes.put(number, octets));
    }
    bytes.commit();
    meta.exec("COMMIT");
    parentPort?.postMessage({ done: batch.length, cpu_us: cpu_us() });
  };
  const finish = async (): Promise<void> => {
    const target = join(directory, "../backup");
    fs.mkdirSync(target, { recursive: true });
    const beforeBackup = performance.now();
    await backup(meta, join(target, "meta.db"), { rate: 1000 });
    await bytes.backup(target);
    const backup_ms = performance.now() - beforeBackup;
    const all = meta
      .prepare("SELECT number, place FROM row WHERE number % 2 = 0")
      .all() as unknown as Place[];
    const before = performance.now();
    bytes.remove(all);
    const removed_ms = performance.now() - before;
    parentPort?.postMessage({ removed_ms, disk_octets: diskUsed_octets(directory), backup_ms });
  };
  parentPort?.on("message", (request: Request) => {
    if (request.kind === "finish") return void finish();
    if (queued.length === 0) setImmediate(commit);
    queued.push(...request.batch);
  });
}

const cpu_us = (): number => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};

async function accept(
  worker: Worker,
  size: number,
  inFlight: number,
): Promise<{ rate: number; cpu_us: number }> {
  const sample = randomBytes(size);
  const fresh = (): Uint8Array => {
    const octets = Buffer.from(sample);
    randomBytes(16).copy(octets);
    return octets;
  };
  const started = performance.now();
  let done = 0;
  let firstCpu_us: number | undefined;
  return await new Promise((resolve) => {
    let open = inFlight;
    const onMessage = (reply: { done: number; cpu_us: number }): void => {
      firstCpu_us ??= reply.cpu_us;
      done += reply.done;
      open -= reply.done;
      const elapsed_ms = performance.now() - started;
      if (elapsed_ms < ACCEPT_MS) {
        open += reply.done;
        return worker.postMessage({ kind: "put", batch: Array.from({ length: reply.done }, fresh) });
      }
      if (open > 0) return;
      worker.off("message", onMessage);
      resolve({ rate: (done / elapsed_ms) * 1000, cpu_us: (reply.cpu_us - (firstCpu_us ?? 0)) / done });
    };
    worker.on("message", onMessage);
    worker.postMessage({ kind: "put", batch: Array.from({ length: inFlight }, fresh) });
  });
}

function randomReads(candidate: Candidate, directory: string): number {
  const meta = new DatabaseSync(join(directory, "meta.db"), { readOnly: true });
  const rows = meta.prepare("SELECT number, place FROM row").all() as unknown as Place[];
  const read = reader(candidate, directory);
  const end = performance.now() + READ_MS;
  let reads = 0;
  while (performance.now() < end) {
    const row = rows[Math.floor(Math.random() * rows.length)];
    if (row && read(row) > 0) reads++;
  }
  meta.close();
  return (reads / READ_MS) * 1000;
}

async function measure(candidate: Candidate, size: number): Promise<void> {
  const root = fs.mkdtempSync(join(process.env["BENCH_DIRECTORY"] ?? tmpdir(), "wachpost-bytes-"));
  const directory = join(root, "data");
  fs.mkdirSync(directory);
  const worker = new Worker(new URL(import.meta.url), { workerData: { candidate, directory } });
  const rates: string[] = [];
  for (const inFlight of IN_FLIGHT) {
    const { rate, cpu_us: cpu } = await accept(worker, size, inFlight);
    rates.push(`${Math.round(rate)}/s (${Math.round(cpu)} us)`);
  }
  const reads = Math.round(randomReads(candidate, directory));
  const full_MB = Math.round(diskUsed_octets(directory) / 1e6);
  const finished = new Promise<Finish>((resolve) => worker.once("message", resolve));
  worker.postMessage({ kind: "finish" });
  const { removed_ms, disk_octets, backup_ms } = await finished;
  await worker.terminate();
  fs.rmSync(root, { recursive: true });
  const half = `${full_MB} -> ${Math.round(disk_octets / 1e6)} MB in ${Math.round(removed_ms)} ms`;
  console.log(
    `| ${candidate} | ${size} | ${rates.join(" | ")} | ${reads}/s | ${half} | ${Math.round(backup_ms)} ms |`,
  );
}

if (isMainThread) {
  console.log(
    "| bytes in | octets | accept at 1 (writer CPU) | at 20 | at 100 | random reads | disk, half deleted | backup |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const size of SIZES_OCTETS) for (const candidate of CANDIDATES) await measure(candidate, size);
} else {
  const { candidate, directory } = workerData as { candidate: Candidate; directory: string };
  runWriter(candidate, directory);
}
