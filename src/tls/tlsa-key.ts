import { createHash, createPublicKey } from "node:crypto";
import type { TlsaRecord } from "../dns/answer.ts";
import { usableTlsa } from "./dane.ts";

const DANE_EE = 3;
const PUBLIC_KEY = 1;
const SHA2_256 = 1;
const SHA2_512 = 2;

/** What TLSA records can say of a key. */
export type KeyPin = {
  /** subjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  /** Of `TLSA 3 1 1`: SHA-256 of the public key, in hex. RFC 6698 §2.1 */
  readonly digest: string;
};

/** Of a private key or of a certificate (PEM); throws where it is neither. */
export function pinOf(pem: string): KeyPin {
  const publicKey = createPublicKey(pem).export({ type: "spki", format: "der" });
  return { publicKey, digest: createHash("sha256").update(publicKey).digest("hex") };
}

export const keyDigest = (pem: string): string => pinOf(pem).digest;

/** As in a zone file: DANE-EE, public key, SHA2-256, the combination every sender knows. RFC 7672 §3.1.1 */
export const tlsaOfKey = (digest: string): string => `3 1 1 ${digest}`;

export const isTlsaOfKey = ({ usage, selector, matching, data }: TlsaRecord, digest: string): boolean =>
  usage === DANE_EE &&
  selector === PUBLIC_KEY &&
  matching === SHA2_256 &&
  Buffer.from(data).toString("hex") === digest;

/**
 * Does every sender that holds these records accept a server with this key? Also where there are none, or none that can be
 * used. Only DANE-EE records of the key count: what chain a future certificate has, nobody knows. Some senders know no
 * SHA2-512 and others look at nothing else (RFC 7671 §9), so both must be content.
 */
export function acceptsKey(records: readonly TlsaRecord[], publicKey: Buffer): boolean {
  return [records, records.filter(({ matching }) => matching !== SHA2_512)].every((known) => {
    const usable = usableTlsa(known);
    return usable.length === 0 || usable.some((record) => isOf(record, publicKey));
  });
}

function isOf({ usage, selector, matching, data }: TlsaRecord, publicKey: Buffer): boolean {
  if (usage !== DANE_EE || selector !== PUBLIC_KEY) return false;
  const shown =
    matching === 0
      ? publicKey
      : createHash(matching === SHA2_512 ? "sha512" : "sha256")
          .update(publicKey)
          .digest();
  return shown.equals(data);
}
