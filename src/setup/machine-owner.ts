import { lchown } from "node:fs/promises";
import { isRoot, type SystemUser } from "./machine-users.ts";

/** One directory changes hands; never what is inside, which its owner could make point elsewhere. */
export async function giveTo(user: SystemUser | undefined, path: string): Promise<void> {
  if (user !== undefined && isRoot()) await lchown(path, user.uid, user.gid);
}
