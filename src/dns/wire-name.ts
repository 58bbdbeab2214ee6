import type { Domain } from "../base/domain-name.ts";
import { NAME_OCTETS_MAX, POINTERS_MAX } from "./limits.ts";

/** A name as labels on the wire, without compression. RFC 1035 §3.1 */
export function encodeName(name: Domain | ""): Buffer {
  if (name === "") return Buffer.from([0]);
  const parts = name
    .split(".")
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")]));
  return Buffer.concat([...parts, Buffer.from([0])]);
}

export type WireName = { readonly text: string; readonly end: number };

/**
 * Reads a name at `start`. Pointers lead backwards only, so reading ends (RFC 1035 §4.1.4). Undefined for anything
 * out of bounds; a label octet that is not printable ASCII, or a dot, is shown as `?`, which no `Domain` holds.
 */
export function decodeName(message: Buffer, start: number): WireName | undefined {
  const labels: string[] = [];
  let at = start;
  let end: number | undefined;
  let octets = 1;
  for (let pointers = 0; ;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return { text: labels.join("."), end: end ?? at + 1 };
    if (length >= 0xc0) {
      const low = message[at + 1];
      const target = ((length & 0x3f) << 8) | (low ?? 0);
      if (low === undefined || target >= at || ++pointers > POINTERS_MAX) return undefined;
      end ??= at + 2;
      at = target;
      continue;
    }
    octets += length + 1;
    if (length > 63 || octets > NAME_OCTETS_MAX || at + 1 + length > message.length) return undefined;
    labels.push(labelText(message.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
}

function labelText(octets: Buffer): string {
  return octets
    .toString("latin1")
    .replace(/[^ -\-/-~]/g, "?")
    .toLowerCase();
}
