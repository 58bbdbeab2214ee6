import { element } from "./der-read.ts";

/**
 * The subjectPublicKeyInfo of a certificate, octet for octet as its issuer signed it: TLSA selector 1 is a digest of these
 * octets, and writing the key anew could change them. RFC 6698 §1.1.1, RFC 5280 §4.1. Total: undefined for what is no certificate.
 *
 *     TBSCertificate ::= SEQUENCE { version [0] EXPLICIT OPTIONAL, serialNumber, signature, issuer, validity, subject,
 *                                   subjectPublicKeyInfo, ... }
 */
export function subjectPublicKeyInfo(certificate: Buffer): Buffer | undefined {
  const whole = element(certificate, 0, certificate.length);
  const tbs = whole && element(certificate, whole.content, whole.end);
  if (tbs === undefined) return undefined;
  let at = tbs.content;
  const first = element(certificate, at, tbs.end);
  if (first?.tag === VERSION_TAG) at = first.end;
  for (let skipped = 0; skipped < FIELDS_BEFORE_KEY; skipped++) {
    const field = element(certificate, at, tbs.end);
    if (field === undefined) return undefined;
    at = field.end;
  }
  const key = element(certificate, at, tbs.end);
  return key?.tag === SEQUENCE_TAG ? certificate.subarray(at, key.end) : undefined;
}

const VERSION_TAG = 0xa0;
const SEQUENCE_TAG = 0x30;
/** serialNumber, signature, issuer, validity, subject. */
const FIELDS_BEFORE_KEY = 5;
