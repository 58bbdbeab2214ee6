import { createHash } from "node:crypto";
import { parse as parseToml } from "smol-toml";

/**
 * What the settings of a good configuration say, in one word: the same for another order, other comments and a later
 * version with other defaults.
 */
export const settingsDigest = (text: string): string =>
  createHash("sha256")
    .update(canonical(parseToml(text)))
    .digest("hex");

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null || value instanceof Date)
    return typeof value === "bigint" ? String(value) : JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}
