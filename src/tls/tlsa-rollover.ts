/** When may a new key be used? Once no cache can hold TLSA records that do not know it. RFC 7671 §8.1, RFC 7672 §8; T-49 */
import { z } from "zod";
import type { TlsaRecord } from "../dns/answer.ts";
import { acceptsKey, type KeyPin } from "./tlsa-key.ts";

/** The TLSA records of one name on one server of its zone; none is an answer too. */
export type TlsaSet = {
  readonly owner: string;
  readonly records: readonly TlsaRecord[];
  readonly ttl_s: number;
};
export type TlsaSight =
  | { readonly kind: "seen"; readonly sets: readonly TlsaSet[] }
  /** Not every server of the zone has answered: what it tells others is not known. `sets`: what was seen nevertheless. */
  | { readonly kind: "unknown"; readonly detail: string; readonly sets: readonly TlsaSet[] };

/** What was seen of the records with one key in mind. */
export type Sighting = {
  /** Of that key. */
  readonly digest: string;
  /** Since when every look has shown only records that accept it; undefined: the last one did not. */
  readonly since_ms?: number | undefined;
  /** The last look that had an answer. */
  readonly looked_ms: number;
  /** The longest a cache may keep anything that was seen. */
  readonly ttl_s: number;
  /** A name whose records do not accept it. */
  readonly lacking?: string | undefined;
};

export const sightingSchema = z.object({
  digest: z.string(),
  since_ms: z.number().optional(),
  looked_ms: z.number(),
  ttl_s: z.number(),
  lacking: z.string().optional(),
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Looks are an hour apart; after a longer gap nobody knows what was published meanwhile, and waiting begins anew. */
const GAP_MS = 3 * HOUR_MS;
/** Few records live longer than a day: covers what was published before the first look. */
export const PUBLISHED_FIRST_MS = 2 * DAY_MS;
/** Resolvers keep nothing longer, whatever the zone says: a week is the longest default. */
const TTL_MAX_S = 7 * 86_400;

/** The sighting after one more look. No answer is no gap until it lasts too long. */
export function afterLook(
  known: Sighting | undefined,
  next: KeyPin,
  sight: TlsaSight,
  now_ms: number,
): Sighting {
  const ttlKnown_s = known?.ttl_s ?? 0;
  const before: Sighting =
    known?.digest === next.digest ? known : { digest: next.digest, looked_ms: 0, ttl_s: ttlKnown_s };
  if (sight.kind === "unknown") return before;
  const ttl_s = Math.min(TTL_MAX_S, Math.max(ttlKnown_s, ...sight.sets.map((set) => set.ttl_s)));
  const lacking = sight.sets.find(({ records }) => !acceptsKey(records, next.publicKey))?.owner;
  const looked = { digest: next.digest, looked_ms: now_ms, ttl_s };
  if (lacking !== undefined) return { ...looked, lacking };
  const goesOn = before.since_ms !== undefined && isRecent(before, now_ms);
  return { ...looked, since_ms: goesOn ? before.since_ms : now_ms };
}

const isRecent = ({ looked_ms }: Sighting, now_ms: number): boolean =>
  now_ms >= looked_ms && now_ms - looked_ms <= GAP_MS;

export type Readiness =
  | { readonly kind: "ready" }
  /** The DNS does not tell. */
  | { readonly kind: "unseen" }
  /** Records are published, and these do not know the next key. */
  | { readonly kind: "lacking"; readonly owner: string }
  | { readonly kind: "waiting"; readonly until_ms: number };

/** May the next key be used now? Only time during which its record was seen counts: twice the TTL, and two days. */
export function readiness(sighting: Sighting, now_ms: number): Readiness {
  const { since_ms, looked_ms, ttl_s, lacking } = sighting;
  if (lacking !== undefined) return { kind: "lacking", owner: lacking };
  if (since_ms === undefined || !isRecent(sighting, now_ms)) return { kind: "unseen" };
  const wait_ms = Math.max(2 * ttl_s * 1000, PUBLISHED_FIRST_MS);
  return looked_ms - since_ms >= wait_ms
    ? { kind: "ready" }
    : { kind: "waiting", until_ms: since_ms + wait_ms };
}
