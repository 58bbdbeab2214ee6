import { createHash, randomBytes } from "node:crypto";
import { randomPassword } from "../base/ids.ts";
import { Secret, constantTimeEqual } from "../base/secret.ts";
import { scramKeys } from "../sasl/scram-keys.ts";

/**
 * Rounds of PBKDF2 in a SCRAM verifier; RFC 7677 asks for at least 4096 (E-27). Only passwords of 147 random bits have
 * one, so more rounds protect nothing; and Cyrus SASL (mbsync, Evolution) refuses to compute more than 65,536.
 */
export const SCRAM_ITERATIONS = 10_000;
export const SCRAM_SALT_OCTETS = 16;
const HASH_SALT_OCTETS = 16;

export type GeneratedPassword = {
  /** Shown once. */
  readonly password: Secret;
  readonly hash: string;
  readonly scram: {
    readonly iterations: number;
    readonly storedKey: Uint8Array;
    readonly serverKey: Uint8Array;
  };
};

/**
 * A password the server makes: random with more than 128 bits, so that a fast hash and a SCRAM verifier give nothing
 * away (E-28, F-09).
 */
export async function generatePassword(scramSalt: Uint8Array): Promise<GeneratedPassword> {
  const password = randomPassword();
  const { storedKey, serverKey } = await scramKeys(password, scramSalt, SCRAM_ITERATIONS);
  return {
    password: new Secret(password),
    hash: fastHash(password),
    scram: { iterations: SCRAM_ITERATIONS, storedKey, serverKey },
  };
}

/** `$sha256$salt$digest`, for random secrets only. */
function fastHash(password: string): string {
  const salt = randomBytes(HASH_SALT_OCTETS).toString("base64");
  return `$sha256$${salt}$${digest(salt, password)}`;
}

export const isFastHash = (hash: string): boolean => hash.startsWith("$sha256$");

export function verifyFastHash(password: Secret, hash: string): boolean {
  const [, , salt = "", want = ""] = hash.split("$");
  return constantTimeEqual(digest(salt, password.reveal()), want);
}

const digest = (salt: string, password: string): string =>
  createHash("sha256").update(salt).update("\0").update(password).digest("base64");
