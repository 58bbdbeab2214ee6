import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const LIST = new URL("../../data/common-passwords.txt.gz", import.meta.url);
const unpack = promisify(gunzip);

/** Common passwords in lower case, each with its rank from 1. */
export type CommonPasswords = ReadonlyMap<string, number>;

/**
 * Reads the list of common passwords: a few tens of milliseconds and ten megabytes, so it is read when a password is
 * set and not kept (F-03; `data/README.md`). Rejects when the file is missing, since no password can be judged then.
 */
export async function commonPasswords(): Promise<CommonPasswords> {
  const text = (await unpack(await readFile(LIST))).toString("utf8");
  return new Map(text.split("\n").flatMap((word, i) => (word === "" ? [] : [[word, i + 1] as const])));
}
