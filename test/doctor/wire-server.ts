/** The server's side of a hello in versions OpenSSL no longer speaks: answers in clear as such servers did, and ends there. */
import { randomBytes, X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { suiteName } from "../../src/doctor/wire/suites.ts";

export type WireScript = {
  /** Versions that are spoken; "ssl2" beside numbers. */
  readonly versions: readonly (number | "ssl2")[];
  readonly suites: readonly number[];
  /** Whose order decides; the server's where it is not said. */
  readonly order?: "client";
  readonly compression?: boolean;
  /** Numbers of extensions that are answered; 0xff01 and 23 where it is not said. */
  readonly extensions?: readonly number[];
  readonly curves?: readonly number[];
  readonly primeBits?: number;
  /** SignatureScheme of the ServerKeyExchange. */
  readonly signature?: number;
  /** PEM, in the order in which they are sent. */
  readonly certificates: readonly string[];
  /** Steps down whatever the client says of it (RFC 7507). */
  readonly ignoresFallback?: boolean;
  /** Hangs up when it has chosen one of these, for want of parameters. */
  readonly stumbles?: readonly number[];
  /** Hangs up instead of sending an alert. */
  readonly silent?: boolean;
};

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const u24 = (value: number): Buffer => Buffer.concat([Buffer.of(value >> 16), u16(value & 0xffff)]);
const vector = (octets: 1 | 2 | 3, data: Buffer): Buffer => {
  const length = Buffer.alloc(octets);
  length.writeUIntBE(data.length, 0, octets);
  return Buffer.concat([length, data]);
};
const record = (type: number, version: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.of(type), u16(version), vector(2, data)]);
const message = (type: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.of(type), u24(body.length), body]);

/** Reads one hello from the socket and answers it. */
export function serveHello(socket: Socket, script: WireScript): void {
  let input = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]);
    if (input.length < 5) return;
    const isSsl2 = ((input[0] ?? 0) & 0x80) !== 0;
    if (input.length < (isSsl2 ? 2 + (input.readUInt16BE(0) & 0x7fff) : 5 + input.readUInt16BE(3))) return;
    const answer = isSsl2 ? answerSsl2(script) : answerHello(readHello(input.subarray(5)), script);
    if (answer === undefined) socket.end();
    else socket.write(answer);
  });
}

function answerSsl2({ versions, silent }: WireScript): Buffer | undefined {
  if (!versions.includes("ssl2")) return silent === true ? undefined : alert(40);
  const certificate = randomBytes(64);
  const body = Buffer.concat([
    Buffer.from([4, 0, 1]),
    u16(2),
    u16(certificate.length),
    u16(3),
    u16(16),
    certificate,
    u24(0x010080),
    randomBytes(16),
  ]);
  return Buffer.concat([u16(0x8000 | body.length), body]);
}

const alert = (description: number): Buffer => record(21, 0x0301, Buffer.from([2, description]));

type Hello = {
  readonly version: number;
  readonly suites: readonly number[];
  readonly compression: readonly number[];
  readonly extensions: ReadonlyMap<number, Buffer>;
};

function readHello(handshake: Buffer): Hello {
  let at = 4 + 2 + 32;
  const take = (length: number): Buffer => handshake.subarray(at, (at += length));
  take(handshake.readUInt8(at++));
  const suites = take(take(2).readUInt16BE());
  const compression = take(take(1).readUInt8());
  const extensions = new Map<number, Buffer>();
  if (at < handshake.length) {
    at += 2;
    while (at + 4 <= handshake.length) {
      const [type, length] = [handshake.readUInt16BE(at), handshake.readUInt16BE(at + 2)];
      at += 4;
      extensions.set(type, take(length));
    }
  }
  const chosen = extensions.get(43);
  return {
    version: chosen === undefined ? handshake.readUInt16BE(4) : chosen.readUInt16BE(1),
    suites: numbers(suites),
    compression: [...compression],
    extensions,
  };
}

const numbers = (octets: Buffer): number[] =>
  Array.from({ length: octets.length >> 1 }, (_, i) => octets.readUInt16BE(2 * i));

function answerHello(hello: Hello, script: WireScript): Buffer | undefined {
  const refuse = (description: number): Buffer | undefined =>
    script.silent === true ? undefined : alert(description);
  const spoken = script.versions.filter((one) => one !== "ssl2");
  const version = Math.max(...spoken.filter((one) => one <= hello.version), 0);
  if (version === 0) return refuse(70);
  const isLower = version < Math.max(...spoken);
  if (hello.suites.includes(0x5600) && isLower && script.ignoresFallback !== true) return refuse(86);
  const [mine, theirs] =
    script.order === "client" ? [hello.suites, script.suites] : [script.suites, hello.suites];
  const suite = mine.find((one) => theirs.includes(one));
  if (suite === undefined) return refuse(40);
  if (script.stumbles?.includes(suite) === true) return undefined;
  const offered = numbers((hello.extensions.get(10) ?? Buffer.of()).subarray(2));
  const curve = (script.curves ?? [0x17]).find((one) => offered.length === 0 || offered.includes(one));
  const name = suiteName(suite);
  if (name.startsWith("TLS_ECDH") && curve === undefined) return refuse(40);
  return record(22, version, Buffer.concat(flight(hello, script, version, suite, curve ?? 0)));
}

function flight(hello: Hello, script: WireScript, version: number, suite: number, curve: number): Buffer[] {
  const answered = (script.extensions ?? [0xff01, 23]).filter((type) => hello.extensions.has(type));
  const extensions = answered.map((type) =>
    Buffer.concat([
      u16(type),
      vector(2, type === 0xff01 ? Buffer.of(0) : type === 15 ? Buffer.of(1) : Buffer.of()),
    ]),
  );
  const name = suiteName(suite);
  const signature =
    version === 0x0303 && !name.includes("_anon_")
      ? Buffer.concat([u16(script.signature ?? 0x0804), vector(2, randomBytes(64))])
      : vector(2, randomBytes(64));
  const hellos = Buffer.concat([
    u16(version),
    randomBytes(32),
    vector(1, randomBytes(32)),
    u16(suite),
    Buffer.of(script.compression === true && hello.compression.includes(1) ? 1 : 0),
    ...(extensions.length > 0 ? [vector(2, Buffer.concat(extensions))] : []),
  ]);
  const messages = [message(2, hellos)];
  const chain = script.certificates.map((pem) => vector(3, new X509Certificate(pem).raw));
  if (!name.includes("_anon_")) messages.push(message(11, vector(3, Buffer.concat(chain))));
  if (name.startsWith("TLS_ECDH"))
    messages.push(
      message(12, Buffer.concat([Buffer.of(3), u16(curve), vector(1, randomBytes(65)), signature])),
    );
  if (name.startsWith("TLS_DH")) {
    const prime = randomBytes((script.primeBits ?? 2048) / 8);
    prime[0] = 0x80;
    const key = Buffer.concat([
      vector(2, prime),
      vector(2, Buffer.of(2)),
      vector(2, randomBytes(64)),
      signature,
    ]);
    messages.push(message(12, key));
  }
  return [...messages, message(14, Buffer.of())];
}
