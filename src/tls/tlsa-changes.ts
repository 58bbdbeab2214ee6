/** What has to change in the zone for its TLSA records to be in step with our keys. RFC 7671 §8.1 */
import type { Domain } from "../base/domain-name.ts";
import type { RecordChange } from "../dns/update.ts";
import { acceptsKey, isTlsaOfKey, tlsaOfKey, type KeyPin } from "./tlsa-key.ts";
import type { TlsaOwners } from "./tlsa-owners.ts";
import type { TlsaSet, TlsaSight } from "./tlsa-rollover.ts";

/** As setup writes them. */
const TTL_S = 3600;
const DANE_TA = 2;

export type OurKeys = {
  /** Of the key in use and of the next one. */
  readonly wanted: readonly string[];
  /** Of keys that are used no more, and that no cache needs. */
  readonly over: readonly string[];
  /** Published in this process: where the zone is not seen, there is no need to do it again. */
  readonly published: ReadonlySet<string>;
};

/**
 * Adds what is missing, takes away what is over, touches nothing else: records that somebody else has put there are his. At
 * the other names only where records are. Additions need no sight of the zone, for what is there already is not added twice.
 */
export function tlsaChanges(
  { main, others }: TlsaOwners,
  { wanted, over, published }: OurKeys,
  sight: TlsaSight,
): readonly RecordChange[] {
  const sets = sight.kind === "seen" ? sight.sets : [];
  const shows = (owner: Domain, digest: string): boolean =>
    sets.some((set) => set.owner === owner && set.records.some((record) => isTlsaOfKey(record, digest)));
  const isUsed = (owner: Domain): boolean =>
    sets.some((set) => set.owner === owner && set.records.length > 0);
  const change = (kind: "add" | "remove", name: Domain, digest: string): RecordChange => ({
    kind,
    name,
    type: "TLSA",
    ttl_s: TTL_S,
    data: tlsaOfKey(digest),
  });
  const isMissing = (owner: Domain, digest: string): boolean =>
    sight.kind === "seen" ? !shows(owner, digest) : !published.has(digest);
  return [main, ...others.filter(isUsed)].flatMap((owner) => [
    ...wanted.filter((digest) => isMissing(owner, digest)).map((digest) => change("add", owner, digest)),
    ...over.filter((digest) => shows(owner, digest)).map((digest) => change("remove", owner, digest)),
  ]);
}

/** Is a record of this key anywhere to be seen? */
export const isShown = (sets: readonly TlsaSet[], digest: string): boolean =>
  sets.some(({ records }) => records.some((record) => isTlsaOfKey(record, digest)));

/** A name whose records do not know the key. Those of an issuer (DANE-TA) may speak for the certificate whatever its key is. */
export function mismatch(
  sets: readonly TlsaSet[],
  { publicKey, digest }: KeyPin,
): { readonly owner: string; readonly digest: string } | undefined {
  const owner = sets.find(
    ({ records }) => !acceptsKey(records, publicKey) && !records.some(({ usage }) => usage === DANE_TA),
  )?.owner;
  return owner === undefined ? undefined : { owner, digest };
}
