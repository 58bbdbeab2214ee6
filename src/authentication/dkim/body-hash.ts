import { createHash, hash, type Hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { BodyCanonicalizer, canonicalEnd, type Canonicalization } from "./canonical.ts";
import { DKIM_LIMITS } from "./limits.ts";

/** What a signature wants hashed: c= and l=. */
export type BodyScope = { readonly canonicalization: Canonicalization; readonly bodyLength?: number };
export type BodyHash = { readonly digest: Buffer; /** Octets behind l=. */ readonly uncovered: number };

/**
 * SHA-256 of the body for every scope: one pass per canonicalization, whatever the number of lengths; other work gets
 * its turn between pieces. A length behind the end finds nothing. RFC 6376 §3.7
 */
export async function bodyHashes(
  body: Buffer,
  scopes: readonly BodyScope[],
): Promise<(scope: BodyScope) => BodyHash | undefined> {
  const [only, ...others] = scopes;
  const whole = only !== undefined && others.length === 0 ? wholeDigest(body, only) : undefined;
  if (whole !== undefined) return () => ({ digest: whole, uncovered: 0 });
  const runs = new Map<Canonicalization, BodyRun>();
  for (const kind of new Set(scopes.map((scope) => scope.canonicalization))) {
    const lengths = scopes
      .filter((scope) => scope.canonicalization === kind)
      .map((scope) => scope.bodyLength);
    const run = new BodyRun(kind, lengths, body.length);
    for (let at = 0; at < body.length; at += DKIM_LIMITS.turnOctets) {
      if (at > 0) await setImmediate();
      run.update(body.subarray(at, at + DKIM_LIMITS.turnOctets));
    }
    run.end();
    runs.set(kind, run);
  }
  return (scope) => runs.get(scope.canonicalization)?.at(scope.bodyLength);
}

/** Of a short body that is canonical as it stands. */
function wholeDigest(body: Buffer, { canonicalization, bodyLength }: BodyScope): Buffer | undefined {
  const end = bodyLength === undefined ? canonicalEnd(canonicalization, body) : undefined;
  return end === undefined ? undefined : hash("sha256", body.subarray(0, end), "buffer");
}

/** The same for one whole body that was just written here: relaxed, no length. */
export function relaxedBodyHash(body: Buffer): Buffer {
  const digest = wholeDigest(body, { canonicalization: "relaxed" });
  if (digest !== undefined) return digest;
  const run = new BodyRun("relaxed", [], body.length);
  run.update(body);
  run.end();
  return run.whole();
}

/** One running hash; where a length ends, a copy of it is finished. */
class BodyRun {
  readonly #canonicalizer: BodyCanonicalizer;
  readonly #hash: Hash = createHash("sha256");
  readonly #prefixes = new Map<number, Buffer>();
  /** Ascending; those reached are taken away. */
  readonly #lengths: number[];
  #total = 0;
  #whole: Buffer | undefined;

  constructor(kind: Canonicalization, lengths: readonly (number | undefined)[], longest_octets: number) {
    const given = lengths.filter((length) => length !== undefined);
    this.#lengths = [...new Set(given)].sort((a, b) => a - b);
    this.#canonicalizer = new BodyCanonicalizer(kind, (octets) => this.#take(octets), longest_octets);
  }

  update(octets: Buffer): void {
    this.#canonicalizer.update(octets);
  }

  end(): void {
    this.#canonicalizer.end();
    this.#finishLengths(this.#total + 1);
    this.#whole = this.#hash.digest();
  }

  whole(): Buffer {
    if (this.#whole === undefined) throw new Error("the body has not ended");
    return this.#whole;
  }

  at(length: number | undefined): BodyHash | undefined {
    if (length === undefined) return { digest: this.whole(), uncovered: 0 };
    const digest = this.#prefixes.get(length);
    return digest && { digest, uncovered: this.#total - length };
  }

  #take(octets: Buffer): void {
    let rest = octets;
    this.#finishLengths(this.#total + 1);
    while (this.#lengths[0] !== undefined && this.#lengths[0] <= this.#total + rest.length) {
      const part = this.#lengths[0] - this.#total;
      this.#add(rest.subarray(0, part));
      rest = rest.subarray(part);
      this.#finishLengths(this.#total + 1);
    }
    this.#add(rest);
  }

  #add(octets: Buffer): void {
    this.#hash.update(octets);
    this.#total += octets.length;
  }

  #finishLengths(below: number): void {
    for (let next = this.#lengths[0]; next !== undefined && next < below; next = this.#lengths[0]) {
      this.#prefixes.set(next, this.#hash.copy().digest());
      this.#lengths.shift();
    }
  }
}
