import { CR, LF } from "../base/ascii.ts";
import type { LineRead, ReadEnd } from "./connection.ts";

type LineTaken = Exclude<LineRead, ReadEnd>;

/**
 * Octets received and not yet read. Lines are cut without copying where they lie in one chunk, and no octet is
 * looked at twice while a line is incomplete.
 */
export class InputBuffer {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Chunks already searched for LF without success. */
  #searched = 0;
  #searchedOctets = 0;
  #swallowing = false;

  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  unshift(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.unshift(chunk);
    this.#length += chunk.length;
    this.#searched = 0;
    this.#searchedOctets = 0;
  }

  /** The oldest chunk, whole. */
  takeChunk(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#length -= chunk.length;
    this.#searched = 0;
    this.#searchedOctets = 0;
    return chunk;
  }

  takeAll(): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    this.#searched = 0;
    this.#searchedOctets = 0;
    return all;
  }

  /** A whole line without its ending, or `too-long` once such a line has ended. Undefined: not yet. */
  takeLine(max_octets: number): LineTaken | undefined {
    while (this.#searched < this.#chunks.length) {
      const chunk = this.#chunks[this.#searched] as Buffer;
      const at = chunk.indexOf(LF);
      if (at >= 0) return this.#finishLine(at, max_octets);
      this.#searched++;
      this.#searchedOctets += chunk.length;
      // One more than the line itself: its CR may be here already.
      if (this.#searchedOctets > max_octets + 1) this.#swallow();
    }
    return undefined;
  }

  #finishLine(at: number, max_octets: number): LineTaken {
    const head = this.#chunks.splice(0, this.#searched + 1);
    const last = head.pop() as Buffer;
    if (at + 1 < last.length) this.#chunks.unshift(last.subarray(at + 1));
    const line = head.length === 0 ? last.subarray(0, at) : Buffer.concat([...head, last.subarray(0, at)]);
    this.#length -= line.length + 1;
    this.#searched = 0;
    this.#searchedOctets = 0;
    const wasSwallowing = this.#swallowing;
    this.#swallowing = false;
    const crlf = line[line.length - 1] === CR;
    const octets = crlf ? line.subarray(0, line.length - 1) : line;
    return wasSwallowing || octets.length > max_octets
      ? { kind: "too-long" }
      : { kind: "line", octets, bareLf: !crlf };
  }

  /** Forgets what was searched: the line is too long whatever follows, memory stays flat (T-06). */
  #swallow(): void {
    this.#chunks.splice(0, this.#searched);
    this.#length -= this.#searchedOctets;
    this.#searched = 0;
    this.#searchedOctets = 0;
    this.#swallowing = true;
  }
}
