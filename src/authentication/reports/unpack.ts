/** Reports travel packed: gzip, or a zip file with one member. Both are opened under a budget. RFC 1952; APPNOTE.TXT */
import { crc32, gunzipSync, inflateRawSync } from "node:zlib";
import { err, ok, type Result } from "../../base/result.ts";
import { asBuffer } from "../../message/octets.ts";
import { REPORT_LIMITS } from "./limits.ts";

export type UnpackProblem =
  | "too-large"
  /** More than the budget comes out. */
  | "bomb"
  | "damaged"
  /** An archive inside the archive. */
  | "nested"
  | "encrypted"
  | "unknown-method"
  | "no-member"
  | "several-members";

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZIP_LOCAL = Buffer.from("PK\x03\x04", "latin1");
const ZIP_CENTRAL = Buffer.from("PK\x01\x02", "latin1");
const ZIP_END = Buffer.from("PK\x05\x06", "latin1");
const ZIP_LOCAL_OCTETS = 30;
const ZIP_CENTRAL_OCTETS = 46;
const ZIP_END_OCTETS = 22;
const ZIP_COMMENT_OCTETS_MAX = 0xffff;

/** The report as text octets, whatever it was packed in; the content decides, never the name. Never throws. T-52 */
export function unpackReport(octets: Uint8Array): Result<Buffer, UnpackProblem> {
  const packed = asBuffer(octets);
  if (packed.length > REPORT_LIMITS.packedOctetsMax) return err("too-large");
  const unpacked = startsWith(packed, GZIP)
    ? inflated(packed, gunzipSync)
    : startsWith(packed, ZIP_LOCAL) || startsWith(packed, ZIP_END)
      ? zipMember(packed)
      : undefined;
  if (unpacked === undefined) return ok(packed);
  if (unpacked.ok && isPacked(unpacked.value)) return err("nested");
  return unpacked;
}

const startsWith = (octets: Buffer, magic: Buffer): boolean => octets.subarray(0, magic.length).equals(magic);

const isPacked = (octets: Buffer): boolean => startsWith(octets, GZIP) || startsWith(octets, ZIP_LOCAL);

type Inflate = (octets: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

/** zlib stops as soon as more than `maxOutputLength` would come out. */
function inflated(packed: Buffer, inflate: Inflate): Result<Buffer, UnpackProblem> {
  const { ratioMax, unpackedAlways, unpackedOctetsMax } = REPORT_LIMITS;
  const maxOutputLength = Math.min(unpackedOctetsMax, Math.max(unpackedAlways, packed.length * ratioMax));
  try {
    return ok(inflate(packed, { maxOutputLength }));
  } catch (error) {
    return err(error instanceof RangeError ? "bomb" : "damaged");
  }
}

type ZipMember = {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly start: number;
  readonly name: string;
};

function zipMember(zip: Buffer): Result<Buffer, UnpackProblem> {
  const members = zipDirectory(zip);
  if (members === undefined) return err("damaged");
  const [member, more] = members.filter(({ name }) => !name.endsWith("/") && !name.startsWith("__MACOSX/"));
  if (member === undefined) return err("no-member");
  if (more !== undefined) return err("several-members");
  if ((member.flags & 1) !== 0) return err("encrypted");
  const packed = memberOctets(zip, member);
  if (packed === undefined) return err("damaged");
  if (member.method !== 0 && member.method !== 8) return err("unknown-method");
  const unpacked = member.method === 0 ? ok(packed) : inflated(packed, inflateRawSync);
  return unpacked.ok && crc32(unpacked.value) !== member.crc ? err("damaged") : unpacked;
}

/** The central directory; undefined where the file is not what its end says. Zip64 is for files we refuse anyway. */
function zipDirectory(zip: Buffer): readonly ZipMember[] | undefined {
  const end = zip.lastIndexOf(ZIP_END);
  if (
    end < 0 ||
    end + ZIP_END_OCTETS > zip.length ||
    zip.length - end > ZIP_END_OCTETS + ZIP_COMMENT_OCTETS_MAX
  )
    return undefined;
  const count = zip.readUInt16LE(end + 10);
  const members: ZipMember[] = [];
  let position = zip.readUInt32LE(end + 16);
  for (let i = 0; i < Math.min(count, REPORT_LIMITS.zipMembersMax); i++) {
    if (position + ZIP_CENTRAL_OCTETS > end) return undefined;
    if (!startsWith(zip.subarray(position, end), ZIP_CENTRAL)) return undefined;
    const nameOctets = zip.readUInt16LE(position + 28);
    const nameStart = position + ZIP_CENTRAL_OCTETS;
    members.push({
      flags: zip.readUInt16LE(position + 8),
      method: zip.readUInt16LE(position + 10),
      crc: zip.readUInt32LE(position + 16),
      packedSize: zip.readUInt32LE(position + 20),
      start: zip.readUInt32LE(position + 42),
      name: zip.toString("latin1", nameStart, Math.min(nameStart + nameOctets, end)),
    });
    position = nameStart + nameOctets + zip.readUInt16LE(position + 30) + zip.readUInt16LE(position + 32);
  }
  return members;
}

function memberOctets(zip: Buffer, { start, packedSize }: ZipMember): Buffer | undefined {
  if (start + ZIP_LOCAL_OCTETS > zip.length || !startsWith(zip.subarray(start), ZIP_LOCAL)) return undefined;
  const body = start + ZIP_LOCAL_OCTETS + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28);
  return body + packedSize > zip.length ? undefined : zip.subarray(body, body + packedSize);
}
