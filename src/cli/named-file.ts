import { readFile, stat } from "node:fs/promises";
import { OperatorError } from "../base/operator-error.ts";

/** The same, undefined where it holds more than `octetsMax`: it is not read then. */
export async function readBoundedFile(file: string, octetsMax: number): Promise<Buffer | undefined> {
  const size = await stat(file).then(
    ({ size: octets }) => octets,
    () => 0,
  );
  return size > octetsMax ? undefined : await readNamedFile(file);
}

/** A file that the command line names; what is wrong with it is for the operator, not for a programmer. */
export async function readNamedFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? "unknown error"})`;
    throw new OperatorError("file-unreadable", `${file} ${why}.`, "Name a file this user may read.", {
      cause: error,
    });
  }
}
