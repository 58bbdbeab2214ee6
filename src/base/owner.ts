/**
 * What root makes in somebody's directory belongs to him: an operator works beside the server as root, and a segment or a
 * lock that only root may open would stop the server. SQLite does the same with its companions.
 */
import { closeSync, constants, fchownSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, relative, sep } from "node:path";

/** Gives a file or directory that was just made to the owner of the directory it is in. Only root can, or has to. */
export function giveToOwner(path: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  if (uid === 0) return;
  // The owner could have put a link there meanwhile, to a file that is not his.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const made = fstatSync(fd);
    const isOurs = made.uid === 0 && (made.isDirectory() || (made.isFile() && made.nlink === 1));
    if (isOurs) fchownSync(fd, uid, gid);
  } finally {
    closeSync(fd);
  }
}

/** Makes a directory for its owner alone, with those above it, where there is none. */
export function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  giveToOwner(first);
  let made = first;
  for (const name of relative(first, path)
    .split(sep)
    .filter((part) => part !== "")) {
    made += `${sep}${name}`;
    giveToOwner(made);
  }
}
