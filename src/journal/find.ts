import { networkOf, parseIp } from "../base/ip.ts";
import { decodeRecord } from "./decode.ts";
import { foldKey, type JournalEntry } from "./entry.ts";
import { JOURNAL_LIMITS } from "./limits.ts";
import type { JournalRecord } from "./record.ts";

/** What finding needs of `store.journal`. */
export type FindingReads = {
  journalFind(question: {
    readonly key: string;
    readonly since_ms: number;
    readonly limit: number;
  }): Promise<readonly JournalEntry[]>;
};

export type Question = {
  /** Queue id, session id, message-id, address or IP address. */
  readonly text: string;
  readonly now_ms: number;
  /** How far back; without it as far as the journal goes. */
  readonly last_ms?: number;
};

export type Found = {
  /** Oldest first. */
  readonly records: readonly JournalRecord[];
  /** There is more than was gathered. */
  readonly more: boolean;
};

/** Gathers what the question names and what belongs to it: sessions, their messages, tries to deliver, fates. */
export async function findRelated(question: Question, reads: FindingReads): Promise<Found> {
  const asked = foldKey(question.text);
  if (asked === undefined) return { records: [], more: false };
  const since_ms = question.last_ms === undefined ? 0 : question.now_ms - question.last_ms;
  const limit = JOURNAL_LIMITS.foundMax;
  const found = new Map<string, JournalRecord>();
  let more = false;
  const gather = async (key: string, from_ms: number): Promise<readonly JournalRecord[]> => {
    const entries = await reads.journalFind({ key, since_ms: from_ms, limit });
    more ||= entries.length === limit;
    const records: JournalRecord[] = [];
    for (const entry of entries) {
      const record = decodeRecord(entry);
      const mark = `${entry.kind} ${entry.id} ${entry.at_ms} ${entry.body}`;
      if (record === undefined || found.has(mark)) continue;
      if (found.size >= limit) return ((more = true), records);
      found.set(mark, record);
      records.push(record);
    }
    return records;
  };
  const first = [...(await gather(asked, since_ms))];
  // What is counted per client stands under the /64 of an IPv6 address.
  const ip = parseIp(asked);
  if (ip?.family === 6) first.push(...(await gather(networkOf(ip, 32, 64), since_ms)));
  let ids = idsOf(first);
  const followed = new Set([asked]);
  while (ids.length > 0 && found.size < limit) {
    const next: JournalRecord[] = [];
    for (const id of ids) {
      if (followed.has(id)) continue;
      if (followed.size > JOURNAL_LIMITS.relatedMax) {
        more = true;
        break;
      }
      followed.add(id);
      // What belongs to a record of the asked time may be older.
      next.push(...(await gather(id, 0)));
    }
    ids = idsOf(next);
  }
  // Found newest first; those of one moment keep the order in which they were written.
  return { records: [...found.values()].reverse().sort((a, b) => a.at_ms - b.at_ms), more };
}

/** Sessions and messages that a record leads to, the newest first. */
function idsOf(records: readonly JournalRecord[]): readonly string[] {
  const ids = records.flatMap((record) => {
    if (record.kind === "session") return [record.id, ...record.messages];
    return record.kind === "message" ? [record.id, record.session] : [record.id];
  });
  return [...new Set(ids.map(foldKey).filter((id) => id !== undefined))];
}
