import { createHash, createPublicKey } from "node:crypto";
import type { TlsaRecord } from "../dns/answer.ts";
import { usableTlsa } from "./dane.ts";

const DANE_EE = 3;
const PUBLIC_KEY = 1;
const SHA2_512 = 2;

/** The subjectPublicKeyInfo that certificates for this private key (PEM) hold. */
export const publicKeyOf = (key: string): Buffer =>
  createPublicKey(key).export({ type: "spki", format: "der" });

/** What `TLSA 3 1 1` says of a private key (PEM): SHA-256 of its subjectPublicKeyInfo, in hex. RFC 6698 §2.1 */
export const keyDigest = (key: string): string => digestOf(publicKeyOf(key));

export const digestOf = (publicKey: Buffer): string => createHash("sha256").update(publicKey).digest("hex");

/** As in a zone file: DANE-EE, public key, SHA2-256, the combination every sender knows. RFC 7672 §3.1.1 */
export const tlsaOfKey = (digest: string): string => `3 1 1 ${digest}`;

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
