import { join } from "node:path";
import { z } from "zod";
import type { Domain } from "../base/domain-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import { acquireServerLock } from "../store/sqlite/lock.ts";
import { StoreError } from "../store/store-error.ts";
import { answersSchema } from "./answers.ts";
import { keptFindingSchema } from "./preflight/kept.ts";
import { HeldDirectory, mayEnter, standingOf, writeWhole } from "./machine-files.ts";

const stateSchema = z.object({
  schema: z.literal(1),
  answers: answersSchema,
  /** When the preflight was made, and what it found that was wrong: not in words, the next reader may want others. */
  preflight: z
    .object({
      at_ms: z.number(),
      counts: z.record(z.string(), z.number()),
      failures: z.array(keptFindingSchema).default([]),
    })
    .optional(),
  /** SHA-256 of the configuration as setup wrote it last: only while it is that, it may be written anew. */
  configuration: z.string().optional(),
  /** How each step ended the last time it was taken. */
  steps: z.record(z.string(), z.object({ standing: z.string(), at_ms: z.number() })),
  /** False while a generated password has been set that nobody has seen yet. */
  passwordSeen: z.boolean(),
});
export type SetupState = z.infer<typeof stateSchema>;

const setupDirectory = (data: string): string => join(data, "setup");
const stateName = (domain: Domain): string => `${domain}.json`;

/**
 * What an earlier run left. A file that is not of this user, or cannot be understood, counts as none: every step looks
 * at the world anyway.
 */
export async function readState(data: string, domain: Domain): Promise<SetupState | undefined> {
  await using directory = await HeldDirectory.open(setupDirectory(data));
  const text = await directory?.readText(stateName(domain));
  if (text === undefined) return undefined;
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** All of it or nothing of it, for this user alone. */
export async function writeState(data: string, domain: Domain, state: SetupState): Promise<void> {
  await using directory = await HeldDirectory.make(setupDirectory(data));
  if (directory === undefined) throw notOurs(setupDirectory(data));
  await writeWhole(
    join(directory.path, stateName(domain)),
    `${JSON.stringify(state, undefined, 2)}\n`,
    0o600,
  );
}

const notOurs = (directory: string): OperatorError =>
  new OperatorError(
    "setup-directory",
    `${directory} belongs to somebody else.`,
    "Run setup as the user who began it, or remove that directory: nothing is lost with it.",
  );

const notAllowed = (data: string, cause: unknown): OperatorError =>
  new OperatorError(
    "not-allowed",
    `${data} is not open to this user.`,
    "Run setup as root (sudo); or, without root, name places of your own: --data DIR --config FILE --unit none, and --ports above 1023.",
    { cause },
  );

/** The data of a server are closed to everybody else, who would see half of them and take the rest for missing. */
export async function mayLook(data: string): Promise<void> {
  if ((await standingOf(data))?.directory === true && !(await mayEnter(data)))
    throw notAllowed(data, undefined);
}

/** Keeps a second setup off the same data; freed with the process, however that ends. */
export async function lockSetup(data: string): Promise<AsyncDisposable> {
  const directory = await HeldDirectory.make(setupDirectory(data)).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EACCES" || error.code === "EPERM" ? notAllowed(data, error) : error;
  });
  if (directory === undefined) throw notOurs(setupDirectory(data));
  try {
    const lock = await acquireServerLock(directory.path);
    return {
      async [Symbol.asyncDispose]() {
        await lock[Symbol.asyncDispose]();
        await directory[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    if (!(error instanceof StoreError) || error.fault !== "locked") throw error;
    const holder = /process \d+/.exec(error.message)?.[0] ?? "another process";
    throw new OperatorError(
      "setup-busy",
      `Another setup is at work in ${data} (${holder}).`,
      "Let it finish or stop it, then run the same command again.",
      { cause: error },
    );
  }
}
