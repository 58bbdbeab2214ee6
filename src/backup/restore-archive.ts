import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { differences } from "../store/sqlite/census.ts";
import { finishRestore } from "../store/sqlite/restore.ts";
import type { Verified } from "../store/sqlite/verify.ts";
import { extractEntry, readArchive } from "./archive-file.ts";
import type { ArchiveSecret } from "./archive-key.ts";
import type { Manifest } from "./make-backup.ts";
import { lastBackup, recordBackup } from "./state.ts";
import { withScratch } from "./workplace.ts";

export type Restored = Verified & { readonly manifest: Manifest };

/**
 * An archive into an empty data directory: every piece is authenticated, every row and octet checked, everything held against
 * the manifest. Where anything is wrong the directory is empty again.
 */
export async function restoreArchive(file: string, secret: ArchiveSecret, data: string): Promise<Restored> {
  if (existsSync(data) && readdirSync(data).length > 0)
    throw new OperatorError("not-empty", `${data} is not empty.`, "Name an empty directory with --data DIR.");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  try {
    const manifest = await extractArchive(file, secret, data);
    const { verified, census } = await finishRestore(join(data, "store"));
    const wrong = differences(manifest.census, census);
    if (wrong.length > 0)
      throw new OperatorError(
        "backup-differs",
        `${file} does not hold what it should: ${wrong.slice(0, 5).join("; ")}.`,
        "Take another archive; `wachpost backup list` shows them.",
      );
    return { ...verified, manifest };
  } catch (error) {
    for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true, force: true });
    throw error;
  }
}

/** All files of an archive below a directory. */
export async function extractArchive(
  file: string,
  secret: ArchiveSecret,
  directory: string,
): Promise<Manifest> {
  let manifest: Manifest | undefined;
  for await (const entry of readArchive(file, secret)) {
    if (manifest === undefined) {
      const parts: Buffer[] = [];
      for await (const part of entry.read()) parts.push(part);
      manifest = JSON.parse(Buffer.concat(parts).toString("utf8")) as Manifest;
    } else await extractEntry(entry, directory);
  }
  if (manifest !== undefined) return manifest;
  throw new OperatorError("backup-damaged", `${file} is empty.`, "Take another archive.");
}

/** A whole restore into a directory that is then removed; the outcome is recorded beside the data. */
export function drill(file: string, secret: ArchiveSecret, data: string, now_ms: number): Promise<Restored> {
  return withScratch(data, "drill", async (scratch) => {
    const before = lastBackup(data) ?? { at: 0, file, octets: 0 };
    try {
      const restored = await restoreArchive(file, secret, scratch);
      const drillDetail = `${restored.messages} messages`;
      recordBackup(data, { ...before, drillAt: now_ms, drillOk: true, drillDetail });
      return restored;
    } catch (error) {
      const drillDetail = error instanceof Error ? error.message : String(error);
      recordBackup(data, { ...before, drillAt: now_ms, drillOk: false, drillDetail });
      throw error;
    }
  });
}
