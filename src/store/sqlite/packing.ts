import type { Outline } from "../../message/outline.ts";
import type { Delivery, MessageSource, NewMessage } from "../store.ts";
import type { PackedDelivery, PackedMessage, PackedNewMessage } from "./operations.ts";
import { threadIdsOf } from "./threads.ts";

/** A buffer for what goes together; larger messages get one of their own. */
const SHARED_OCTETS = 32 * 1024;
const SMALL_OCTETS = 8 * 1024;

/**
 * Small messages that go to the writer thread in one post share a buffer: to hand one over costs more than to copy a few
 * kilobytes. The first message after a post begins a new one.
 */
export class SharedBuffer {
  #buffer = new ArrayBuffer(0);
  #used = 0;

  place(octets: Uint8Array): Uint8Array<ArrayBuffer> {
    if (octets.length > SMALL_OCTETS) return new Uint8Array(octets);
    // What was handed over has no length left.
    if (this.#used + octets.length >= this.#buffer.byteLength) {
      this.#buffer = Buffer.allocUnsafeSlow(SHARED_OCTETS).buffer;
      this.#used = 0;
    }
    const placed = new Uint8Array(this.#buffer, this.#used, octets.length);
    placed.set(octets);
    this.#used += octets.length;
    return placed;
  }
}

/**
 * Makes messages ready for the way to the writer thread: the outline becomes text, the octets move to a buffer that is
 * handed over rather than copied again (a small `Buffer` shares its memory with others).
 */
export class Packing {
  readonly transfer: ArrayBuffer[] = [];
  readonly #shared: SharedBuffer;

  constructor(shared = new SharedBuffer()) {
    this.#shared = shared;
  }

  delivery({ source, outline, onward, ...delivery }: Delivery): PackedDelivery {
    const message = this.#message(source, outline);
    if (onward === undefined) return { ...delivery, message };
    return { ...delivery, message, onward: this.#message(onward.source, onward.outline) };
  }

  newMessage({ source, outline, ...message }: NewMessage): PackedNewMessage {
    return { ...message, message: this.#message(source, outline) };
  }

  #message(source: MessageSource, outline: Outline): PackedMessage {
    return { source: this.#own(source), outline: JSON.stringify(outline), threadIds: threadIdsOf(outline) };
  }

  #own(source: MessageSource): MessageSource {
    if (source.kind === "file") return source;
    const octets = this.#shared.place(source.octets);
    this.transfer.push(octets.buffer);
    return { kind: "octets", octets };
  }
}
