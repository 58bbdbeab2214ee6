import { join } from "node:path";

/** A segment takes no further messages beyond this; small enough to copy in a moment when it is half dead. */
export const SEGMENT_OCTETS = 32 * 1024 * 1024;

/** Where `length` octets lie. Octets once committed never change; a segment's number is never used again. */
export type Place = { readonly segment: number; readonly start: number; readonly length: number };

export const segmentsDirectory = (store: string): string => join(store, "segments");

export const segmentPath = (directory: string, segment: number): string => join(directory, `${segment}.seg`);

export function segmentNumber(name: string): number | undefined {
  const match = /^([0-9]{1,15})\.seg$/.exec(name);
  return match ? Number(match[1]) : undefined;
}
