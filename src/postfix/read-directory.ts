import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { POSTFIX_LIMITS } from "./limits.ts";
import type { Sources } from "./sources.ts";

/**
 * The files of a copy of `/etc/postfix`, or of a main.cf by its own name. What main.cf names as `/etc/postfix/x` is
 * looked for in the directory, other absolute paths below the root it hangs under (`DIR` = `ROOT/etc/postfix`). Nothing
 * outside of that root is read: somebody else's main.cf does not get to name files of this machine.
 */
export function readDirectory(path: string): Sources {
  const given = resolve(path);
  const isFile = kindOf(given) === "file";
  const directory = isFile ? dirname(given) : given;
  const root = directory.endsWith(`${sep}etc${sep}postfix`) ? resolve(directory, "../..") : undefined;
  const candidates = (name: string): readonly string[] => {
    if (isFile && name === "main.cf") return [given];
    if (isFile && name === "master.cf")
      return [join(directory, basename(given).replace("main.cf", "master.cf"))];
    if (!name.startsWith("/")) return [join(directory, name)];
    const below = /^(?:\/usr\/local)?\/etc\/postfix\/(.+)$/.exec(name)?.[1];
    return [
      ...(below === undefined ? [] : [join(directory, below)]),
      ...(root === undefined ? [] : [join(root, name)]),
    ];
  };
  const allowed = [directory, ...(root === undefined ? [] : [root])].map(realPath);
  return {
    read: (name) => {
      for (const candidate of candidates(name)) {
        const text = readText(candidate, allowed);
        if (text !== undefined) return text;
      }
      return undefined;
    },
    list: () => [
      ...namesBelow(directory, directory),
      ...(root === undefined ? [] : namesBelow(join(root, "etc/dovecot"), root).map((name) => `/${name}`)),
    ],
  };
}

function kindOf(path: string): "file" | "directory" | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? "file" : stat?.isDirectory() === true ? "directory" : undefined;
}

function readText(path: string, allowed: readonly string[]): string | undefined {
  try {
    const real = realPath(path);
    const stat = statSync(real);
    const inside = allowed.some((root) => root === sep || real.startsWith(`${root}${sep}`));
    if (!inside || !stat.isFile() || stat.size > POSTFIX_LIMITS.fileOctetsMax) return undefined;
    return readFileSync(real, "utf8");
  } catch {
    // Not there, or not for us: to the import that is the same.
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function namesBelow(directory: string, from: string): readonly string[] {
  if (kindOf(directory) !== "directory") return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .slice(0, POSTFIX_LIMITS.filesMax)
    .map((entry) => join(entry.parentPath, entry.name).slice(from.length + (from === sep ? 0 : 1)));
}
