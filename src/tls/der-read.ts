/** The DER of X.690, as far as certificates and sessions are read octet for octet. Total. */

/** A length of four octets is more than anything here has. */
const LENGTH_OCTETS_MAX = 4;

export type Element = { readonly tag: number; readonly content: number; readonly end: number };

/** The DER element at `at`, which must end by `limit`; undefined for what is none. X.690 §8.1 */
export function element(octets: Buffer, at: number, limit: number): Element | undefined {
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
