import { createHash, createHmac, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";

/** SCRAM with SHA-256 throughout. RFC 7677 */
const HASH = "sha256";
const KEY_OCTETS = 32;
const derive = promisify(pbkdf2);

export const hmac = (key: Uint8Array, text: string | Uint8Array): Buffer =>
  createHmac(HASH, key).update(text).digest();
export const hash = (octets: Uint8Array): Buffer => createHash(HASH).update(octets).digest();

export type ScramKeys = {
  readonly clientKey: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
};

/** SaltedPassword := Hi(password, salt, i), and the keys made from it; runs on the thread pool. RFC 5802 §3 */
export async function scramKeys(password: string, salt: Uint8Array, iterations: number): Promise<ScramKeys> {
  const salted = await derive(password, salt, iterations, KEY_OCTETS, HASH);
  const clientKey = hmac(salted, "Client Key");
  return { clientKey, storedKey: hash(clientKey), serverKey: hmac(salted, "Server Key") };
}

export function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((octet, i) => octet ^ (b[i] ?? 0)));
}
