/** Earlier examinations, so that `doctor --diff` can say what changed. One file each, the newest are kept. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DoctorReport } from "../doctor/report-json.ts";

const KEPT = 30;
const REPORT_OCTETS_MAX = 8 * 1024 * 1024;
/** `20261130T011500Z.json` */
const NAME = /^[0-9]{8}T[0-9]{6}Z\.json$/;

export type Earlier = { readonly at: string; readonly report: DoctorReport };

/** Below the data directory of a server, else where programs keep their state (XDG). `subject`: a domain, a host or `self`. */
export function historyDirectory(data: string | undefined, subject: string): string {
  const state = process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local/state");
  return join(data ?? join(state, "wachpost"), "doctor", subject.replace(/[^a-z0-9.-]/gi, "_"));
}

/** The newest that can be read; undefined where there is none. */
export async function newestReport(directory: string): Promise<Earlier | undefined> {
  for (const name of (await namesIn(directory)).reverse()) {
    const report = await readReport(join(directory, name));
    if (report !== undefined) return { at: isoOf(name), report };
  }
  return undefined;
}

/** Written beside and renamed, so that no half report is ever read; the oldest go. The text says what failed. */
export async function keepReport(
  directory: string,
  report: DoctorReport,
  at_ms: number,
): Promise<string | undefined> {
  const name = `${new Date(at_ms).toISOString().replace(/[-:]|\.[0-9]+/g, "")}.json`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(join(directory, `${name}.new`), JSON.stringify(report), { mode: 0o600 });
    await rename(join(directory, `${name}.new`), join(directory, name));
    const names = await namesIn(directory);
    for (const old of names.slice(0, Math.max(0, names.length - KEPT))) await rm(join(directory, old));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => NAME.test(name)).sort();
  } catch {
    return [];
  }
}

async function readReport(file: string): Promise<DoctorReport | undefined> {
  try {
    const octets = await readFile(file);
    const report: unknown = octets.length > REPORT_OCTETS_MAX ? undefined : JSON.parse(octets.toString());
    const isReport =
      typeof report === "object" && report !== null && "schema" in report && report.schema === 1;
    return isReport && "findings" in report && Array.isArray(report.findings)
      ? (report as unknown as DoctorReport)
      : undefined;
  } catch {
    return undefined;
  }
}

const isoOf = (name: string): string =>
  name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d).*$/, "$1-$2-$3 $4:$5");
