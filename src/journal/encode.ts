import { bounded, type Measure } from "./bounded.ts";
import { compacted } from "./compact.ts";
import { foldKey, type JournalEntry } from "./entry.ts";
import { JOURNAL_LIMITS } from "./limits.ts";
import { loginShown, withoutListKeys, type Privacy } from "./privacy.ts";
import type { JournalRecord } from "./record.ts";

/** A record as the store takes it: found by its keys, no larger than it may be, without what is not to be kept. */
export function encodeRecord(record: JournalRecord, privacy: Privacy): JournalEntry {
  const kept = discreet(record, privacy);
  return { kind: kept.kind, id: kept.id, at_ms: kept.at_ms, keys: keysOf(kept), body: bodyOf(kept) };
}

function discreet(record: JournalRecord, privacy: Privacy): JournalRecord {
  if (record.kind === "login") return { ...record, login: loginShown(record.login) };
  if (record.kind !== "message" || privacy.subjects || record.subject === undefined) return record;
  const { subject: _, ...rest } = record;
  return rest;
}

/** What people will ask for, the most telling first: a record has few keys. */
function keysOf(record: JournalRecord): readonly string[] {
  const keys: string[] = [];
  for (const name of namesOf(record)) {
    const key = name === undefined ? undefined : foldKey(withoutListKeys(name));
    // So few that looking through them is cheaper than a set, for which V8 enters each text into a table.
    if (key !== undefined && keys.length < JOURNAL_LIMITS.keysMax && !keys.includes(key)) keys.push(key);
  }
  return keys;
}

function namesOf(record: JournalRecord): readonly (string | undefined)[] {
  switch (record.kind) {
    case "session": {
      const { facts, judgements, messages } = record;
      // Who wrote and got mail that was taken stands in the record of the message, which names its session.
      const told =
        messages.length === 0 ? judgements : judgements.filter(({ decision }) => decision !== "permit");
      const people = told.flatMap(({ sender, recipient }) => [sender, recipient]);
      return [record.id, facts.clientAddress, facts.login, ...messages, ...people];
    }
    case "message": {
      const { id, session, messageId, sender, copies, recipients } = record;
      return [id, session, messageId, sender, ...recipients, ...copies.map(({ login }) => login)];
    }
    case "delivery":
      return [record.id, record.recipient];
    case "login":
      return [record.id, record.clientAddress, record.login === "(no address)" ? undefined : record.login];
    case "fate":
      return [record.id, record.login];
    case "door":
      return [record.id, record.client];
  }
}

const totalMax = JOURNAL_LIMITS.bodyMax;

/** Tried in order until the body fits. The last cannot be too large: a few hundred short texts at most. */
const MEASURES: readonly Measure[] = [
  { textMax: 1_000, listMax: 1_000, fieldsMax: 40, without: [], totalMax },
  { textMax: 300, listMax: 40, fieldsMax: 40, without: [], totalMax },
  { textMax: 100, listMax: 8, fieldsMax: 40, without: ["asked"], totalMax },
  { textMax: 64, listMax: 4, fieldsMax: 40, without: ["asked", "steps", "authentication"], totalMax },
];

function bodyOf(record: JournalRecord): string {
  const told = compacted(record);
  let body = "";
  for (const measure of MEASURES) {
    const kept = bounded(told, measure);
    if (kept === undefined) continue;
    const { value, cut } = kept;
    body = withoutListKeys(JSON.stringify(cut ? { ...(value as object), cut: true } : value));
    if (body.length <= JOURNAL_LIMITS.bodyMax) break;
  }
  return body;
}
