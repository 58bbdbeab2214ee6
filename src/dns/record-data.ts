import { parseDomain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import type { RecordData, RecordType } from "./answer.ts";
import { decodeName } from "./wire-name.ts";

/** The name of a record that names no host mail could go to; kept apart so that one odd record spoils no answer. */
export const UNUSABLE = Symbol("unusable");

/** Before the name of the signer. RFC 4034 §3.1 */
const SIGNATURE_HEAD_OCTETS = 18;

/** Decodes the data of one record; `UNUSABLE` for a well-formed one with an impossible name, undefined for malformed. */
export function decodeData(
  type: RecordType,
  message: Buffer,
  start: number,
  end: number,
): RecordData[RecordType] | typeof UNUSABLE | undefined {
  const data = message.subarray(start, end);
  switch (type) {
    case "A":
      return data.length === 4 ? data.join(".") : undefined;
    case "AAAA":
      return data.length === 16
        ? parseIp((data.toString("hex").match(/.{4}/g) ?? []).join(":"))?.text
        : undefined;
    case "TXT":
      return decodeTxt(data);
    case "MX":
      return decodeMx(message, start, end);
    case "NS":
    case "CNAME":
    case "PTR":
      return hostAt(message, start, end);
    case "SRV":
      return decodeSrv(message, start, end);
    case "SOA":
      return decodeSoa(message, start, end);
    case "TLSA":
      return data.length < 4
        ? undefined
        : {
            usage: data.readUInt8(0),
            selector: data.readUInt8(1),
            matching: data.readUInt8(2),
            data: Buffer.from(data.subarray(3)),
          };
    case "RRSIG":
      return data.length < SIGNATURE_HEAD_OCTETS
        ? UNUSABLE
        : { covered: data.readUInt16BE(0), ends_s: data.readUInt32BE(8), begins_s: data.readUInt32BE(12) };
    case "DNSKEY":
      return data.length < 4 ? UNUSABLE : { flags: data.readUInt16BE(0), algorithm: data.readUInt8(3) };
    case "CAA":
      return decodeCaa(data);
  }
}

/** Character strings joined, as SPF and DKIM want them. RFC 1035 §3.3.14, RFC 7208 §3.3 */
function decodeTxt(data: Buffer): string | undefined {
  const parts: string[] = [];
  for (let at = 0; at < data.length;) {
    const length = data[at] ?? 0;
    if (at + 1 + length > data.length) return undefined;
    parts.push(data.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return parts.join("");
}

function hostAt(message: Buffer, start: number, end: number) {
  const name = decodeName(message, start);
  if (!name || name.end > end) return undefined;
  return parseDomain(name.text) ?? UNUSABLE;
}

/** Like `hostAt`, but the root is a value: null MX (RFC 7505), "no such service" (RFC 2782). */
function hostOrRoot(message: Buffer, start: number, end: number) {
  const name = decodeName(message, start);
  return name?.text === "" && name.end <= end ? ("" as const) : hostAt(message, start, end);
}

function decodeMx(message: Buffer, start: number, end: number) {
  const exchange = end - start < 3 ? undefined : hostOrRoot(message, start + 2, end);
  if (exchange === undefined || exchange === UNUSABLE) return exchange;
  return { preference: message.readUInt16BE(start), exchange };
}

function decodeSrv(message: Buffer, start: number, end: number) {
  const target = end - start < 7 ? undefined : hostOrRoot(message, start + 6, end);
  if (target === undefined || target === UNUSABLE) return target;
  const [priority = 0, weight = 0, port = 0] = [0, 2, 4].map((at) => message.readUInt16BE(start + at));
  return { priority, weight, port, target };
}

function decodeSoa(message: Buffer, start: number, end: number) {
  const mname = decodeName(message, start);
  const rname = mname && decodeName(message, mname.end);
  if (!mname || !rname || rname.end + 20 > end) return undefined;
  return {
    mname: mname.text,
    rname: rname.text,
    serial: message.readUInt32BE(rname.end),
    minimum_s: message.readUInt32BE(rname.end + 16),
  };
}

function decodeCaa(data: Buffer) {
  const tagLength = data[1] ?? 0;
  if (data.length < 2 + tagLength || tagLength === 0) return undefined;
  return {
    flags: data.readUInt8(0),
    tag: data.toString("latin1", 2, 2 + tagLength).toLowerCase(),
    value: data.toString("latin1", 2 + tagLength),
  };
}
