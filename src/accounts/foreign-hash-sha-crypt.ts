import { hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";

/** What a stored SHA-crypt string asks for. */
export type ShaCrypt = {
  readonly algorithm: "sha256" | "sha512";
  readonly rounds: number;
  readonly salt: string;
  /** The result in the alphabet of crypt(3). */
  readonly digest: string;
};

const ROUNDS_DEFAULT = 5_000;
/** The specification's least; it lets no smaller number stand in a stored string. */
const ROUNDS_MIN = 1_000;
/** Python's passlib writes 656,000 (one to three seconds here, once); more would only keep others waiting. */
const ROUNDS_MAX = 1_000_000;
/** A few milliseconds of work, then others have their turn: this is computed beside all other mail (D-31). */
const ROUNDS_AT_ONCE = 1_000;

/**
 * Reads the strings of crypt(3) for SHA-256 and SHA-512; undefined for anything else. SHA-crypt specification 0.6 (Drepper)
 *
 *     crypt = "$" ("5" / "6") "$" ["rounds=" 1*DIGIT "$"] *16(salt) "$" (43 / 86)(digest)
 */
export function parseShaCrypt(text: string): ShaCrypt | undefined {
  const parts =
    /^\$([56])\$(?:rounds=([1-9][0-9]{3,8})\$)?([^$:\u0000-\u001f\u007f-\uffff]{0,16})\$([./0-9A-Za-z]{43,86})$/.exec(
      text,
    );
  if (parts === null) return undefined;
  const algorithm = parts[1] === "5" ? "sha256" : "sha512";
  const rounds = parts[2] === undefined ? ROUNDS_DEFAULT : Number(parts[2]);
  const [, , , salt = "", digest = ""] = parts;
  if (rounds < ROUNDS_MIN || rounds > ROUNDS_MAX) return undefined;
  if (digest.length !== (algorithm === "sha256" ? 43 : 86)) return undefined;
  return { algorithm, rounds, salt, digest };
}

/** The digest of this password with this salt and these rounds, in the steps the specification numbers. */
export async function shaCrypt(password: Buffer, asked: Omit<ShaCrypt, "digest">): Promise<string> {
  const { algorithm, rounds } = asked;
  const salt = Buffer.from(asked.salt, "latin1");
  const digest = (...parts: readonly Buffer[]): Buffer => hash(algorithm, Buffer.concat(parts), "buffer");
  // Steps 1 to 12.
  const b = digest(password, salt, password);
  const byBits: Buffer[] = [];
  for (let bits = password.length; bits > 0; bits >>>= 1) byBits.push(bits % 2 === 1 ? b : password);
  let a = digest(password, salt, stretched(b, password.length), ...byBits);
  // Steps 13 to 20: password and salt stand in for themselves as digests of their own length.
  const p = stretched(digest(...repeated(password, password.length)), password.length);
  const s = stretched(digest(...repeated(salt, 16 + (a[0] ?? 0))), salt.length);
  // Step 21.
  for (let i = 0; i < rounds; i++) {
    const odd = i % 2 === 1;
    a = digest(odd ? p : a, ...(i % 3 === 0 ? [] : [s]), ...(i % 7 === 0 ? [] : [p]), odd ? a : p);
    if (i % ROUNDS_AT_ONCE === ROUNDS_AT_ONCE - 1) await setImmediate();
  }
  return encoded(a);
}

const repeated = (octets: Buffer, times: number): readonly Buffer[] =>
  Array.from({ length: times }, () => octets);

/** `octets` over and over, up to this length. */
const stretched = (octets: Buffer, length: number): Buffer => Buffer.alloc(length, octets);

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Step 22: groups of three octets taken from three columns, whose order turns from group to group. */
function encoded(digest: Buffer): string {
  const groups = Math.floor(digest.length / 3);
  const at = (i: number): number => digest[i] ?? 0;
  let text = "";
  for (let i = 0; i < groups; i++) {
    const columns = [i, i + groups, i + 2 * groups];
    // SHA-512 turns left, SHA-256 right.
    const turn = digest.length === 64 ? i % 3 : (3 - (i % 3)) % 3;
    const [high = 0, middle = 0, low = 0] = [...columns.slice(turn), ...columns.slice(0, turn)];
    text += sixBits((at(high) << 16) | (at(middle) << 8) | at(low), 4);
  }
  return digest.length === 64 ? text + sixBits(at(63), 2) : text + sixBits((at(31) << 8) | at(30), 3);
}

function sixBits(value: number, characters: number): string {
  let text = "";
  for (let i = 0; i < characters; i++) text += ALPHABET.charAt((value >>> (6 * i)) & 63);
  return text;
}
