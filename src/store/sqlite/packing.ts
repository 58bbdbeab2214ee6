import type { Outline } from "../../message/outline.ts";
import type { Delivery, MessageSource, NewMessage } from "../store.ts";
import type { PackedDelivery, PackedMessage, PackedNewMessage } from "./operations.ts";
import { threadIdsOf } from "./threads.ts";

/**
 * Makes messages ready for the way to the writer thread: the outline becomes text, the octets move to a buffer of
 * their own that is handed over rather than copied again (a small `Buffer` shares its memory with others).
 */
export class Packing {
  readonly transfer: ArrayBuffer[] = [];

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
    const octets = new Uint8Array(source.octets);
    this.transfer.push(octets.buffer);
    return { kind: "octets", octets };
  }
}
