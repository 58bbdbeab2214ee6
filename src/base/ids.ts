import { randomFillSync } from "node:crypto";

const ALPHABET = "0123456789bcdfghjkmnpqrstvwxyz";

/** Asking the system for each id costs a busy server 12 µs each; a page of randomness at a time costs nothing. */
const POOL_OCTETS = 4096;
const pool = Buffer.alloc(POOL_OCTETS);
let used = POOL_OCTETS;

function randomOctet(): number {
  if (used === POOL_OCTETS) {
    randomFillSync(pool);
    used = 0;
  }
  const octet = pool[used] ?? 0;
  // What was given out stands nowhere else.
  pool[used++] = 0;
  return octet;
}

/** A random id without vowels (no accidental words); 12 characters hold 59 bits. */
export function randomId(length = 12): string {
  let id = "";
  while (id.length < length) {
    const octet = randomOctet();
    if (octet < 240) id += ALPHABET[octet % 30];
  }
  return id;
}

/** A password a person can type: six groups of five, 147 bits (E-28 asks 128). */
export function randomPassword(): string {
  return (randomId(30).match(/.{5}/g) ?? []).join("-");
}
