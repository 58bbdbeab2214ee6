import { CR, DOT, LF } from "../base/ascii.ts";
import { ContentWalk, type ContentFault } from "./content-walk.ts";

export type DataRead = {
  /** The message's octets in this chunk, dot-stuffing undone; parts of the chunk, not copies. */
  readonly body: readonly Buffer[];
  /** Octets of the chunk that belong to the message; what follows is the next command. */
  readonly used: number;
  /** CRLF.CRLF was seen. */
  readonly done: boolean;
};

/**
 * The octets between 354 and the final dot. The only end is CRLF.CRLF (at the very beginning .CRLF); anything
 * else that looks like one is content, and its fault is noted. Whatever the chunks, the result is the same.
 * RFC 5321 §4.1.1.4, 4.5.2; T-29, T-30, CVE-2023-51764
 */
export class DataReader {
  readonly #walk: ContentWalk;
  /** What was seen since the last line start, where it could still become the final dot. */
  #dot: "none" | "dot" | "dot-cr" = "none";

  constructor(line_octets_max: number) {
    this.#walk = new ContentWalk(line_octets_max);
  }

  get fault(): ContentFault | undefined {
    return this.#walk.fault;
  }

  push(chunk: Buffer): DataRead {
    const body: Buffer[] = [];
    const walk = this.#walk;
    walk.enter(chunk);
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#dot !== "none") {
        const end = this.#afterDot(chunk[at]);
        if (end === "final") return this.#finish(chunk, body, at + 1);
        if (end === "maybe") {
          at++;
          continue;
        }
        from = at;
      } else if (walk.atLineStart && chunk[at] === DOT) {
        if (at > from) body.push(chunk.subarray(from, at));
        this.#dot = "dot";
        from = ++at;
        continue;
      }
      at = walk.advance(at);
    }
    if (this.#dot === "none" && at > from) body.push(chunk.subarray(from, at));
    walk.noteNul(chunk);
    return { body, used: chunk.length, done: false };
  }

  /** `.` CR LF ends the message; `.` and anything else was a stuffed dot, which is dropped. */
  #afterDot(octet: number | undefined): "final" | "maybe" | "content" {
    if (this.#dot === "dot" && octet === CR) {
      this.#dot = "dot-cr";
      return "maybe";
    }
    if (this.#dot === "dot-cr") {
      if (octet === LF) return "final";
      this.#walk.note("bare-cr");
    }
    this.#dot = "none";
    return "content";
  }

  #finish(chunk: Buffer, body: readonly Buffer[], used: number): DataRead {
    this.#walk.noteNul(chunk.subarray(0, used));
    return { body, used, done: true };
  }
}
