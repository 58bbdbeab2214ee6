import { argon2, hash, pbkdf2, type Argon2Algorithm } from "node:crypto";
import { promisify } from "node:util";
import { err, ok, type Result } from "../base/result.ts";
import { constantTimeEqual, type Secret } from "../base/secret.ts";
import { bcrypt, parseBcrypt, type Bcrypt } from "./foreign-hash-bcrypt.ts";
import { parseShaCrypt, shaCrypt, type ShaCrypt } from "./foreign-hash-sha-crypt.ts";

/**
 * Password hashes of another server, as `{SCHEME}text` in dovecot's manner. They are good for one login, which replaces
 * them by ours (F-07); nothing here makes one.
 */
type ForeignHash =
  | ({ readonly kind: "sha-crypt" } & ShaCrypt)
  | ({ readonly kind: "bcrypt" } & Bcrypt)
  | {
      readonly kind: "argon2";
      readonly algorithm: Argon2Algorithm;
      readonly memory_kib: number;
      readonly passes: number;
      readonly lanes: number;
      readonly salt: Buffer;
      readonly tag: Buffer;
    }
  | { readonly kind: "pbkdf2"; readonly rounds: number; readonly salt: string; readonly key: Buffer }
  | {
      readonly kind: "salted";
      readonly algorithm: "sha256" | "sha512";
      readonly salt: Buffer;
      readonly digest: Buffer;
    };

/** Why a hash cannot be taken over. `weak`: it is as good as the password to whoever has it. */
export type UnusableHash = "weak" | "unknown" | "damaged";

/** No hash we take over is longer; the longest, argon2 with long salt and tag, has about 300 characters. */
const TEXT_MAX = 512;
/** A password that was set elsewhere: longer ones only make an attempt dear (sha-crypt hashes it in every round). */
const PASSWORD_OCTETS_MAX = 256;
/** What a stored string may ask of us; libsodium's MODERATE, the dearest setting seen in public, is 256 MiB and 3. */
const ARGON2_MEMORY_KIB_MAX = 262_144;
const ARGON2_PASSES_MAX = 10;
const ARGON2_LANES_MAX = 16;
const PBKDF2_ROUNDS_MAX = 2_000_000;

const deriveArgon2 = promisify(argon2);
const derivePbkdf2 = promisify(pbkdf2);

const READERS: Readonly<Record<string, (text: string, encoding: string) => ForeignHash | undefined>> = {
  "SHA256-CRYPT": (text) => (text.startsWith("$5$") ? readShaCrypt(text) : undefined),
  "SHA512-CRYPT": (text) => (text.startsWith("$6$") ? readShaCrypt(text) : undefined),
  "BLF-CRYPT": readBcrypt,
  // What crypt(3) of that machine knew: only the strong of its schemes are taken.
  CRYPT: (text) => readShaCrypt(text) ?? readBcrypt(text),
  ARGON2I: (text) => readArgon2(text, "argon2i"),
  ARGON2ID: (text) => readArgon2(text, "argon2id"),
  PBKDF2: readPbkdf2,
  SSHA256: (text, encoding) => readSalted(text, encoding, "sha256"),
  SSHA512: (text, encoding) => readSalted(text, encoding, "sha512"),
};
/** Readable, broken, without a salt, or so fast that a stolen file is soon read. */
const WEAK =
  /^(?:PLAIN|CLEARTEXT|CLEAR|PLAIN-MD5|LDAP-MD5|SHA|SHA1|SHA256|SHA512|SSHA|SMD5|MD5|MD5-CRYPT|DES-CRYPT|LANMAN|NTLM|CRAM-MD5|DIGEST-MD5|HMAC-MD5|RPA|OTP)$/;

/** The form in which a hash of dovecot's is stored here, or why it is of no use. dovecot: Password Schemes */
export function foreignHash(scheme: string, text: string): Result<string, UnusableHash> {
  const stored = `{${scheme.toUpperCase()}}${text}`;
  if (parse(stored) !== undefined) return ok(stored);
  const [name = ""] = scheme.toUpperCase().split(".");
  if (WEAK.test(name)) return err("weak");
  // DES, and MD5 by its prefix.
  if (name === "CRYPT") return err(/^(?:\$1\$|[./0-9A-Za-z]{13}$)/.test(text) ? "weak" : "unknown");
  return err(Object.hasOwn(READERS, name) ? "damaged" : "unknown");
}

export const isForeignHash = (stored: string): boolean => stored.startsWith("{");

/** False for a wrong password and for what is no hash. */
export async function verifyForeignHash(password: Secret, stored: string): Promise<boolean> {
  const asked = parse(stored);
  const octets = Buffer.from(password.reveal(), "utf8");
  if (asked === undefined || octets.length > PASSWORD_OCTETS_MAX) return false;
  switch (asked.kind) {
    case "sha-crypt":
      return constantTimeEqual(await shaCrypt(octets, asked), asked.digest);
    case "bcrypt":
      // crypt(3) takes a password to its first NUL; one with a NUL was never set.
      return !octets.includes(0) && constantTimeEqual(await bcrypt(octets, asked), asked.digest);
    case "argon2": {
      const { algorithm, memory_kib: memory, passes, lanes: parallelism, salt: nonce, tag } = asked;
      const parameters = { message: octets, nonce, parallelism, tagLength: tag.length, memory, passes };
      return constantTimeEqual(await deriveArgon2(algorithm, parameters), tag);
    }
    case "pbkdf2": {
      const { salt, rounds, key } = asked;
      return constantTimeEqual(await derivePbkdf2(octets, salt, rounds, key.length, "sha1"), key);
    }
    case "salted":
      return constantTimeEqual(
        hash(asked.algorithm, Buffer.concat([octets, asked.salt]), "buffer"),
        asked.digest,
      );
  }
}

/** `{SCHEME}text` or `{SCHEME.encoding}text`. */
function parse(stored: string): ForeignHash | undefined {
  if (stored.length > TEXT_MAX) return undefined;
  const parts = /^\{([A-Z0-9-]{1,40})(?:\.([A-Z0-9]{1,10}))?\}/.exec(stored);
  const name = parts?.[1] ?? "";
  if (parts === null || !Object.hasOwn(READERS, name)) return undefined;
  return READERS[name]?.(stored.slice(parts[0].length), parts[2] ?? "");
}

function readShaCrypt(text: string): ForeignHash | undefined {
  const read = parseShaCrypt(text);
  return read && { kind: "sha-crypt", ...read };
}

function readBcrypt(text: string): ForeignHash | undefined {
  const read = parseBcrypt(text);
  return read && { kind: "bcrypt", ...read };
}

/** PHC string format, version 1.3 of Argon2 only. RFC 9106 §3.1 */
function readArgon2(text: string, algorithm: Argon2Algorithm): ForeignHash | undefined {
  const parts =
    /^\$(argon2id?)\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,172})$/.exec(
      text,
    );
  if (parts === null || parts[1] !== algorithm) return undefined;
  const [memory_kib = 0, passes = 0, lanes = 0] = parts.slice(2, 5).map(Number);
  const [salt, tag] = [decoded(parts[5]), decoded(parts[6])];
  const bounded =
    lanes >= 1 &&
    lanes <= ARGON2_LANES_MAX &&
    memory_kib >= 8 * lanes &&
    memory_kib <= ARGON2_MEMORY_KIB_MAX &&
    passes >= 1 &&
    passes <= ARGON2_PASSES_MAX;
  return bounded ? { kind: "argon2", algorithm, memory_kib, passes, lanes, salt, tag } : undefined;
}

/** `$1$salt$rounds$key`, HMAC-SHA-1, the key of 20 octets in hexadecimal. RFC 8018 §5.2 */
function readPbkdf2(text: string): ForeignHash | undefined {
  const parts = /^\$1\$([!-#%-~]{1,64})\$([1-9][0-9]{2,6})\$([0-9a-f]{40})$/.exec(text);
  const rounds = Number(parts?.[2]);
  if (parts === null || rounds > PBKDF2_ROUNDS_MAX) return undefined;
  return { kind: "pbkdf2", rounds, salt: parts[1] ?? "", key: Buffer.from(parts[3] ?? "", "hex") };
}

/** The digest of password and salt, then the salt; in base64 unless the scheme names an encoding. */
function readSalted(text: string, encoding: string, algorithm: "sha256" | "sha512"): ForeignHash | undefined {
  const hex = encoding === "HEX";
  if (!hex && !["", "B64", "BASE64"].includes(encoding)) return undefined;
  if (!(hex ? /^(?:[0-9a-fA-F]{2})+$/ : /^[A-Za-z0-9+/]+={0,2}$/).test(text)) return undefined;
  const octets = Buffer.from(text, hex ? "hex" : "base64");
  const length = algorithm === "sha256" ? 32 : 64;
  const salt = octets.subarray(length);
  return salt.length < 4 || salt.length > 64
    ? undefined
    : { kind: "salted", algorithm, salt, digest: octets.subarray(0, length) };
}

const decoded = (text = ""): Buffer => Buffer.from(text, "base64");
