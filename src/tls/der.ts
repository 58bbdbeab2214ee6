/** A writer for the little ASN.1 that certificates need. DER, X.690. Pure: values in, octets out. */
export type Der = Buffer;

const SEQUENCE = 0x30;
const SET = 0x31;

function tagged(tag: number, content: Buffer): Der {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([0x80 | octets.length, ...octets]);
}

export const sequence = (...items: Der[]): Der => tagged(SEQUENCE, Buffer.concat(items));
export const set = (...items: Der[]): Der => tagged(SET, Buffer.concat(items));
export const octetString = (content: Buffer): Der => tagged(0x04, content);
export const bitString = (content: Buffer, unusedBits = 0): Der =>
  tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), content]));
export const boolean = (value: boolean): Der => tagged(0x01, Buffer.from([value ? 0xff : 0]));
export const utf8String = (text: string): Der => tagged(0x0c, Buffer.from(text, "utf8"));
/** `[n]` constructed, context-specific. */
export const explicit = (n: number, content: Der): Der => tagged(0xa0 | n, content);
/** `[n]` primitive, context-specific. */
export const implicit = (n: number, content: Buffer): Der => tagged(0x80 | n, content);

/** A non-negative INTEGER from big-endian octets. */
export function integer(octets: Buffer): Der {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const minimal = octets.subarray(start);
  const positive = (minimal[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), minimal]) : minimal;
  return tagged(0x02, positive);
}

export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const octets = [first * 40 + second, ...rest.flatMap(base128)];
  return tagged(0x06, Buffer.from(octets));
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift(0x80 | (rest % 128));
  }
  return digits;
}

/** GeneralizedTime: valid for any year, where UTCTime ends in 2049 (RFC 5280 §4.1.2.5 prefers UTCTime before 2050). */
export function time(epoch_ms: number): Der {
  const digits = new Date(epoch_ms).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  const year = Number(digits.slice(0, 4));
  return year < 2050
    ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`, "latin1"))
    : tagged(0x18, Buffer.from(`${digits}Z`, "latin1"));
}
