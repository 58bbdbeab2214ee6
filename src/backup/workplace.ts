import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { giveToOwner, makeDirectory } from "../base/owner.ts";
import { acquireServerLock } from "../store/sqlite/lock.ts";

/** Directories below the data that live as long as one piece of work; what a killed process left, the next one removes. */
const SCRATCH = /^backup-(staging|drill|part)-/;

/** Does backup work with a directory of its own; one at a time for a data directory, in whatever process. */
export async function withScratch<T>(
  data: string,
  what: "staging" | "drill" | "part",
  work: (scratch: string) => Promise<T>,
): Promise<T> {
  makeDirectory(data);
  await using _lock = await acquireServerLock(join(data, "backup-lock")).catch((error: unknown) => {
    const { fault } = error as { fault?: string };
    if (fault !== "locked") throw error;
    throw new OperatorError(
      "backup-running",
      "A backup or a restore from one is under way.",
      "Wait until it is done, then try again.",
      { cause: error },
    );
  });
  for (const name of readdirSync(data).filter((one) => SCRATCH.test(one))) removeIfAllowed(join(data, name));
  const scratch = mkdtempSync(join(data, `backup-${what}-`));
  giveToOwner(scratch);
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What root left while it was killed may not be ours to remove; a backup is worth more than the space. */
function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") throw error;
  }
}
