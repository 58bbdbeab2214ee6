/** Users of this machine, and doing something as one of them. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

export type SystemUser = { readonly name: string; readonly uid: number; readonly gid: number };

export const isRoot = (): boolean => process.getuid?.() === 0;

/** From /etc/passwd: a service user is always there. */
export async function systemUser(name: string): Promise<SystemUser | undefined> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "");
  const line = text.split("\n").find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) };
}

/** Runs `work` with the rights of the user, so that every file it makes is the user's; root only. */
export async function asUser<T>(user: SystemUser | undefined, work: () => Promise<T>): Promise<T> {
  if (user === undefined || user.uid === 0 || process.geteuid?.() !== 0) return await work();
  const gid = process.getegid?.() ?? 0;
  process.setegid?.(user.gid);
  process.seteuid?.(user.uid);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(gid);
  }
}

export type Ran = { readonly status: number; readonly output: string };

const PROGRAM_MS = 60_000;

/** A program of the system, with a deadline; status -1 where it cannot be started. */
export function runProgram(program: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: PROGRAM_MS });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString("latin1")).slice(0, 4000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => resolve({ status: -1, output: error.message }));
    child.on("close", (code) => resolve({ status: code ?? -1, output: output.trim() }));
  });
}
