import type { Domain } from "../base/domain-name.ts";
import type { RecordType } from "./answer.ts";
import { MESSAGE_OCTETS_MAX, RECORDS_MAX, UDP_PAYLOAD_OCTETS } from "./limits.ts";
import { decodeData } from "./record-data.ts";
import { TYPE_CODES, typeName } from "./record-types.ts";
import { decodeName, encodeName } from "./wire-name.ts";

/** One resource record, decoded where we know its type. */
export type WireRecord = {
  readonly name: string;
  readonly type: RecordType;
  readonly ttl_s: number;
  readonly data: unknown;
};

export type DnsMessage = {
  readonly id: number;
  readonly response: boolean;
  readonly truncated: boolean;
  /** AD: the resolver vouches for DNSSEC. RFC 4035 §3.2.3 */
  readonly authenticated: boolean;
  readonly rcode: number;
  readonly question: { readonly name: string; readonly type: number } | undefined;
  readonly answers: readonly WireRecord[];
  readonly authority: readonly WireRecord[];
};

const CLASS_IN = 1;
const OPT = 41;
const FLAG_DO = 0x8000;

/** RD and AD; RFC 1035 §4.1.1, 6840 §5.7 */
const FLAGS = 0x0120;
/** CD: answers that fail validation are wanted all the same. RFC 4035 §3.2.2 */
const CHECKING_DISABLED = 0x0010;

/** A question with EDNS0, recursion desired, AD and DO set so that AD comes back. RFC 1035 §4, 6891, 6840 §5.7 */
export const encodeQuery = (id: number, name: Domain, type: RecordType): Buffer =>
  encodeQuestion(id, FLAGS, name, type);

/** The same to a resolver that is to check nothing. */
export const encodeUncheckedQuery = (id: number, name: Domain, type: RecordType): Buffer =>
  encodeQuestion(id, FLAGS | CHECKING_DISABLED, name, type);

function encodeQuestion(id: number, flags: number, name: Domain, type: RecordType): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1, 10);
  const question = Buffer.alloc(4);
  question.writeUInt16BE(TYPE_CODES[type], 0);
  question.writeUInt16BE(CLASS_IN, 2);
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(OPT, 1);
  opt.writeUInt16BE(UDP_PAYLOAD_OCTETS, 3);
  opt.writeUInt16BE(FLAG_DO, 7);
  return Buffer.concat([header, encodeName(name), question, opt]);
}

/** Reads a message. Total and bounded: undefined for whatever is not one. RFC 1035 §4.1 */
export function decodeMessage(message: Buffer): DnsMessage | undefined {
  if (message.length < 12 || message.length > MESSAGE_OCTETS_MAX) return undefined;
  const flags = message.readUInt16BE(2);
  const counts = [4, 6, 8].map((at) => message.readUInt16BE(at));
  const [questions = 0, answerCount = 0, authorityCount = 0] = counts;
  if (questions > 1 || answerCount + authorityCount > RECORDS_MAX) return undefined;
  let at = 12;
  let question: DnsMessage["question"];
  if (questions === 1) {
    const name = decodeName(message, at);
    if (!name || name.end + 4 > message.length) return undefined;
    question = { name: name.text, type: message.readUInt16BE(name.end) };
    at = name.end + 4;
  }
  const answers = decodeSection(message, at, answerCount);
  const authority = answers && decodeSection(message, answers.end, authorityCount);
  if (!answers || !authority) return undefined;
  return {
    id: message.readUInt16BE(0),
    response: (flags & 0x8000) !== 0,
    truncated: (flags & 0x0200) !== 0,
    authenticated: (flags & 0x0020) !== 0,
    rcode: flags & 0x000f,
    question,
    answers: answers.records,
    authority: authority.records,
  };
}

type Section = { readonly records: WireRecord[]; readonly end: number };

/** Records of unknown types and classes are stepped over; a malformed one spoils the message. */
function decodeSection(message: Buffer, start: number, count: number): Section | undefined {
  const records: WireRecord[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const name = decodeName(message, at);
    if (!name || name.end + 10 > message.length) return undefined;
    const type = typeName(message.readUInt16BE(name.end));
    const ttl = message.readUInt32BE(name.end + 4);
    const dataStart = name.end + 10;
    const dataEnd = dataStart + message.readUInt16BE(name.end + 8);
    if (dataEnd > message.length) return undefined;
    if (type !== undefined && message.readUInt16BE(name.end + 2) === CLASS_IN) {
      const data = decodeData(type, message, dataStart, dataEnd);
      if (data === undefined) return undefined;
      // RFC 2181 §8: a TTL with the high bit set is zero.
      records.push({ name: name.text, type, ttl_s: ttl > 0x7fffffff ? 0 : ttl, data });
    }
    at = dataEnd;
  }
  return { records, end: at };
}
