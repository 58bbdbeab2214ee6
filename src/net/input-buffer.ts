import { CR, LF } from "../base/ascii.ts";
import type { LineRead, ReadEnd } from "./connection.ts";

type LineTaken = Exclude<LineRead, ReadEnd>;

const EMPTY = Buffer.alloc(0);

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
    // Pushing on an empty array makes room for seventeen.
    if (this.#chunks.length === 0) this.#chunks = [chunk];
    else this.#chunks.push(chunk);
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

  /** `at`: where the LF is in the chunk that was searched last. */
  #finishLine(at: number, max_octets: number): LineTaken {
    const [first = EMPTY] = this.#chunks;
    const whole =
      this.#searched === 0
        ? first
        : Buffer.concat(this.#chunks.slice(0, this.#searched + 1), this.#searchedOctets + at);
    const end = this.#searchedOctets + at;
    const wasSwallowing = this.#swallowing;
    this.#dropTo(at + 1);
    const crlf = end > 0 && whole[end - 1] === CR;
    const length = crlf ? end - 1 : end;
    if (wasSwallowing || length > max_octets) return { kind: "too-long" };
    return { kind: "line", octets: whole.subarray(0, length), bareLf: !crlf };
  }

  /** Drops what was searched without success, and so much of the chunk behind it. */
  #dropTo(at: number): void {
    const last = this.#chunks[this.#searched] ?? EMPTY;
    const rest = at < last.length ? [last.subarray(at)] : [];
    if (this.#chunks.length === 1) this.#chunks = rest;
    else this.#chunks.splice(0, this.#searched + 1, ...rest);
    this.#length -= this.#searchedOctets + at;
    this.#searched = 0;
    this.#searchedOctets = 0;
    this.#swallowing = false;
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
