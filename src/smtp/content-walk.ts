import { LF, NUL } from "../base/ascii.ts";

/**
 * What makes a message one that we neither store nor forward (T-06, T-29, T-30); of several the first in this
 * order is told, so that the answer does not depend on how the octets were split into packets.
 */
const FAULTS = ["bare-lf", "bare-cr", "nul", "line-too-long"] as const;
export type ContentFault = (typeof FAULTS)[number];

const EMPTY: Buffer = Buffer.alloc(0);
/** No more of this octet in the chunk. */
const NONE = Number.MAX_SAFE_INTEGER;

/**
 * Walks over the lines of a message, chunk by chunk, and notes what some other program could take for a line
 * end. Only CRLF ends a line here. Looks at every octet a constant number of times.
 */
export class ContentWalk {
  readonly #line_octets_max: number;
  readonly #faults: ContentFault[] = [];
  #lineStart = true;
  #afterCr = false;
  /** Octets of the current line that lie before the current chunk, or before where it was last left. */
  #line_octets = 0;
  #chunk = EMPTY;
  /** The chunk again: two searches a line cost half as much in a text as in a buffer, 6 µs instead of 12 for 4 KB of them. */
  #text = "";
  /** Where the next CR and LF of the chunk are; below the position asked for: not looked up yet. */
  #nextCr = -1;
  #nextLf = -1;

  constructor(line_octets_max: number) {
    this.#line_octets_max = line_octets_max;
  }

  get fault(): ContentFault | undefined {
    return this.#faults.length === 0 ? undefined : FAULTS.find((fault) => this.#faults.includes(fault));
  }

  /** True at the beginning and after each CRLF. */
  get atLineStart(): boolean {
    return this.#lineStart;
  }

  /** Takes up a new chunk; the last one must have been walked to its end. */
  enter(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#text = chunk.toString("latin1");
    this.#nextCr = -1;
    this.#nextLf = -1;
  }

  /** From `at` to just after the CRLF that ends this line, or to the end of the chunk. */
  advance(at: number): number {
    const chunk = this.#chunk;
    let from = at;
    if (this.#afterCr) {
      this.#afterCr = false;
      if (chunk[from] === LF) return this.#endLine(0, from + 1);
      this.note("bare-cr");
    }
    this.#lineStart = false;
    while (from < chunk.length) {
      const cr = this.#findCr(from);
      const lf = this.#findLf(from);
      if (cr === NONE && lf === NONE) break;
      if (lf === cr + 1) return this.#endLine(cr - at, lf + 1);
      if (lf < cr) {
        this.note("bare-lf");
        from = lf + 1;
      } else if (cr === chunk.length - 1) {
        this.#afterCr = true;
        break;
      } else {
        this.note("bare-cr");
        from = cr + 1;
      }
    }
    // A CR that may yet end the line does not belong to it.
    this.#grow(chunk.length - at - (this.#afterCr ? 1 : 0));
    return chunk.length;
  }

  note(fault: ContentFault): void {
    if (!this.#faults.includes(fault)) this.#faults.push(fault);
  }

  /** Looks for NUL in a stretch that belongs to the message. */
  noteNul(stretch: Buffer): void {
    if (stretch.indexOf(NUL) >= 0) this.note("nul");
  }

  /** No more octets: a CR that waited for its LF is a bare one. */
  end(): void {
    if (this.#afterCr) this.note("bare-cr");
  }

  #endLine(octets: number, end: number): number {
    this.#grow(octets);
    this.#line_octets = 0;
    this.#lineStart = true;
    return end;
  }

  #grow(octets: number): void {
    this.#line_octets += octets;
    if (this.#line_octets > this.#line_octets_max) this.note("line-too-long");
  }

  #findCr(from: number): number {
    if (this.#nextCr < from) this.#nextCr = orNone(this.#text.indexOf("\r", from));
    return this.#nextCr;
  }

  #findLf(from: number): number {
    if (this.#nextLf < from) this.#nextLf = orNone(this.#text.indexOf("\n", from));
    return this.#nextLf;
  }
}

const orNone = (at: number): number => (at < 0 ? NONE : at);
