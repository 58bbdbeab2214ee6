import type { RecordType } from "./answer.ts";

/** Type codes. RFC 1035 §3.2.2, 2782, 3596, 4034, 6698, 8659 */
export const TYPE_CODES: Readonly<Record<RecordType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  RRSIG: 46,
  DNSKEY: 48,
  TLSA: 52,
  CAA: 257,
};

const NAMES = new Map(Object.entries(TYPE_CODES).map(([name, code]) => [code, name as RecordType]));

export const typeName = (code: number): RecordType | undefined => NAMES.get(code);
