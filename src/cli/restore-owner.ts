/** A restore is made by root and used by the server, which is somebody else. */
import { chmodSync, existsSync, lchownSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { isRoot, systemUser } from "../setup/machine-users.ts";

type Owner = { readonly uid: number; readonly gid: number };
const SERVICE_USER = "wachpost";

/** Whose the restored files will be: who is named, whose the directory is, the server's user. Undefined: who restores. */
export async function futureOwner(directory: string, named: string | undefined): Promise<Owner | undefined> {
  if (named !== undefined) {
    const user = await systemUser(named);
    if (user !== undefined && isRoot()) return user;
    throw new OperatorError(
      "no-user",
      user === undefined ? `There is no user ${named}.` : "Only root can restore for another user.",
      user === undefined ? `useradd --system --user-group --shell /usr/sbin/nologin ${named}` : "Use sudo.",
    );
  }
  if (!isRoot()) return undefined;
  const there = statSync(directory, { throwIfNoEntry: false });
  return there !== undefined && there.uid !== 0 ? there : await systemUser(SERVICE_USER);
}

/** Fills the directory as root alone and hands it over when all is there: until then nobody can put a link into it. */
export async function restoredFor<T>(
  owner: Owner | undefined,
  directory: string,
  work: () => Promise<T>,
): Promise<T> {
  if (owner === undefined) return await work();
  if (existsSync(directory)) {
    lchownSync(directory, 0, 0);
    chmodSync(directory, 0o700);
  } else mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    return await work();
  } finally {
    handOver(directory, owner);
  }
}

function handOver(directory: string, { uid, gid }: Owner): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }))
    lchownSync(join(entry.parentPath, entry.name), uid, gid);
  lchownSync(directory, uid, gid);
}
