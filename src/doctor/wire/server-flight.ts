/** What a server says to a ClientHello, up to where encryption begins. Bounded by its input, total: never throws. */
import { EXTENSIONS, VERSIONS } from "./client-hello.ts";
import { suiteName } from "./suites.ts";

export type ServerFlight =
  /** More octets could complete it. */
  | { readonly kind: "incomplete" }
  | { readonly kind: "not-tls" }
  | { readonly kind: "alert"; readonly description: string }
  /** A SERVER-HELLO of SSL 2.0 with at least one cipher. */
  | { readonly kind: "ssl2" }
  | ServerHello;

export type ServerHello = {
  readonly kind: "hello";
  readonly version: number;
  readonly suite: number;
  /** CompressionMethod; 0 is none. */
  readonly compression: number;
  readonly extensions: ReadonlySet<number>;
  /** As sent, the server's own first; empty where they are encrypted. */
  readonly certificates: readonly Buffer[];
  readonly keyExchange: KeyExchange | undefined;
  /** Nothing more comes before the client speaks, or what comes is encrypted. */
  readonly complete: boolean;
};

export type KeyExchange = {
  /** NamedCurve of ECDHE. */
  readonly curve?: number;
  /** Of the prime of finite-field Diffie-Hellman. */
  readonly primeBits?: number;
  /** SignatureScheme of TLS 1.2; absent for anonymous suites. */
  readonly signature?: number;
};

const RECORD = { alert: 21, handshake: 22 } as const;
const MESSAGE = { serverHello: 2, certificate: 11, keyExchange: 12, helloDone: 14 } as const;
/** RFC 8446 §5.2: 2^14 and the most a cipher may add. */
const RECORD_OCTETS_MAX = 16_384 + 2_048;
const CERTIFICATES_MAX = 20;
const SSL2_SERVER_HELLO = 4;

/** RFC 8446 §6 and the older RFC 5246 §7.2 */
const ALERTS: Readonly<Record<number, string>> = {
  0: "close_notify",
  10: "unexpected_message",
  20: "bad_record_mac",
  22: "record_overflow",
  40: "handshake_failure",
  42: "bad_certificate",
  47: "illegal_parameter",
  50: "decode_error",
  51: "decrypt_error",
  70: "protocol_version",
  71: "insufficient_security",
  80: "internal_error",
  86: "inappropriate_fallback",
  90: "user_canceled",
  109: "missing_extension",
  110: "unsupported_extension",
  112: "unrecognized_name",
  116: "certificate_required",
  120: "no_application_protocol",
};

export function parseServerFlight(input: Buffer): ServerFlight {
  if (input.length < 5) return { kind: isTlsStart(input) || isSsl2Start(input) ? "incomplete" : "not-tls" };
  if (isSsl2Start(input)) return parseSsl2(input);
  if (!isTlsStart(input)) return { kind: "not-tls" };
  const handshake: Buffer[] = [];
  let at = 0;
  while (input.length - at >= 5) {
    const type = input.readUInt8(at);
    const length = input.readUInt16BE(at + 3);
    if (input.readUInt8(at + 1) !== 3 || length > RECORD_OCTETS_MAX) break;
    const data = input.subarray(at + 5, at + 5 + length);
    if (data.length < length) break;
    at += 5 + length;
    if (type === RECORD.handshake) handshake.push(data);
    else if (type === RECORD.alert && data.length >= 2) {
      // Warnings (an unknown name) do not end a handshake.
      if (data[0] === 1 && data[1] !== 0) continue;
      return handshake.length > 0 ? readMessages(Buffer.concat(handshake), true) : alert(data);
    } else if (handshake.length === 0) return { kind: "not-tls" };
    // ChangeCipherSpec or application data: encryption has begun.
    else return readMessages(Buffer.concat(handshake), true);
  }
  return readMessages(Buffer.concat(handshake), false);
}

const isTlsStart = (input: Buffer): boolean =>
  (input.length < 1 || input[0] === RECORD.alert || input[0] === RECORD.handshake) &&
  (input.length < 2 || input[1] === 3);
const isSsl2Start = (input: Buffer): boolean =>
  input.length >= 1 && ((input[0] ?? 0) & 0x80) !== 0 && (input.length < 3 || input[2] === SSL2_SERVER_HELLO);

function alert(data: Buffer): ServerFlight {
  const code = data[1] ?? 0;
  return { kind: "alert", description: ALERTS[code] ?? `alert ${code}` };
}

/** MSG-SERVER-HELLO, SESSION-ID-HIT, CERTIFICATE-TYPE, VERSION, then three lengths. */
function parseSsl2(input: Buffer): ServerFlight {
  if (input.length < 13) return { kind: "incomplete" };
  const [version, cipherOctets] = [input.readUInt16BE(5), input.readUInt16BE(9)];
  return version === 2 && cipherOctets >= 3 ? { kind: "ssl2" } : { kind: "not-tls" };
}

function readMessages(octets: Buffer, ended: boolean): ServerFlight {
  let hello: ServerHello | undefined;
  let at = 0;
  while (octets.length - at >= 4) {
    const length = octets.readUIntBE(at + 1, 3);
    const body = octets.subarray(at + 4, at + 4 + length);
    if (body.length < length) break;
    const type = octets.readUInt8(at);
    at += 4 + length;
    if (hello === undefined) {
      if (type !== MESSAGE.serverHello) return { kind: "not-tls" };
      hello = readHello(body);
      if (hello === undefined) return { kind: "not-tls" };
    } else if (type === MESSAGE.certificate) hello = { ...hello, certificates: readCertificates(body) };
    else if (type === MESSAGE.keyExchange) hello = { ...hello, keyExchange: readKeyExchange(body, hello) };
    else if (type === MESSAGE.helloDone) return { ...hello, complete: true };
  }
  if (hello === undefined) return { kind: ended ? "not-tls" : "incomplete" };
  return { ...hello, complete: hello.complete || ended };
}

/** RFC 5246 §7.4.1.3, RFC 8446 §4.1.3 */
function readHello(body: Buffer): ServerHello | undefined {
  const reader = new Reader(body);
  const legacy = reader.number(2);
  reader.take(32);
  reader.vector(1);
  const suite = reader.number(2);
  const compression = reader.number(1);
  if (!reader.ok) return undefined;
  const extensions = new Map<number, Buffer>();
  const list = new Reader(reader.vector(2));
  while (list.left > 0 && list.ok) extensions.set(list.number(2), list.vector(2));
  const chosen = extensions.get(EXTENSIONS.supportedVersions);
  const version = chosen?.length === 2 ? chosen.readUInt16BE(0) : legacy;
  return {
    kind: "hello",
    version,
    suite,
    compression,
    extensions: new Set(extensions.keys()),
    certificates: [],
    keyExchange: undefined,
    complete: version >= VERSIONS.tls13,
  };
}

function readCertificates(body: Buffer): readonly Buffer[] {
  const list = new Reader(new Reader(body).vector(3));
  const found: Buffer[] = [];
  while (list.left > 0 && list.ok && found.length < CERTIFICATES_MAX) found.push(list.vector(3));
  return found.filter(({ length }) => length > 0);
}

/** RFC 8422 §5.4 for a named curve (3), RFC 5246 §7.4.3 for finite fields. */
function readKeyExchange(body: Buffer, { version, suite }: ServerHello): KeyExchange | undefined {
  const reader = new Reader(body);
  const isCurve = suiteName(suite).startsWith("TLS_ECDH");
  let parameters: KeyExchange;
  if (isCurve) {
    const kind = reader.number(1);
    const curve = reader.number(2);
    reader.vector(1);
    if (kind !== 3) return undefined;
    parameters = { curve };
  } else {
    parameters = { primeBits: bitsOf(reader.vector(2)) };
    reader.vector(2);
    reader.vector(2);
  }
  if (!reader.ok) return undefined;
  return version === VERSIONS.tls12 && reader.left >= 4
    ? { ...parameters, signature: reader.number(2) }
    : parameters;
}

function bitsOf(prime: Buffer): number {
  const first = prime.findIndex((octet) => octet !== 0);
  return first < 0 ? 0 : (prime.length - first) * 8 - Math.clz32(prime[first] ?? 0) + 24;
}

/** Reads big-endian numbers and vectors; after the end everything is empty and `ok` is false. */
class Reader {
  readonly #octets: Buffer;
  #at = 0;
  ok = true;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get left(): number {
    return this.#octets.length - this.#at;
  }

  take(length: number): Buffer {
    if (this.left < length) {
      this.ok = false;
      this.#at = this.#octets.length;
      return Buffer.of();
    }
    this.#at += length;
    return this.#octets.subarray(this.#at - length, this.#at);
  }

  number(octets: 1 | 2 | 3): number {
    const data = this.take(octets);
    return data.length === 0 ? 0 : data.readUIntBE(0, octets);
  }

  vector(lengthOctets: 1 | 2 | 3): Buffer {
    return this.take(this.number(lengthOctets));
  }
}
