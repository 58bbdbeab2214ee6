/** Earlier examinations, so that what changed can be said. One file each, the newest of each kind are kept. */
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { giveToOwner, makeDirectory } from "../base/owner.ts";
import { mergedReport } from "./merged.ts";
import type { DoctorReport } from "./report-json.ts";

/** `asked`: by a person at the command line; the others by the server itself. */
export type ExaminationKind = "asked" | "full" | "light";

/** Two months of days, two days of hours. */
const KEPT: Readonly<Record<ExaminationKind, number>> = { asked: 30, full: 60, light: 48 };
const REPORT_OCTETS_MAX = 8 * 1024 * 1024;
/** `20261130T011500Z.json`, `20261130T011500Z-light.json` */
const NAME = /^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z(?:-(full|light))?\.json$/;

export type Kept = { readonly file: string; readonly at_ms: number; readonly kind: ExaminationKind };
export type Earlier = Kept & { readonly report: DoctorReport };

/** Below the data directory of a server, else where programs keep their state (XDG). `subject`: a domain, a host or `self`. */
export function historyDirectory(data: string | undefined, subject: string): string {
  const state = process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local/state");
  return join(data ?? join(state, "wachpost"), "doctor", subject.replace(/[^a-z0-9.-]/gi, "_"));
}

/** What is there, the newest first; none where the directory cannot be read. */
export async function keptReports(directory: string): Promise<readonly Kept[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .flatMap((name) => keptAs(directory, name) ?? [])
    .sort((one, other) => other.at_ms - one.at_ms || (other.file > one.file ? 1 : -1));
}

/** The newest of `kept` that can be read and is wanted; undefined where there is none. */
export async function newestReport(
  kept: readonly Kept[],
  wanted: (one: Kept) => boolean = () => true,
): Promise<Earlier | undefined> {
  for (const one of kept.filter(wanted)) {
    const report = await readReport(one.file);
    if (report !== undefined) return { ...one, report };
  }
  return undefined;
}

/** What the server knows of itself: its last full examination, and what light ones have seen since. */
export async function lastScheduled(
  directory: string,
): Promise<
  | { readonly full: Earlier | undefined; readonly light: Earlier | undefined; readonly report: DoctorReport }
  | undefined
> {
  const kept = await keptReports(directory);
  const full = await newestReport(kept, ({ kind }) => kind === "full");
  const since_ms = full?.at_ms ?? 0;
  const light = await newestReport(kept, ({ kind, at_ms }) => kind === "light" && at_ms > since_ms);
  const report = full && light ? mergedReport(full.report, light.report) : (full ?? light)?.report;
  return report && { full, light, report };
}

/** Written beside and renamed, so that no half report is ever read; the oldest of its kind go. The text says what failed. */
export async function keepReport(
  directory: string,
  report: DoctorReport,
  at_ms: number,
  kind: ExaminationKind = "asked",
): Promise<string | undefined> {
  const stamp = new Date(at_ms).toISOString().replace(/[-:]|\.[0-9]+/g, "");
  const file = join(directory, `${stamp}${kind === "asked" ? "" : `-${kind}`}.json`);
  try {
    makeDirectory(directory);
    await writeFile(`${file}.new`, JSON.stringify(report), { mode: 0o600 });
    giveToOwner(`${file}.new`);
    await rename(`${file}.new`, file);
    const same = (await keptReports(directory)).filter((one) => one.kind === kind);
    for (const old of same.slice(KEPT[kind])) await rm(old.file);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function keptAs(directory: string, name: string): Kept | undefined {
  const [, year, month, day, hour, minute, second, kind = "asked"] = NAME.exec(name) ?? [];
  if (year === undefined) return undefined;
  const at_ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at_ms)
    ? undefined
    : { file: join(directory, name), at_ms, kind: kind as ExaminationKind };
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
