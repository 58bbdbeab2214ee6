/** No sentence of ours in a German report is an English one. */
import assert from "node:assert/strict";
import type { Finding } from "../../src/doctor/finding.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import type { Phrase } from "../../src/doctor/words/phrase.ts";
import { REASONS, isOfProtocol, reasonInWords } from "../../src/doctor/words/reasons.ts";
import { PART_REASONS } from "../../src/doctor/words/reasons-of-parts.ts";
import { SEEN } from "../../src/doctor/words/seen.ts";
import { noteOf, type NoteId } from "../../src/doctor/words/notes.ts";

/** A value in braces is one word here: in the text of a server more would be found by chance. */
const VALUE = String.raw`\S+`;

const ENGLISH: readonly RegExp[] = [
  ...Object.values<Phrase>(SEEN),
  ...Object.values(REASONS),
  ...PART_REASONS.map(([, words]) => words),
]
  .filter(({ en, de }) => en !== de)
  .map(
    ({ en }) =>
      new RegExp(
        `^${en
          .split(/\{[a-z]+\}/)
          .map(escaped)
          .join(VALUE)}$`,
      ),
  );

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** What was seen, why and what to do, in German throughout; a text of a protocol or a server stays as it is. */
export function assertGerman(findings: readonly Finding[]): void {
  const german = reportJson(findings, "de").findings;
  const english = reportJson(findings, "en").findings;
  for (const [at, { check, evidence, seen, note, values = {}, why, remedy }] of german.entries()) {
    const about = `${check}: ${evidence}`;
    for (const sentence of ENGLISH) assert.doesNotMatch(evidence, sentence, about);
    if (seen !== undefined && SEEN[seen as keyof typeof SEEN].en !== SEEN[seen as keyof typeof SEEN].de)
      assert.notEqual(evidence, english[at]?.evidence, about);
    assert.ok(why === undefined || why !== english[at]?.why, `${about}: ${why}`);
    // A command alone is the same in both.
    const isCommand =
      note !== undefined && noteOf(note as NoteId).remedy.en === noteOf(note as NoteId).remedy.de;
    assert.ok(remedy === undefined || isCommand || remedy !== english[at]?.remedy, `${about}: ${remedy}`);
    const { reason } = values;
    const isKnown = reason === undefined || isOfProtocol(reason) || isOfServer(reason);
    assert.ok(isKnown || reasonInWords(reason, "de") !== reason, `${about}: no words for “${reason}”`);
  }
}

/** An answer in IMAP or POP3. */
const isOfServer = (reason: string): boolean => /^(?:\+|-|\* |[a-z]\d+ )/.test(reason);
