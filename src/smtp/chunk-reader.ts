import { ContentWalk, type ContentFault } from "./content-walk.ts";

/**
 * The octets of BDAT chunks: no dot has a meaning here, but what is not allowed in DATA is not allowed here
 * either, or the next hop would find a line end that we did not see. RFC 3030 §2, T-30
 */
export class ChunkReader {
  readonly #walk: ContentWalk;

  constructor(line_octets_max: number) {
    this.#walk = new ContentWalk(line_octets_max);
  }

  get fault(): ContentFault | undefined {
    return this.#walk.fault;
  }

  push(octets: Buffer): void {
    this.#walk.enter(octets);
    let at = 0;
    while (at < octets.length) at = this.#walk.advance(at);
    this.#walk.noteNul(octets);
  }

  /** The last chunk has ended. */
  end(): void {
    this.#walk.end();
  }
}
