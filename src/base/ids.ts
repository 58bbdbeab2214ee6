import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789bcdfghjkmnpqrstvwxyz";

/** A random id without vowels (no accidental words); 12 characters hold 59 bits. */
export function randomId(length = 12): string {
  let id = "";
  while (id.length < length) {
    for (const octet of randomBytes(length)) {
      if (octet < 240 && id.length < length) id += ALPHABET[octet % 30];
    }
  }
  return id;
}

/** A password a person can type: six groups of five, 147 bits (E-28 asks 128). */
export function randomPassword(): string {
  return (randomId(30).match(/.{5}/g) ?? []).join("-");
}
