import { readdir, readFile, readlink } from "node:fs/promises";

/** Which process listens on a TCP port, as far as /proc lets us see: `postfix/master (pid 812)`. Linux only. */
export async function portHolder(port: number): Promise<string | undefined> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of (await names("/proc")).filter((name) => /^[0-9]+$/.test(name))) {
    if (await holdsOne(pid, inodes)) return `${await commandOf(pid)} (pid ${pid})`;
  }
  return undefined;
}

const LISTEN_STATE = "0A";

async function listeningInodes(port: number): Promise<Set<string>> {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of (await text(table)).split("\n").slice(1)) {
      const columns = line.trim().split(/ +/);
      const inode = columns[9];
      if (inode && columns[1]?.endsWith(`:${wanted}`) && columns[3] === LISTEN_STATE) inodes.add(inode);
    }
  }
  return inodes;
}

async function holdsOne(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const fd of await names(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
    const inode = /^socket:\[([0-9]+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function commandOf(pid: string): Promise<string> {
  return (await text(`/proc/${pid}/comm`)).trim() || "unknown process";
}

const names = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);
const text = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
