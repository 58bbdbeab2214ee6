import type { Domain } from "../base/domain-name.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { RecordType } from "./answer.ts";
import { encodeData } from "./record-text.ts";
import { TYPE_CODES } from "./record-types.ts";
import { encodeName } from "./wire-name.ts";

/** One record that is to come or to go, or (`clear`) all of its name and type; otherwise others stay. */
export type RecordChange = {
  readonly kind: "add" | "remove" | "clear";
  readonly name: Domain;
  readonly type: RecordType;
  readonly ttl_s: number;
  /** As in a zone file; nothing for `clear`. */
  readonly data: string;
};

const OPCODE_UPDATE = 0x2800;
const CLASS_IN = 1;
/** RFC 2136 §2.5: what the class of an update record says is to be done. */
const CLASSES = { add: CLASS_IN, remove: 254, clear: 255 } as const;
/** More in one message is a mistake of ours. */
const CHANGES_MAX = 200;

const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);

/** An UPDATE message without signature; the error is the first change that cannot be written. RFC 2136 §2 */
export function encodeUpdate(
  id: number,
  zone: Domain,
  changes: readonly RecordChange[],
): Result<Buffer, RecordChange> {
  const records: Buffer[] = [];
  for (const change of changes.slice(0, CHANGES_MAX)) {
    const data = change.kind === "clear" ? Buffer.alloc(0) : encodeData(change.type, change.data);
    if (data === undefined) return err(change);
    const ttl = Buffer.alloc(4);
    if (change.kind === "add") ttl.writeUInt32BE(change.ttl_s);
    records.push(
      encodeName(change.name),
      u16(TYPE_CODES[change.type]),
      u16(CLASSES[change.kind]),
      ttl,
      u16(data.length),
      data,
    );
  }
  const header = Buffer.concat([
    u16(id),
    u16(OPCODE_UPDATE),
    u16(1),
    u16(0),
    u16(Math.min(changes.length, CHANGES_MAX)),
    u16(0),
  ]);
  return ok(Buffer.concat([header, encodeName(zone), u16(TYPE_CODES.SOA), u16(CLASS_IN), ...records]));
}

/** Names of the codes an update is answered with. RFC 2136 §2.2 */
const RCODES: Readonly<Record<number, string>> = {
  0: "noerror",
  1: "formerr",
  2: "servfail",
  3: "nxdomain",
  4: "notimp",
  5: "refused",
  6: "yxdomain",
  7: "yxrrset",
  8: "nxrrset",
  9: "notauth",
  10: "notzone",
};

/** The code of an answer to the message with this id; undefined for anything else. */
export function updateRcode(answer: Buffer, id: number): string | undefined {
  if (answer.length < 12 || answer.readUInt16BE(0) !== id) return undefined;
  const flags = answer.readUInt16BE(2);
  if ((flags & 0xf800) !== (0x8000 | OPCODE_UPDATE)) return undefined;
  return RCODES[flags & 0xf] ?? `rcode-${flags & 0xf}`;
}
