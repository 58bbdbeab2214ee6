/**
 * The first octets of a client in every version of SSL and TLS. OpenSSL no longer speaks the old ones, and it
 * cannot be told to offer only bad things; here what is offered is exactly what was asked for.
 */

/** SSL 3.0 to TLS 1.3 as on the wire. */
export const VERSIONS = { ssl3: 0x0300, tls10: 0x0301, tls11: 0x0302, tls12: 0x0303, tls13: 0x0304 } as const;

/** Numbers of the TLS ExtensionType registry. */
export const EXTENSIONS = {
  serverName: 0,
  groups: 10,
  pointFormats: 11,
  signatures: 13,
  heartbeat: 15,
  extendedMasterSecret: 23,
  supportedVersions: 43,
  keyShare: 51,
  renegotiationInfo: 0xff01,
} as const;

export type HelloOffer = {
  /** The highest version offered; TLS 1.3 offers nothing else. */
  readonly version: number;
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly signatures: readonly number[];
  /** SNI; left out for an address. */
  readonly serverName: string | undefined;
  /** DEFLATE before none (RFC 3749). */
  readonly compression?: boolean;
  /** RFC 7507: the client says that it has stepped down. */
  readonly fallback?: boolean;
};

/** X25519, P-256, P-384, P-521, X448, and the finite-field groups of RFC 7919. */
export const GOOD_GROUPS = [0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101, 0x0102];
/** Binary and prime curves of RFC 4492 below 256 bits, and explicit ones: RFC 8422 §5.1.1 took them back. */
export const WEAK_GROUPS = [
  ...Array.from({ length: 8 }, (_, i) => 1 + i),
  ...Array.from({ length: 7 }, (_, i) => 15 + i),
];
/** ECDSA, Ed25519, RSA-PSS and RSA with SHA-2; SHA-1 last. */
export const SIGNATURES = [
  0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0402, 0x0203, 0x0201,
  0x0202,
];
export const SHA1_SIGNATURES = [0x0203, 0x0201, 0x0202];

const X25519 = 0x001d;
const FALLBACK_SCSV = 0x5600;
const RENEGOTIATION_SCSV = 0x00ff;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;

/** A ClientHello in its record. `random`: 32 octets, 32 of a session id, 32 of a key share. RFC 8446 §4.1.2 */
export function clientHello(offer: HelloOffer, random: Uint8Array): Buffer {
  const is13 = offer.version >= VERSIONS.tls13;
  const legacy = Math.min(offer.version, VERSIONS.tls12);
  const suites = [...offer.suites, ...(offer.fallback === true ? [FALLBACK_SCSV] : [])];
  // SSL 3.0 has no extensions; the signalling suite says the same (RFC 5746 §3.3).
  if (offer.version === VERSIONS.ssl3) suites.push(RENEGOTIATION_SCSV);
  const body = Buffer.concat([
    u16(legacy),
    random.subarray(0, 32),
    vector8(is13 ? random.subarray(32, 64) : Buffer.of()),
    vector16(Buffer.concat(suites.map(u16))),
    vector8(Buffer.from(offer.compression === true ? [1, 0] : [0])),
    ...(offer.version === VERSIONS.ssl3 ? [] : [vector16(extensions(offer, random.subarray(64, 96)))]),
  ]);
  const handshake = Buffer.concat([Buffer.from([CLIENT_HELLO]), u24(body.length), body]);
  // RFC 8446 §5.1: the record of a first hello says TLS 1.0 for the sake of old servers.
  const outer = Math.min(legacy, VERSIONS.tls10);
  return Buffer.concat([Buffer.from([HANDSHAKE_RECORD]), u16(outer), vector16(handshake)]);
}

function extensions(offer: HelloOffer, share: Uint8Array): Buffer {
  const is13 = offer.version >= VERSIONS.tls13;
  const list: Buffer[] = [];
  const add = (type: number, data: Buffer): void => void list.push(u16(type), vector16(data));
  if (offer.serverName !== undefined) {
    const name = Buffer.concat([Buffer.of(0), vector16(Buffer.from(offer.serverName, "latin1"))]);
    add(EXTENSIONS.serverName, vector16(name));
  }
  add(EXTENSIONS.groups, vector16(Buffer.concat(offer.groups.map(u16))));
  add(EXTENSIONS.pointFormats, vector8(Buffer.of(0)));
  if (offer.version >= VERSIONS.tls12)
    add(EXTENSIONS.signatures, vector16(Buffer.concat(offer.signatures.map(u16))));
  if (is13) {
    add(EXTENSIONS.supportedVersions, vector8(u16(offer.version)));
    add(EXTENSIONS.keyShare, vector16(Buffer.concat([u16(X25519), vector16(share)])));
    return Buffer.concat(list);
  }
  add(EXTENSIONS.heartbeat, Buffer.of(1));
  add(EXTENSIONS.extendedMasterSecret, Buffer.of());
  add(EXTENSIONS.renegotiationInfo, vector8(Buffer.of()));
  return Buffer.concat(list);
}

/** The seven kinds of SSL 2.0. */
const SSL2_SUITES = [0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700c0];

/** A CLIENT-HELLO of SSL 2.0 that offers nothing else. `random`: 16 octets. RFC 6101 §E.2 */
export function ssl2ClientHello(random: Uint8Array): Buffer {
  const suites = Buffer.concat(SSL2_SUITES.map(u24));
  const challenge = random.subarray(0, 16);
  const body = Buffer.concat([
    Buffer.from([CLIENT_HELLO, 0, 2]),
    u16(suites.length),
    u16(0),
    u16(challenge.length),
    suites,
    challenge,
  ]);
  return Buffer.concat([u16(0x8000 | body.length), body]);
}

const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);
const u24 = (value: number): Buffer => Buffer.from([(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]);
const vector8 = (data: Uint8Array): Buffer => Buffer.concat([Buffer.from([data.length]), data]);
const vector16 = (data: Uint8Array): Buffer => Buffer.concat([u16(data.length), data]);
