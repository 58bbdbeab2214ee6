import { setImmediate } from "node:timers/promises";
import { blowfishStart, type Blowfish } from "./foreign-hash-blowfish.ts";

/** What a stored bcrypt string asks for. */
export type Bcrypt = {
  /** Two to this power are the rounds. */
  readonly cost: number;
  readonly salt: Buffer;
  /** The result in bcrypt's alphabet. */
  readonly digest: string;
};

const COST_MIN = 4;
/** A second or two, once; PHP and dovecot write 5 to 12. */
const COST_MAX = 14;
/** A few milliseconds of work, then others have their turn (D-31). */
const ROUNDS_AT_ONCE = 16;
/** What bcrypt looks at; the rest of a longer password says nothing, here as there. */
const PASSWORD_OCTETS_MAX = 72;
const SALT_OCTETS = 16;
const DIGEST_OCTETS = 23;
const PLAINTEXT = Buffer.from("OrpheanBeholderScryDoubt", "latin1");
const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * Reads `$2y$`, `$2b$` and `$2a$`; undefined for anything else, and for `$2x$`, whose program mistook octets above 127.
 *
 *     bcrypt = "$2" ("a" / "b" / "y") "$" 2DIGIT "$" 22(salt) 31(digest)
 */
export function parseBcrypt(text: string): Bcrypt | undefined {
  const parts = /^\$2[aby]\$([0-9]{2})\$([./0-9A-Za-z]{22})([./0-9A-Za-z]{31})$/.exec(text);
  if (parts === null) return undefined;
  const [, cost = "", salt = "", digest = ""] = parts;
  if (Number(cost) < COST_MIN || Number(cost) > COST_MAX) return undefined;
  const octets = Buffer.from(translated(salt, ALPHABET, BASE64), "base64").subarray(0, SALT_OCTETS);
  return { cost: Number(cost), salt: octets, digest };
}

/** The digest of this password with this salt and cost. Provos and Mazières, A Future-Adaptable Password Scheme, §5 */
export async function bcrypt(password: Buffer, { cost, salt }: Omit<Bcrypt, "digest">): Promise<string> {
  const cipher = blowfishStart();
  const key = wordsOf(Buffer.concat([password.subarray(0, PASSWORD_OCTETS_MAX), Buffer.of(0)]));
  const saltWords = wordsOf(salt);
  const nothing = new Int32Array(1);
  cipher.expand(key, saltWords);
  for (let i = 0; i < 2 ** cost; i++) {
    cipher.expand(key, nothing);
    cipher.expand(saltWords, nothing);
    if (i % ROUNDS_AT_ONCE === ROUNDS_AT_ONCE - 1) await setImmediate();
  }
  return translated(digestOf(cipher).toString("base64").replace(/=+$/, ""), BASE64, ALPHABET);
}

function digestOf(cipher: Blowfish): Buffer {
  const text = Buffer.from(PLAINTEXT);
  for (let at = 0; at < text.length; at += 8) {
    let pair: readonly [number, number] = [text.readInt32BE(at), text.readInt32BE(at + 4)];
    for (let i = 0; i < 64; i++) pair = cipher.encrypt(...pair);
    text.writeInt32BE(pair[0], at);
    text.writeInt32BE(pair[1], at + 4);
  }
  return text.subarray(0, DIGEST_OCTETS);
}

/** Words of the octets as they come round and round: as many as bring the end of octets and of a word together. */
function wordsOf(octets: Buffer): Int32Array {
  const round = Buffer.concat(octets.length % 4 === 0 ? [octets] : [octets, octets, octets, octets]);
  return Int32Array.from({ length: round.length / 4 }, (_, i) => round.readInt32BE(4 * i));
}

const translated = (text: string, from: string, to: string): string =>
  text.replace(/./g, (character) => to.charAt(from.indexOf(character)));
