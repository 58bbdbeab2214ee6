import { element } from "../../tls/der-read.ts";

/**
 * The octets of early data (0-RTT) a server takes from whoever resumes this session, as OpenSSL keeps it. RFC 8446 §4.6.1
 * Total: undefined for what is no session; 0 where it takes none.
 *
 *     SSL_SESSION ::= SEQUENCE { ..., max_early_data [15] EXPLICIT INTEGER OPTIONAL, ... }   (openssl, ssl/ssl_asn1.c)
 */
export function maxEarlyData(kept: Buffer): number | undefined {
  if (kept.length > SESSION_OCTETS_MAX) return undefined;
  const session = withoutName(kept);
  const whole = element(session, 0, session.length);
  if (whole?.tag !== SEQUENCE_TAG || whole.end !== session.length) return undefined;
  for (let at = whole.content, fields = 0; at < whole.end; fields++) {
    const field = element(session, at, whole.end);
    if (field === undefined || fields >= FIELDS_MAX) return undefined;
    if (field.tag === MAX_EARLY_DATA_TAG) {
      const integer = element(session, field.content, field.end);
      return integer?.tag === INTEGER_TAG && integer.end === field.end
        ? uint32(session.subarray(integer.content, integer.end))
        : undefined;
    }
    at = field.end;
  }
  return 0;
}

/** What Node 26 puts before it: the name it is for, behind two octets of length. */
const NODE_PREFIX = Buffer.from("\0nodejs:tls:session:1\0");

function withoutName(kept: Buffer): Buffer {
  const at = NODE_PREFIX.length;
  const isNamed = kept.subarray(0, at).equals(NODE_PREFIX) && kept.length >= at + 2;
  return isNamed ? kept.subarray(at + 2 + kept.readUInt16BE(at)) : kept;
}

const SEQUENCE_TAG = 0x30;
const INTEGER_TAG = 0x02;
/** Context 15, constructed. */
const MAX_EARLY_DATA_TAG = 0xaf;
/** The certificate and the ticket of the server are part of it; each is bounded by what a visit reads. */
const SESSION_OCTETS_MAX = 256 * 1024;
/** OpenSSL has some twenty. */
const FIELDS_MAX = 40;

/** A leading zero keeps it positive. X.690 §8.3 */
function uint32(octets: Buffer): number | undefined {
  const isOne = octets.length >= 1 && octets.length <= 5 && ((octets[0] ?? 0) & 0x80) === 0;
  const value = isOne ? octets.readUIntBE(0, octets.length) : undefined;
  return value !== undefined && value <= 0xffff_ffff ? value : undefined;
}
