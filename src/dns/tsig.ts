import { createHmac } from "node:crypto";
import type { Domain } from "../base/domain-name.ts";
import { err, ok, type Result } from "../base/result.ts";
import { constantTimeEqual, type Secret } from "../base/secret.ts";
import { decodeName, encodeName } from "./wire-name.ts";

/** RFC 8945 §6: what every server has to know, and its longer sister. */
export type TsigAlgorithm = "hmac-sha256" | "hmac-sha512";
const HASHES: Readonly<Record<TsigAlgorithm, string>> = { "hmac-sha256": "sha256", "hmac-sha512": "sha512" };

export type TsigKey = {
  readonly name: Domain;
  readonly algorithm: TsigAlgorithm;
  /** Base64, as `tsig-keygen` writes it. */
  readonly secret: Secret;
};

/** Why an answer is not to be believed, or what the server says about our signature. RFC 8945 §3, §5.2, §5.3 */
export type TsigFault =
  | "bad-key"
  | "bad-signature"
  | "bad-time"
  | "bad-truncation"
  /** The answer bears no signature of the key: anybody could have sent it. */
  | "unsigned"
  | "forged"
  | "malformed";

const TSIG = 250;
const CLASS_ANY = 255;
/** Seconds two clocks may differ. RFC 8945 §10 */
const FUDGE_S = 300;
const HEADER_OCTETS = 12;
const RECORDS_MAX = 500;

const ERRORS: Readonly<Record<number, TsigFault>> = {
  16: "bad-signature",
  17: "bad-key",
  18: "bad-time",
  22: "bad-truncation",
};

const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);

function u48(value: number): Buffer {
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(value, 0, 6);
  return octets;
}

/** Appends the TSIG record. The MAC is needed to read the answer. RFC 8945 §4.2, §5.1 */
export function signMessage(
  message: Buffer,
  key: TsigKey,
  now_s: number,
): { readonly signed: Buffer; readonly mac: Buffer } {
  const mac = macOf(key, [message, variables(key, now_s, FUDGE_S, 0, Buffer.alloc(0))]);
  const data = Buffer.concat([
    encodeName(key.algorithm as string as Domain),
    u48(now_s),
    u16(FUDGE_S),
    u16(mac.length),
    mac,
    message.subarray(0, 2),
    u16(0),
    u16(0),
  ]);
  const record = Buffer.concat([
    encodeName(key.name),
    u16(TSIG),
    u16(CLASS_ANY),
    Buffer.alloc(4),
    u16(data.length),
    data,
  ]);
  const signed = Buffer.concat([message, record]);
  signed.writeUInt16BE(message.readUInt16BE(10) + 1, 10);
  return { signed, mac };
}

/** Is this the answer to the request with that MAC, from somebody who has the key, and not an old one? RFC 8945 §5.3 */
export function checkAnswer(
  answer: Buffer,
  key: TsigKey,
  requestMac: Buffer,
  now_s: number,
): Result<void, TsigFault> {
  const found = findTsig(answer);
  if (found === undefined) return err("unsigned");
  if (found === "malformed") return err("malformed");
  const told = ERRORS[found.error];
  if (found.mac.length === 0) return err(told ?? "unsigned");
  if (found.name !== key.name || found.algorithm !== key.algorithm) return err("forged");
  const bare = Buffer.from(answer.subarray(0, found.start));
  found.originalId.copy(bare, 0);
  bare.writeUInt16BE(answer.readUInt16BE(10) - 1, 10);
  const mac = macOf(key, [
    u16(requestMac.length),
    requestMac,
    bare,
    variables(key, found.time_s, found.fudge_s, found.error, found.other),
  ]);
  if (!constantTimeEqual(mac, found.mac)) return err("forged");
  if (told !== undefined) return err(told);
  return Math.abs(now_s - found.time_s) > found.fudge_s ? err("bad-time") : ok(undefined);
}

const macOf = (key: TsigKey, parts: readonly Buffer[]): Buffer => {
  const hmac = createHmac(HASHES[key.algorithm], Buffer.from(key.secret.reveal(), "base64"));
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

/** RFC 8945 §4.3.3 */
const variables = (key: TsigKey, time_s: number, fudge_s: number, error: number, other: Buffer): Buffer =>
  Buffer.concat([
    encodeName(key.name),
    u16(CLASS_ANY),
    Buffer.alloc(4),
    encodeName(key.algorithm as string as Domain),
    u48(time_s),
    u16(fudge_s),
    u16(error),
    u16(other.length),
    other,
  ]);

type Found = {
  readonly start: number;
  readonly name: string;
  readonly algorithm: string;
  readonly time_s: number;
  readonly fudge_s: number;
  readonly mac: Buffer;
  readonly originalId: Buffer;
  readonly error: number;
  readonly other: Buffer;
};

/** The TSIG record, which is the last of the message and the only one (RFC 8945 §5.1). Total and bounded. */
function findTsig(message: Buffer): Found | "malformed" | undefined {
  if (message.length < HEADER_OCTETS) return "malformed";
  const [questions = 0, ...sections] = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  const records = sections.reduce((sum, count) => sum + count, 0);
  if (questions > 1 || records > RECORDS_MAX) return "malformed";
  let at = HEADER_OCTETS;
  for (let i = 0; i < questions; i++) {
    const name = decodeName(message, at);
    if (name === undefined) return "malformed";
    at = name.end + 4;
  }
  for (let i = 0; i < records; i++) {
    const name = decodeName(message, at);
    if (name === undefined || name.end + 10 > message.length) return "malformed";
    const end = name.end + 10 + message.readUInt16BE(name.end + 8);
    if (end > message.length) return "malformed";
    if (message.readUInt16BE(name.end) === TSIG)
      return i === records - 1 && end === message.length
        ? readTsig(message, at, name.text, name.end + 10, end)
        : "malformed";
    at = end;
  }
  return undefined;
}

function readTsig(
  message: Buffer,
  start: number,
  name: string,
  data: number,
  end: number,
): Found | "malformed" {
  const algorithm = decodeName(message, data);
  if (algorithm === undefined || algorithm.end + 10 > end) return "malformed";
  const fixed = algorithm.end;
  const macEnd = fixed + 10 + message.readUInt16BE(fixed + 8);
  if (macEnd + 6 > end || macEnd + 6 + message.readUInt16BE(macEnd + 4) !== end) return "malformed";
  return {
    start,
    name,
    algorithm: algorithm.text,
    time_s: message.readUIntBE(fixed, 6),
    fudge_s: message.readUInt16BE(fixed + 6),
    mac: message.subarray(fixed + 10, macEnd),
    originalId: message.subarray(macEnd, macEnd + 2),
    error: message.readUInt16BE(macEnd + 2),
    other: message.subarray(macEnd + 6, end),
  };
}
