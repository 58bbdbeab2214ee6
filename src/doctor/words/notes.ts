import { ATTACK_NOTES } from "./attack-notes.ts";
import { AUTHENTICATION_NOTES } from "./authentication-notes.ts";
import { DNS_NOTES } from "./dns-notes.ts";
import { OPERATIONS_NOTES } from "./operations-notes.ts";
import type { Note } from "./phrase.ts";
import { POSTFIX_NOTES } from "./postfix-words.ts";
import { PROOF_NOTES } from "./proof-notes.ts";
import { SMTP_NOTES } from "./smtp-notes.ts";
import { TRANSPORT_NOTES } from "./transport-notes.ts";

/** Every way in which something is not as it should be. */
export const NOTES = {
  ...DNS_NOTES,
  ...AUTHENTICATION_NOTES,
  ...TRANSPORT_NOTES,
  ...SMTP_NOTES,
  ...OPERATIONS_NOTES,
  ...POSTFIX_NOTES,
  ...ATTACK_NOTES,
  ...PROOF_NOTES,
} as const satisfies Readonly<Record<string, Note>>;

export type NoteId = keyof typeof NOTES;
export const isNote = (id: string): id is NoteId => Object.hasOwn(NOTES, id);
export const noteOf = (id: NoteId): Note => NOTES[id];
