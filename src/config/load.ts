import { readFile } from "node:fs/promises";
import { OperatorError } from "../base/operator-error.ts";
import { formatFinding } from "./finding.ts";
import { parseConfig } from "./parse.ts";
import type { Config } from "./schema.ts";

/** Reads and checks a configuration file; throws an `OperatorError` that names every line at fault. */
export async function loadConfig(file: string): Promise<Config> {
  return readConfig(await configText(file), file);
}

/** The same for a text that stands in no file yet. */
export function readConfig(text: string, file: string): Config {
  const parsed = parseConfig(text);
  if (parsed.ok) return parsed.value;
  const findings = parsed.error.map((finding) => formatFinding(file, finding)).join("\n");
  throw new OperatorError(
    "config-invalid",
    findings,
    "Settings with their defaults are listed in docs/settings.md.",
  );
}

/** The text of a configuration file, not read yet. */
export async function configText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? "unknown error"})`;
    throw new OperatorError(
      "config-unreadable",
      `${file} ${why}.`,
      "Check the name; a configuration is named with --config FILE.",
      {
        cause: error,
      },
    );
  }
}
