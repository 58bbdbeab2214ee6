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
  namesIn(record, (name) => {
    if (name === undefined || keys.length >= JOURNAL_LIMITS.keysMax) return;
    const key = foldKey(withoutListKeys(name));
    // So few that looking through them is cheaper than a set, for which V8 enters each text into a table.
    if (key !== undefined && !keys.includes(key)) keys.push(key);
  });
  return keys;
}

function namesIn(record: JournalRecord, name: (text: string | undefined) => void): void {
  name(record.id);
  switch (record.kind) {
    case "session": {
      const { facts, judgements, messages } = record;
      name(facts.clientAddress);
      name(facts.login);
      for (const message of messages) name(message);
      for (const { decision, sender, recipient } of judgements) {
        // Who wrote and got mail that was taken stands in the record of the message, which names its session.
        if (messages.length > 0 && decision === "permit") continue;
        name(sender);
        name(recipient);
      }
      return;
    }
    case "message":
      name(record.session);
      name(record.messageId);
      name(record.sender);
      for (const recipient of record.recipients) name(recipient);
      for (const { login } of record.copies) name(login);
      return;
    case "delivery":
      return name(record.recipient);
    case "login":
      name(record.clientAddress);
      return name(record.login === "(no address)" ? undefined : record.login);
    case "fate":
      return name(record.login);
    case "door":
      return name(record.client);
  }
}

const totalMax = JOURNAL_LIMITS.bodyMax;
/** A simple record that is no longer than this as a whole fits into the first measure. */
const SHORT_MAX = 1_000;

/** Tried in order until the body fits. The last cannot be too large: a few hundred short texts at most. */
const MEASURES: readonly Measure[] = [
  { textMax: SHORT_MAX, listMax: 1_000, fieldsMax: 40, without: [], totalMax },
  { textMax: 300, listMax: 40, fieldsMax: 40, without: [], totalMax },
  { textMax: 100, listMax: 8, fieldsMax: 40, without: ["asked"], totalMax },
  { textMax: 64, listMax: 4, fieldsMax: 40, without: ["asked", "steps", "authentication"], totalMax },
];

function bodyOf(record: JournalRecord): string {
  // To measure what is short anyway costs more than to write it.
  const short = isSimple(record) ? JSON.stringify(record) : "";
  return short !== "" && short.length <= SHORT_MAX ? withoutListKeys(short) : measuredBodyOf(record);
}

/** Holds nothing but texts and figures of its own, and was not judged: what most mail leaves behind. */
const isSimple = (record: JournalRecord): boolean =>
  record.kind === "message"
    ? record.judgement === undefined && record.authentication === undefined
    : record.kind === "session" && record.judgements.length === 0;

function measuredBodyOf(record: JournalRecord): string {
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
