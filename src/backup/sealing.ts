import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { ARCHIVE_LIMITS } from "./limits.ts";

/**
 * AES-256-GCM in pieces, each with its number and whether it is the last one in the nonce, and the header as additional
 * data: pieces changed, left out, put in another order or cut off at the end are found out. The STREAM construction
 * (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015).
 */

const TAG_OCTETS = 16;
/** Length of a piece in front of it. */
export const LENGTH_OCTETS = 4;
export const SEALED_MAX_OCTETS = ARCHIVE_LIMITS.chunk_octets + TAG_OCTETS;

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

const digestOf = (header: Buffer): Buffer => createHash("sha256").update(header).digest();

/** Seals octets as they come. */
export class Sealer {
  readonly #key: Buffer;
  readonly #header: Buffer;
  #number = 0;
  #pending: Buffer[] = [];
  #pendingOctets = 0;

  constructor(key: Buffer, header: Buffer) {
    this.#key = key;
    this.#header = digestOf(header);
  }

  /** What is ready to be written: whole pieces that are not the last. */
  push(octets: Buffer): readonly Buffer[] {
    this.#pending.push(octets);
    this.#pendingOctets += octets.length;
    if (this.#pendingOctets <= ARCHIVE_LIMITS.chunk_octets) return [];
    let all = Buffer.concat(this.#pending);
    const sealed: Buffer[] = [];
    while (all.length > ARCHIVE_LIMITS.chunk_octets) {
      sealed.push(this.#seal(all.subarray(0, ARCHIVE_LIMITS.chunk_octets), false));
      all = all.subarray(ARCHIVE_LIMITS.chunk_octets);
    }
    this.#pending = [all];
    this.#pendingOctets = all.length;
    return sealed;
  }

  end(): Buffer {
    return this.#seal(Buffer.concat(this.#pending), true);
  }

  #seal(octets: Buffer, last: boolean): Buffer {
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonceOf(this.#number++, last));
    cipher.setAAD(this.#header);
    const length = Buffer.alloc(LENGTH_OCTETS);
    length.writeUInt32BE(octets.length + TAG_OCTETS);
    return Buffer.concat([length, cipher.update(octets), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Opens pieces in their order. */
export class Opener {
  readonly #key: Buffer;
  readonly #header: Buffer;
  #number = 0;

  constructor(key: Buffer, header: Buffer) {
    this.#key = key;
    this.#header = digestOf(header);
  }

  get number(): number {
    return this.#number;
  }

  /** `last`: nothing follows in the file. Undefined where the piece is not what was written there. */
  open(sealed: Buffer, last: boolean): Buffer | undefined {
    if (sealed.length < TAG_OCTETS) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonceOf(this.#number, last));
    decipher.setAAD(this.#header);
    decipher.setAuthTag(sealed.subarray(-TAG_OCTETS));
    try {
      const octets = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_OCTETS)), decipher.final()]);
      this.#number++;
      return octets;
    } catch {
      return undefined;
    }
  }
}
