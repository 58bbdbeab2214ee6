/** Blowfish as bcrypt uses it: a state that keys are folded into, and blocks of two words. */
export type Blowfish = {
  /** The key schedule with a salt; a salt of one zero word is none. */
  expand(key: Int32Array, salt: Int32Array): void;
  encrypt(left: number, right: number): readonly [left: number, right: number];
};

const ROUNDS = 16;
const P_WORDS = ROUNDS + 2;
const S_WORDS = 4 * 256;
/** Bits that rounding may spoil at the end of the sum. */
const GUARD_BITS = 64n;

/** Pi does not change: kept from the first use on, since it takes 30 ms. */
let piKept: Int32Array | undefined;

/** A cipher in its first state: the digits of pi. Schneier, Description of a New Variable-Length Key, 64-Bit Block Cipher */
export function blowfishStart(): Blowfish {
  piKept ??= piWords(P_WORDS + S_WORDS);
  const p = piKept.slice(0, P_WORDS);
  const s = piKept.slice(P_WORDS);
  const encrypt = (left: number, right: number): readonly [number, number] => {
    let l = left;
    let r = right;
    for (let i = 0; i < ROUNDS; i += 2) {
      l ^= word(p, i);
      r ^= mixed(s, l);
      r ^= word(p, i + 1);
      l ^= mixed(s, r);
    }
    return [r ^ word(p, ROUNDS + 1), l ^ word(p, ROUNDS)];
  };
  return { encrypt, expand: (key, salt) => expand({ p, s, encrypt }, key, salt) };
}

type State = { readonly p: Int32Array; readonly s: Int32Array; readonly encrypt: Blowfish["encrypt"] };

function expand({ p, s, encrypt }: State, key: Int32Array, salt: Int32Array): void {
  for (let i = 0; i < P_WORDS; i++) p[i] = word(p, i) ^ word(key, i % key.length);
  let [l, r] = [0, 0];
  let at = 0;
  const next = (): number => word(salt, at++ % salt.length);
  for (const part of [p, s]) {
    for (let i = 0; i < part.length; i += 2) {
      [l, r] = encrypt(l ^ next(), r ^ next());
      part[i] = l;
      part[i + 1] = r;
    }
  }
}

const word = (words: Int32Array, i: number): number => words[i] as number;

const mixed = (s: Int32Array, x: number): number =>
  (((word(s, x >>> 24) + word(s, 256 + ((x >>> 16) & 255))) ^ word(s, 512 + ((x >>> 8) & 255))) +
    word(s, 768 + (x & 255))) |
  0;

/** The fraction of pi in words of 32 bits, by Machin's formula: shorter than the table, and nothing to mistype. */
function piWords(count: number): Int32Array {
  const bits = BigInt(32 * count) + GUARD_BITS;
  const fraction = (16n * arctanOfInverse(5n, bits) - 4n * arctanOfInverse(239n, bits)) & ((1n << bits) - 1n);
  const digits = (fraction >> GUARD_BITS).toString(16).padStart(8 * count, "0");
  const octets = Buffer.from(digits, "hex");
  return Int32Array.from({ length: count }, (_, i) => octets.readInt32BE(4 * i));
}

/** arctan(1/x) as a fixed-point number with so many bits. */
function arctanOfInverse(x: bigint, bits: bigint): bigint {
  let power = (1n << bits) / x;
  let sum = power;
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / n;
  }
  return sum;
}
