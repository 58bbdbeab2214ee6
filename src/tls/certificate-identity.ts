/**
 * The name by which renewal information of a certificate is asked for: its authority's key identifier and its serial
 * number, octet for octet as they were signed. RFC 9773 §4.1. Total: undefined for what is no certificate or does
 * not say which key signed it.
 *
 *     unique-id = base64url(keyIdentifier) "." base64url(serialNumber)
 */
export function renewalIdentity(certificate: Buffer): string | undefined {
  const whole = elements(certificate)[0];
  const tbs = whole && elements(whole.content)[0];
  if (tbs === undefined) return undefined;
  const fields = elements(tbs.content);
  const serial = fields.find(({ tag }) => tag === INTEGER);
  const extensions = fields.find(({ tag }) => tag === EXTENSIONS);
  if (serial === undefined || serial.content.length === 0 || extensions === undefined) return undefined;
  const key = authorityKey(extensions.content);
  return key && `${key.toString("base64url")}.${serial.content.toString("base64url")}`;
}

const INTEGER = 0x02;
/** `[3] EXPLICIT` of TBSCertificate. */
const EXTENSIONS = 0xa3;
/** `[0] IMPLICIT` of AuthorityKeyIdentifier. RFC 5280 §4.2.1.1 */
const KEY_IDENTIFIER = 0x80;
/** OBJECT IDENTIFIER 2.5.29.35. */
const AUTHORITY_KEY_IDENTIFIER = "551d23";
/** Certificates have about ten extensions; a list longer than this is none we read. */
const ELEMENTS_MAX = 256;

function authorityKey(extensions: Buffer): Buffer | undefined {
  for (const { content } of elements(elements(extensions)[0]?.content ?? Buffer.alloc(0))) {
    const [oid, ...rest] = elements(content);
    if (oid?.content.toString("hex") !== AUTHORITY_KEY_IDENTIFIER) continue;
    const value = elements(rest.at(-1)?.content ?? Buffer.alloc(0))[0];
    return elements(value?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === KEY_IDENTIFIER)?.content;
  }
  return undefined;
}

type Element = { readonly tag: number; readonly content: Buffer };

/** The DER elements that follow each other in `octets`, as far as they can be read. X.690 §8.1 */
function elements(octets: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 2 <= octets.length && found.length < ELEMENTS_MAX;) {
    const first = octets[at + 1] ?? 0;
    const count = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + count;
    if (first === 0x80 || count > 4 || start > octets.length) break;
    const end = start + (count === 0 ? first : octets.readUIntBE(at + 2, count));
    if (end > octets.length) break;
    found.push({ tag: octets[at] ?? 0, content: octets.subarray(start, end) });
    at = end;
  }
  return found;
}
