/** What is known about the settings of a data directory: which ones were tried, and which ones its server runs with. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { giveToOwner, makeDirectory } from "../base/owner.ts";

/** A server that has opened its doors. */
export type Start = {
  /** `config/digest.ts` */
  readonly digest: string;
  readonly pid: number;
  readonly at_ms: number;
};
/** One that could not, and why. */
export type FailedStart = Start & { readonly failure: string };

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const start = z.object({ digest, pid: z.int(), at_ms: z.number() });
const failedStart = start.extend({ failure: z.string() });
/** Settings that passed a trial, the last one last. More than a promotion can go back. */
const TRIED_MAX = 50;
const triedList = z.array(digest).max(TRIED_MAX);

const DIRECTORY = "settings";
const [START_FILE, FAILED_FILE] = ["start.json", "failed-start.json"];
const [FIRST_FILE, TRIED_FILE] = ["first-start.json", "tried.json"];

/** Below the data directory: all that promotions keep. */
export const settingsDirectory = (data: string): string => join(data, DIRECTORY);

/** Of the last server that ran on these data; undefined where none ever wrote it down. */
export const lastStart = (data: string): Start | undefined =>
  start.safeParse(readJson(data, START_FILE)).data;

/** In a file of its own: whoever finds a server on his data takes nothing from it. */
export const lastFailedStart = (data: string): FailedStart | undefined =>
  failedStart.safeParse(readJson(data, FAILED_FILE)).data;

/**
 * Written by a server when its doors are open. The first settings of a data directory have nothing that they could be worse
 * than: they count as tried.
 */
export function noteStart(data: string, started: Start): void {
  writeJson(data, START_FILE, started);
  if (trialOf(data, started.digest) === "unknown") writeJson(data, FIRST_FILE, started.digest);
}

export function noteFailedStart(data: string, failed: FailedStart): void {
  if (existsSync(data)) writeJson(data, FAILED_FILE, failed);
}

export function rememberTried(data: string, passed: string): void {
  const others = (triedIn(data) ?? []).filter((one) => one !== passed);
  writeJson(data, TRIED_FILE, [...others, passed].slice(-TRIED_MAX));
}

/** Passed one here; none, and they are the first a server ran with; nothing is known yet; none, and others are known. */
export type Trial = "passed" | "first" | "unknown" | "never";

export function trialOf(data: string, asked: string): Trial {
  const [tried, first] = [triedIn(data), digest.safeParse(readJson(data, FIRST_FILE)).data];
  if (tried?.includes(asked)) return "passed";
  if (first === asked) return "first";
  return tried === undefined && first === undefined ? "unknown" : "never";
}

/** Whether nobody need be told that these settings were not tried. */
export const wasTried = (data: string, asked: string): boolean => trialOf(data, asked) !== "never";

/** Undefined: nothing was ever tried here. */
const triedIn = (data: string): readonly string[] | undefined =>
  triedList.safeParse(readJson(data, TRIED_FILE)).data;

function readJson(data: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(settingsDirectory(data), name), "utf8"));
  } catch {
    return undefined;
  }
}

/** Replaced in one step, never through a link somebody left there. */
function writeJson(data: string, name: string, value: unknown): void {
  makeDirectory(settingsDirectory(data));
  const file = join(settingsDirectory(data), name);
  const beside = `${file}.${process.pid}`;
  rmSync(beside, { force: true });
  writeFileSync(beside, `${JSON.stringify(value)}\n`, { flag: "wx", mode: 0o600 });
  giveToOwner(beside);
  renameSync(beside, file);
}
