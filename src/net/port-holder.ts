import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

/** Which process listens on a TCP port, as far as /proc lets us see: `postfix/master (pid 812)`. Linux only. */
export async function portHolder(port: number): Promise<string | undefined> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of (await names("/proc")).filter((name) => /^[0-9]+$/.test(name))) {
    if (!(await holdsOne(pid, inodes))) continue;
    const command = await commandOf(pid);
    return command === "" ? `pid ${pid}` : `${command} (pid ${pid})`;
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

/** Its name; of an interpreter, whose name says nothing, the program that it runs. */
async function commandOf(pid: string): Promise<string> {
  const name = (await text(`/proc/${pid}/comm`)).trim();
  if (!/^(node|python|perl|ruby|java|php)/i.test(name)) return name;
  const [, ...words] = (await text(`/proc/${pid}/cmdline`)).split("\0");
  const script = words.find((word) => word !== "" && !word.startsWith("-"));
  return script === undefined ? name : basename(script).replace(/\.[cm]?[jt]s$/, "");
}

const names = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);
const text = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
