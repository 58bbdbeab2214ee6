import type { FateEvent } from "./record.ts";

/** What is kept, and for how long: short by default, since a journal is full of other people's addresses (G-17). */
export type Privacy = {
  /** Records older than this are forgotten. */
  readonly keep_days: number;
  /** And the oldest before that, where there is more than this. */
  readonly octets_max: number;
  /** Subjects are the writers' words; they help to find a message and are nobody's business. */
  readonly subjects: boolean;
  /** What readers do with their mail: everything, only what they call junk, or nothing. */
  readonly fates: "all" | "junk" | "none";
};

export const DEFAULT_PRIVACY: Privacy = {
  keep_days: 30,
  octets_max: 512 * 1024 * 1024,
  subjects: false,
  fates: "all",
};

const DAY_MS = 86_400_000;

/** What `store.journal.prune` is to be given now. */
export function retention(privacy: Privacy, now_ms: number): { before_ms: number; octets_max: number } {
  return { before_ms: now_ms - privacy.keep_days * DAY_MS, octets_max: privacy.octets_max };
}

/** Whether an event of a reader may be written down. */
export const keepsFate = ({ fates }: Privacy, event: FateEvent): boolean =>
  fates === "all" || (fates === "junk" && (event === "to-junk" || event === "from-junk"));

/** `12345678.x.spamrats.com` */
const KEYED_LENGTH = 23;

/** Users of Spamhaus DQS and SpamRATS have a key in front of the zone; it opens the list for whoever reads it (D-07). */
export function withoutListKeys(text: string): string {
  if (text.length < KEYED_LENGTH || !/spamhaus\.net|spamrats\.com/i.test(text)) return text;
  return text.replace(
    /[a-z0-9]{20,63}(?=\.[a-z]{1,16}\.dq\.spamhaus\.net)|[a-z0-9]{8,63}(?=\.[a-z]{1,16}\.spamrats\.com)/gi,
    "(key)",
  );
}

/** People type passwords where names belong: only what looks like an address is written down. */
export const loginShown = (login: string): string =>
  /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(login) ? login : "(no address)";
