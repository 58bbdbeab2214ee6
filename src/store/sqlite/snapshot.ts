import { randomUUID } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { segmentPath, segmentsDirectory } from "../blobs/segment-files.ts";
import { toStoreError } from "../store-error.ts";
import { copyRows, HOLD_MS, RENEW_MS } from "./backup.ts";
import { census, type Census } from "./census.ts";
import { openForReading, openForWriting } from "./database.ts";
import { databasePath } from "./layout.ts";
import { checkBeforeWriting, makeOrRequire } from "./migrations.ts";

/** A file of a store at one moment: its first `octets`, wherever they lie now. */
export type SnapshotFile = { readonly name: string; readonly path: string; readonly octets: number };
export type Snapshot = { readonly files: readonly SnapshotFile[]; readonly census: Census };

/**
 * Shows `work` a store as it was at one moment, while the server goes on. Rows are copied to `staging`; message bytes stay
 * where they are, and while `work` lasts no segment is removed, in any process.
 */
export async function withSnapshot<T>(
  from: string,
  staging: string,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  checkBeforeWriting(databasePath(from));
  using db = openForWriting(databasePath(from));
  makeOrRequire(db, databasePath(from));
  const id = randomUUID();
  const hold = (): void =>
    void db.run("INSERT OR REPLACE INTO hold (id, until_ms) VALUES (?, ?)", id, Date.now() + HOLD_MS);
  hold();
  const renewal = setInterval(() => {
    try {
      hold();
    } catch {
      // The next one is in time, too.
    }
  }, RENEW_MS).unref();
  try {
    return await work(await snapshotOf(from, staging));
  } finally {
    clearInterval(renewal);
    db.run("DELETE FROM hold WHERE id = ?", id);
  }
}

async function snapshotOf(from: string, staging: string): Promise<Snapshot> {
  try {
    mkdirSync(staging, { recursive: true, mode: 0o700 });
    const segments = await copyRows(from, staging);
    const copy = databasePath(staging);
    using db = openForReading(copy);
    const rows = { name: "mail.db", path: copy, octets: statSync(copy).size };
    const octets = segments.map(({ id, used_octets }) => ({
      name: segmentPath("segments", id),
      path: segmentPath(segmentsDirectory(from), id),
      octets: used_octets,
    }));
    return { files: [rows, ...octets], census: census(db) };
  } catch (error) {
    throw toStoreError(error, `copying the store in ${from}`);
  }
}
