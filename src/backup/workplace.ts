import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { acquireServerLock } from "../store/sqlite/lock.ts";

/** Directories below the data that live as long as one piece of work; what a killed process left, the next one removes. */
const SCRATCH = /^backup-(staging|drill|part)-/;

/** Does backup work with a directory of its own; one at a time for a data directory, in whatever process. */
export async function withScratch<T>(
  data: string,
  what: "staging" | "drill" | "part",
  work: (scratch: string) => Promise<T>,
): Promise<T> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
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
  for (const name of readdirSync(data).filter((one) => SCRATCH.test(one)))
    rmSync(join(data, name), { recursive: true, force: true });
  const scratch = mkdtempSync(join(data, `backup-${what}-`));
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
