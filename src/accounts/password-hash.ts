import { argon2, randomBytes, type Argon2Parameters } from "node:crypto";
import { promisify } from "node:util";
import { constantTimeEqual, Secret } from "../base/secret.ts";

/** How much work one hash is. */
export type HashCost = { readonly memory_kib: number; readonly passes: number };

/**
 * The floor (F-06), and the default: about 60 ms a login. While 200 addresses guess at once, a newcomer with the right
 * password waits nine seconds on a small server; under 64 MiB and three passes (250 to 440 ms) he waits 53, longer than
 * mail programs do (`test/bench/login-flood.ts`; mail itself does not notice either, D-31). What guards a stolen hash is
 * the length and rarity of the password (F-01, F-03): seven times the work is less than three bits more. A larger
 * machine can raise it; nothing lowers it.
 */
export const HASH_COST_MIN: HashCost = { memory_kib: 19_456, passes: 2 };

const SALT_OCTETS = 16;
const TAG_OCTETS = 32;
/** What a stored string may ask of us at most: a damaged row must not take all memory. */
const MEMORY_KIB_MAX = 1_048_576;
const PASSES_MAX = 20;
const derive = promisify(argon2);

type Stored = { readonly cost: HashCost; readonly salt: Buffer; readonly tag: Buffer };

/** Hashes with argon2id into a PHC string: `$argon2id$v=19$m=…,t=…,p=1$salt$tag`. RFC 9106 */
export async function hashPassword(password: Secret, asked: HashCost): Promise<string> {
  const cost = notBelowFloor(asked);
  const salt = randomBytes(SALT_OCTETS);
  return phcOf(cost, salt, await tagOf(password, salt, cost));
}

/**
 * What a login is compared with whose account is not there: it takes as long as any other, and no password is known to lead to it.
 * Hashing one would keep a start waiting for nothing.
 */
export const hashOfNobody = (asked: HashCost): string =>
  phcOf(notBelowFloor(asked), randomBytes(SALT_OCTETS), randomBytes(TAG_OCTETS));

const phcOf = ({ memory_kib, passes }: HashCost, salt: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${memory_kib},t=${passes},p=1$${unpadded(salt)}$${unpadded(tag)}`;

/** False for a wrong password and for a string that is no hash. */
export async function verifyPassword(password: Secret, phc: string): Promise<boolean> {
  const stored = parsePhc(phc);
  if (!stored) return false;
  return constantTimeEqual(await tagOf(password, stored.salt, stored.cost), stored.tag);
}

/** True when the settings ask for more than this hash has (F-07). */
export function needsRehash(phc: string, asked: HashCost): boolean {
  const stored = parsePhc(phc);
  const cost = notBelowFloor(asked);
  return stored === undefined || stored.cost.memory_kib < cost.memory_kib || stored.cost.passes < cost.passes;
}

const notBelowFloor = ({ memory_kib, passes }: HashCost): HashCost => ({
  memory_kib: Math.max(memory_kib, HASH_COST_MIN.memory_kib),
  passes: Math.max(passes, HASH_COST_MIN.passes),
});

function tagOf(password: Secret, salt: Buffer, { memory_kib, passes }: HashCost): Promise<Buffer> {
  const parameters: Argon2Parameters = {
    message: password.reveal(),
    nonce: salt,
    parallelism: 1,
    tagLength: TAG_OCTETS,
    memory: memory_kib,
    passes,
  };
  return derive("argon2id", parameters);
}

function parsePhc(phc: string): Stored | undefined {
  const parts =
    /^\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/.exec(
      phc,
    );
  if (!parts) return undefined;
  const cost = { memory_kib: Number(parts[1]), passes: Number(parts[2]) };
  if (cost.memory_kib < 8 || cost.memory_kib > MEMORY_KIB_MAX || cost.passes < 1 || cost.passes > PASSES_MAX)
    return undefined;
  return { cost, salt: Buffer.from(parts[3] ?? "", "base64"), tag: Buffer.from(parts[4] ?? "", "base64") };
}

const unpadded = (octets: Buffer): string => octets.toString("base64").replace(/=+$/, "");
