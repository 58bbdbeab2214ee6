/**
 * Finds the line of a setting in TOML text. The parser gives no positions for good keys, so this reads tables and
 * `key =` lines itself; it errs towards the table's own line, never towards a wrong setting.
 */
export function lineOf(toml: string, path: readonly string[]): number | undefined {
  const lines = toml.split("\n");
  let table: string[] = [];
  let tableLine: number | undefined;
  let entries = 0;
  for (const [index, line] of lines.entries()) {
    const header = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?/.exec(line)?.[1];
    if (header !== undefined) {
      table = header.split(".").map(unquote);
      // `outbound.transports.1.host` stands in the second of the tables of that name.
      const wanted = startsWith(path, table) ? indexBehind(path, table) : undefined;
      if (wanted !== undefined && entries++ !== wanted) {
        table = [];
        continue;
      }
      if (startsWith(path, table)) tableLine = index + 1;
      // A section nobody knows may be named only by those below it.
      else if (startsWith(table, path)) return index + 1;
      continue;
    }
    const key = /^\s*([A-Za-z0-9_."'-]+)\s*=/.exec(line)?.[1];
    if (key === undefined) continue;
    const full = [...table, ...key.split(".").map(unquote)];
    const dotted = table.length < path.length && startsWith(full, path);
    if (startsWith(path, full) || dotted) return index + 1;
  }
  return tableLine;
}

/** The index that follows a table's name in a path without other indexes before it. */
function indexBehind(path: readonly string[], table: readonly string[]): number | undefined {
  const next = path[table.length] ?? "";
  return /^[0-9]+$/.test(next) ? Number(next) : undefined;
}

const unquote = (word: string): string => word.trim().replace(/^["']|["']$/g, "");
const withoutIndexes = (path: readonly string[]): string[] => path.filter((part) => !/^[0-9]+$/.test(part));
const startsWith = (path: readonly string[], start: readonly string[]): boolean => {
  const named = withoutIndexes(path);
  return start.length > 0 && start.length <= named.length && start.every((part, i) => part === named[i]);
};
