import { createHash, timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";

/** A string that cannot be printed, logged or serialised by accident (D-40, F-37). */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The only way to the value; every use of it is a place to look at in review. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}

/** Compares in time that depends on neither content nor length of the common prefix (D-53). */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

const digest = (value: string | Uint8Array): Buffer => createHash("sha256").update(value).digest();
