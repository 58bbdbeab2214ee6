import type { MessageSink } from "./backend.ts";
import type { ContentFault } from "./content-walk.ts";
import type { Reply } from "./reply.ts";

/** Why a message that is being received will not be taken. */
export type IntakeFault = ContentFault | "too-large";

/**
 * A message on its way in: counts its octets, stops passing them on at the first fault, and sees to it that
 * the sink hears exactly one of `finish` and `abort`.
 */
export class Intake {
  readonly #sink: MessageSink;
  readonly #size_octets_max: number;
  #received_octets = 0;
  #fault: IntakeFault | undefined;
  #over = false;

  /** `size_octets_max` 0: no limit (RFC 1870 §4, T-10). */
  constructor(sink: MessageSink, size_octets_max: number) {
    this.#sink = sink;
    this.#size_octets_max = size_octets_max === 0 ? Number.POSITIVE_INFINITY : size_octets_max;
  }

  get fault(): IntakeFault | undefined {
    return this.#fault;
  }

  /** Octets beyond the largest message we would take. */
  get excess_octets(): number {
    return this.#received_octets - this.#size_octets_max;
  }

  get received_octets(): number {
    return this.#received_octets;
  }

  /** A promise asks to wait, as the sink does. */
  write(octets: Uint8Array): void | Promise<void> {
    this.#received_octets += octets.length;
    if (this.excess_octets > 0) this.fail("too-large");
    if (!this.#over) return this.#sink.write(octets);
  }

  /** The first fault stands; the sink forgets the message at once. */
  fail(fault: IntakeFault): void {
    this.#fault ??= fault;
    this.abort();
  }

  finish(): Promise<readonly Reply[]> {
    this.#over = true;
    return this.#sink.finish();
  }

  /** Does nothing after `finish` or a first `abort`. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.abort();
  }
}
