import { err, ok, type Result } from "../../base/result.ts";
import { asBuffer } from "../../message/octets.ts";
import type { Outline, Part } from "../../message/outline.ts";
import { decodeParameter } from "../../message/parameter.ts";
import { decodeTransfer } from "../../message/transfer-encoding.ts";
import { REPORT_LIMITS } from "./limits.ts";
import { unpackReport, type UnpackProblem } from "./unpack.ts";

export type AttachedReport = { readonly kind: "aggregate" | "tls"; readonly octets: Buffer };

/**
 * The first report attached to a message, unpacked. Media type or file name make a part a candidate, since writers
 * agree on neither; the first octet of what comes out tells XML from JSON. RFC 9990 §3.5.2, RFC 8460 §5.3
 */
export function attachedReport(
  message: Uint8Array,
  outline: Outline,
): Result<AttachedReport, UnpackProblem | "no-report"> {
  for (const part of leaves(outline.root)) {
    if (!isCandidate(part)) continue;
    const { start, end } = part.body;
    // Base64 makes four of three.
    if (end - start > REPORT_LIMITS.packedOctetsMax * 2) return err("too-large");
    const decoded = decodeTransfer(asBuffer(message).subarray(start, end), part.encoding);
    const unpacked = unpackReport(decoded ?? Buffer.alloc(0));
    if (!unpacked.ok) return unpacked;
    const kind = kindOf(unpacked.value);
    if (kind !== undefined) return ok({ kind, octets: unpacked.value });
  }
  return err("no-report");
}

/** May it hold a report or a complaint? By its structure alone; nothing is unpacked. */
export const mayHoldReport = (outline: Outline): boolean =>
  outline.root.parts.some(({ type, subtype }) => type === "message" && subtype === "feedback-report") ||
  [...leaves(outline.root)].some(isCandidate);

function* leaves(part: Part): Generator<Part, void, undefined> {
  if (part.parts.length === 0 && part.message === undefined) yield part;
  for (const child of part.parts) yield* leaves(child);
}

const TYPES: ReadonlySet<string> = new Set([
  "application/gzip",
  "application/x-gzip",
  "application/zip",
  "application/x-zip-compressed",
  "application/xml",
  "text/xml",
  "application/tlsrpt+gzip",
  "application/tlsrpt+json",
  "application/tlsrpt",
]);

function isCandidate(part: Part): boolean {
  if (TYPES.has(`${part.type}/${part.subtype}`)) return true;
  const name =
    decodeParameter(part.disposition?.parameters ?? [], "filename") ??
    decodeParameter(part.parameters, "name");
  return /\.(?:xml|json|gz|zip)$/i.test(name ?? "");
}

/** By the first octet that is neither white space nor byte order mark. */
function kindOf(octets: Buffer): AttachedReport["kind"] | undefined {
  const start = octets.toString("latin1", 0, 100).replace(/^(?:\xef\xbb\xbf|\xff\xfe)?[\s\0]*/, "");
  return start.startsWith("<") ? "aggregate" : start.startsWith("{") ? "tls" : undefined;
}
