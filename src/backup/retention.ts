/** How many archives stay: the newest of so many days, weeks and months. */
export type Retention = { readonly daily: number; readonly weekly: number; readonly monthly: number };

export type ArchiveName = { readonly name: string; readonly at_ms: number };

const NAME = /^wachpost-([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z\.backup$/;

/** `wachpost-20261130T010203Z.backup` */
export function nameAt(at_ms: number): string {
  return `wachpost-${new Date(at_ms).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z.backup`;
}

/** Undefined for a file that is none of ours: it is never touched. */
export function parseName(name: string): ArchiveName | undefined {
  const parts = NAME.exec(name);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return { name, at_ms: Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second) };
}

/** What may go. The newest never does, whatever the figures. */
export function outdated(archives: readonly ArchiveName[], keep: Retention): readonly ArchiveName[] {
  const newestFirst = archives.toSorted((a, b) => b.at_ms - a.at_ms);
  const kept = new Set(newestFirst.slice(0, 1));
  for (const [count, period] of [
    [keep.daily, dayOf],
    [keep.weekly, weekOf],
    [keep.monthly, monthOf],
  ] as const) {
    const seen = new Set<string>();
    for (const archive of newestFirst) {
      const name = period(archive.at_ms);
      if (seen.has(name)) continue;
      if (seen.size >= count) break;
      seen.add(name);
      kept.add(archive);
    }
  }
  return newestFirst.filter((archive) => !kept.has(archive));
}

const DAY_MS = 86_400_000;
const dayOf = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 10);
const monthOf = (at_ms: number): string => dayOf(at_ms).slice(0, 7);
/** Weeks begin on Monday; 1970-01-01 was a Thursday. */
const weekOf = (at_ms: number): string => String(Math.floor((at_ms / DAY_MS + 3) / 7));
