import { encodeRecord } from "../journal/encode.ts";
import type { Privacy } from "../journal/privacy.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { Recorder } from "../journal/recorder.ts";
import type { JournalEntry } from "../store/store.ts";

/** The two ways into the journal. */
export interface Journal {
  /** Soon, in company with others: what was refused or tried. */
  add(record: JournalRecord): void;
  /** For the commit that holds the message itself. */
  entry(record: JournalRecord): JournalEntry;
}

export const journalOf = (recorder: Recorder, privacy: Privacy): Journal => ({
  add: (record) => recorder.add(record),
  entry: (record) => encodeRecord(record, privacy),
});
