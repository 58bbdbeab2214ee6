import { CR, LF, SPACE } from "../base/ascii.ts";
import { asBuffer } from "./octets.ts";

/**
 * The same octets with every CR or LF that stands alone turned into a space: what Postfix calls
 * `cleanup_replace_stray_cr_lf` (T-31). Returns its argument where there is none.
 */
export function withoutStrayLineEnds(octets: Uint8Array): Buffer {
  const given = asBuffer(octets);
  let copy: Buffer | undefined;
  for (let at = nextBreak(given, 0); at >= 0; at = nextBreak(given, at)) {
    if (given[at] === CR && given[at + 1] === LF) {
      at += 2;
      continue;
    }
    copy ??= Buffer.from(given);
    copy[at] = SPACE;
    at++;
  }
  return copy ?? given;
}

/** The next CR or LF. Almost every LF follows its CR, so looking for the CR first finds both. */
function nextBreak(octets: Buffer, from: number): number {
  const cr = octets.indexOf(CR, from);
  const lf = octets.subarray(from, cr < 0 ? octets.length : cr).indexOf(LF);
  return lf < 0 ? cr : from + lf;
}
