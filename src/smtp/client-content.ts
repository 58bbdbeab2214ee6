import { CR, DOT, LF } from "../base/ascii.ts";

const STUFFED_DOT = Buffer.from(".");
const SPACE_OCTET = Buffer.from(" ");
const LINE_END = Buffer.from("\r\n");

/**
 * Message octets as DATA carries them: dots at line starts doubled (RFC 5321 §4.5.2), and a CR or LF that stands
 * alone turned into a space, so that nothing we send can be read as an end of message (T-31). Any chunking gives the
 * same octets.
 */
export class ContentEncoder {
  #lineStart = true;
  #pendingCr = false;

  /** Pieces in order; most of them are parts of `chunk` itself. */
  encode(chunk: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let at = this.#pendingCr ? this.#resolveCr(chunk, pieces) : 0;
    let kept = at;
    while (at < chunk.length) {
      if (this.#lineStart && chunk[at] === DOT) {
        if (at > kept) pieces.push(chunk.subarray(kept, at));
        pieces.push(STUFFED_DOT);
        kept = at;
      }
      this.#lineStart = false;
      const stop = nextBreak(chunk, at);
      if (stop < 0) break;
      if (chunk[stop] === CR && chunk[stop + 1] === LF) {
        this.#lineStart = true;
        at = stop + 2;
        continue;
      }
      if (stop > kept) pieces.push(chunk.subarray(kept, stop));
      this.#pendingCr = chunk[stop] === CR && stop + 1 === chunk.length;
      if (!this.#pendingCr) pieces.push(SPACE_OCTET);
      at = stop + 1;
      kept = at;
    }
    if (kept < chunk.length) pieces.push(chunk.subarray(kept));
    return pieces;
  }

  /** What ends the message: the last line's end where it has none, then the dot. */
  finish(): Buffer {
    const pieces = [
      this.#pendingCr ? SPACE_OCTET : "",
      this.#lineStart && !this.#pendingCr ? "" : LINE_END,
      ".\r\n",
    ];
    return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  }

  #resolveCr(chunk: Uint8Array, pieces: Uint8Array[]): number {
    if (chunk.length === 0) return 0;
    this.#pendingCr = false;
    this.#lineStart = chunk[0] === LF;
    pieces.push(this.#lineStart ? LINE_END : SPACE_OCTET);
    return this.#lineStart ? 1 : 0;
  }
}

/** The next CR or LF. Almost every LF follows its CR, so looking for the CR first finds both. */
function nextBreak(chunk: Uint8Array, from: number): number {
  const cr = chunk.indexOf(CR, from);
  const lf = chunk.subarray(from, cr < 0 ? chunk.length : cr).indexOf(LF);
  return lf < 0 ? cr : from + lf;
}
