/** Postfix and Dovecot from Debian, unpacked into a private prefix: nothing on the machine is changed. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGES = ["postfix", "dovecot-core", "dovecot-lmtpd", "dovecot-imapd"];

export type Prefix = { readonly root: string };

/** The prefix, or why there is none; another set of packages has a prefix of its own. */
export function peerPrefix(
  wanted: readonly string[] = PACKAGES,
  name = "wachpost-bench-peers",
): Prefix | string {
  if (process.getuid?.() !== 0) return "Postfix and Dovecot can only be started by root";
  if (spawnSync("sh", ["-c", "command -v apt-get && command -v dpkg-deb"]).status !== 0)
    return "this is not a Debian system";
  const root = join(tmpdir(), name, "root");
  if (existsSync(join(root, "usr/sbin/dovecot"))) return mountable({ root });
  const packages = join(root, "..", "packages");
  mkdirSync(packages, { recursive: true });
  const fetched = spawnSync("apt-get", ["download", ...wanted], { cwd: packages, encoding: "utf8" });
  if (fetched.status !== 0) return `apt-get download ${wanted.join(" ")} failed (run apt-get update first?)`;
  for (const file of readdirSync(packages).filter((name) => name.endsWith(".deb"))) {
    if (spawnSync("dpkg-deb", ["-x", join(packages, file), root]).status !== 0)
      return `${file} cannot be unpacked`;
  }
  return mountable({ root });
}

function mountable(prefix: Prefix): Prefix | string {
  const tried = spawnSync("unshare", ["-m", "sh", "-c", `${overlay(prefix)} && test -d /usr/lib/dovecot`]);
  return tried.status === 0 ? prefix : "no mount namespace with an overlay file system is to be had here";
}

const overlay = ({ root }: Prefix): string => `mount -t overlay overlay -o lowerdir=${root}/usr:/usr /usr`;

/** Runs a program of the prefix where its own /usr lies over the machine's, for this process and its children only. */
export function spawnInPrefix(prefix: Prefix, program: string, args: readonly string[]): ChildProcess {
  return spawn("unshare", ["-m", "sh", "-c", `${overlay(prefix)} && exec "$@"`, "sh", program, ...args], {
    stdio: "ignore",
  });
}
