import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_S = 100;

/** User and system seconds of a process, its living descendants, and all descendants that were waited for. */
export function cpuSeconds(rootPid: number): number {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
    .filter((stat) => stat !== undefined);
  const children = Map.groupBy(processes, (stat) => stat.parent);
  let ticks = 0;
  const visit = (pid: number): void => {
    ticks += processes.find((stat) => stat.pid === pid)?.ticks ?? 0;
    for (const child of children.get(pid) ?? []) visit(child.pid);
  };
  visit(rootPid);
  return ticks / TICKS_PER_S;
}

type Stat = { readonly pid: number; readonly parent: number; readonly ticks: number };

function statOf(name: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${name}/stat`, "latin1");
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    // proc(5): utime, stime, cutime, cstime are fields 14 to 17, ppid is 4; `fields` begins at 3.
    const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + (fields[i] ?? 0), 0);
    return { pid: Number(name), parent: fields[1] ?? 0, ticks };
  } catch {
    return undefined;
  }
}
