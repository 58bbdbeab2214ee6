/** What promotions keep below the data directory: earlier configurations, and how far one came that was interrupted. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeDirectory } from "../base/owner.ts";
import { settingsDirectory } from "../config/tried.ts";
import { syncDirectory } from "./machine-file.ts";

/** Earlier configurations that are kept. */
const HISTORY_MAX = 10;
/** More than any configuration has. */
const OCTETS_MAX = 4 * 1024 * 1024;
const NAME = /^([0-9]{4,9})\.toml$/;

export type Kept = {
  readonly number: number;
  readonly at_ms: number;
  readonly file: string;
  readonly text: string;
};

const historyOf = (data: string): string => join(settingsDirectory(data), "history");

/** Earlier configurations, the newest first. */
export function keptSettings(data: string): readonly Kept[] {
  return numbersIn(data)
    .toReversed()
    .flatMap((number) => {
      const file = fileOf(data, number);
      const read = readOurs(file);
      return read === undefined ? [] : [{ number, file, ...read }];
    });
}

/** Returns its number. What is there already as the newest is not kept twice; the oldest go. */
export function keepSettings(data: string, text: string): number {
  const [newest] = keptSettings(data);
  if (newest?.text === text) return newest.number;
  const numbers = numbersIn(data);
  const number = (numbers.at(-1) ?? 0) + 1;
  writeOurs(fileOf(data, number), text);
  for (const old of [...numbers, number].slice(0, -HISTORY_MAX)) rmSync(fileOf(data, old), { force: true });
  return number;
}

const fileOf = (data: string, number: number): string =>
  join(historyOf(data), `${String(number).padStart(4, "0")}.toml`);

function numbersIn(data: string): readonly number[] {
  try {
    return readdirSync(historyOf(data))
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .toSorted((one, other) => one - other);
  } catch {
    return [];
  }
}

/** Replaced in one step, on the disk before it has its name. It stays the caller's: what root wrote only root can have changed. */
export function writeOurs(file: string, text: string): void {
  makeDirectory(dirname(file));
  rmSync(`${file}.new`, { force: true });
  const fd = openSync(`${file}.new`, "wx", 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${file}.new`, file);
  syncDirectory(dirname(file));
}

/** The same where there is none yet; false where there is one. */
export function createOurs(file: string, text: string): boolean {
  const whole = `${file}.${process.pid}`;
  writeOurs(whole, text);
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(whole, { force: true });
    syncDirectory(dirname(file));
  }
}

/** Undefined where there is none, and where others could have written it: root shall not install what a server says. */
export function readOurs(file: string): { readonly text: string; readonly at_ms: number } | undefined {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { uid, size, mtimeMs } = fstatSync(fd);
      if ((uid !== 0 && uid !== process.geteuid?.()) || size > OCTETS_MAX) return undefined;
      return { text: readFileSync(fd, "utf8"), at_ms: mtimeMs };
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
