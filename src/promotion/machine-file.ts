/** The configuration file itself: replaced whole or not at all, whenever the machine stops. */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { OperatorError } from "../base/operator-error.ts";

export const readText = (file: string): string => readFileSync(file, "utf8");

/** Owner and mode stay as they are; a link stays one. */
export function replaceFile(name: string, text: string): void {
  const file = realpathSync(name);
  const beside = `${file}.new`;
  try {
    const { uid, gid, mode } = statSync(file);
    rmSync(beside, { force: true });
    const fd = openSync(beside, "wx", 0o600);
    try {
      writeFileSync(fd, text);
      fchownSync(fd, uid, gid);
      fchmodSync(fd, mode & 0o7777);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, file);
    syncDirectory(dirname(file));
  } catch (error) {
    rmSync(beside, { force: true });
    throw notWritten(name, error);
  }
}

/** A new name is on the disk when its directory is. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function notWritten(name: string, error: unknown): OperatorError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new OperatorError(
    "config-not-written",
    `${name} cannot be replaced: ${message}. It is as it was.`,
    code === "ENOSPC"
      ? "Make room on that disk."
      : "Run the command as root (sudo), or as the owner of the file.",
    { cause: error },
  );
}
