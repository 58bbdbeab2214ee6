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
/** A length of four octets is more than any certificate has. */
const LENGTH_OCTETS_MAX = 4;

type Element = { readonly tag: number; readonly content: number; readonly end: number };

/** The DER element at `at`, which must end by `limit`. X.690 §8.1 */
function element(octets: Buffer, at: number, limit: number): Element | undefined {
  const tag = octets[at];
  const first = octets[at + 1];
  if (tag === undefined || first === undefined || at + 2 > limit) return undefined;
  if (first < 0x80) return within({ tag, content: at + 2, end: at + 2 + first }, limit);
  const count = first & 0x7f;
  const content = at + 2 + count;
  if (count === 0 || count > LENGTH_OCTETS_MAX || content > limit) return undefined;
  return within({ tag, content, end: content + octets.readUIntBE(at + 2, count) }, limit);
}

const within = (found: Element, limit: number): Element | undefined =>
  found.end <= limit ? found : undefined;
