import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../base/operator-error.ts";

/** What `import postfix --out` wrote into `directory.json`, for `import load` to read. */
export type ImportDirectory = z.infer<typeof schema>;
export type DirectoryTable = ImportDirectory["tables"][number];

const schema = z.strictObject({
  domains: z.array(z.strictObject({ name: z.string(), from: z.string() })),
  accounts: z.array(
    z.strictObject({
      login: z.string(),
      /** Of dovecot's passwd-file. */
      scheme: z.string().optional(),
      hash: z.string().optional(),
      /** It had a hash that is not carried over; why. */
      withoutHash: z.string().optional(),
    }),
  ),
  addresses: z.array(z.strictObject({ address: z.string(), targets: z.array(z.string()) })),
  /** The tables that rules name; their texts are the files of that name. */
  tables: z.array(
    z.strictObject({
      name: z.string().regex(/^[A-Za-z0-9_-]{1,200}$/),
      reference: z.string(),
      format: z.enum(["indexed", "cidr", "pattern"]),
    }),
  ),
});

/** Reads `directory.json`; the error of the command where it is not there or no such file. */
export function readImportDirectory(dir: string): ImportDirectory {
  const path = join(dir, "directory.json");
  const bad = (why: string): OperatorError =>
    new OperatorError("no-import", `${path}: ${why}`, "Make it with `wachpost import postfix … --out DIR`.");
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error));
  }
  const parsed = schema.safeParse(read);
  if (!parsed.success) throw bad(z.prettifyError(parsed.error));
  return parsed.data;
}

/** The text of a table of the import; undefined where it was not among the files. */
export function readImportTable(dir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dir, "tables", name), "utf8");
  } catch {
    return undefined;
  }
}
