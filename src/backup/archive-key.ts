import { argon2, createHash, hkdfSync, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { OperatorError } from "../base/operator-error.ts";
import type { Secret } from "../base/secret.ts";
import { ARCHIVE_LIMITS, PASSPHRASE_COST } from "./limits.ts";

/** What opens an archive: 32 random octets in a file, or words a person keeps. */
export type ArchiveSecret =
  | { readonly kind: "key"; readonly key: Buffer }
  | { readonly kind: "passphrase"; readonly passphrase: Secret };

/** How the secret became the key, as the header says it. */
export type KeyRecipe =
  | { readonly kind: "key"; readonly id: string; readonly salt: string }
  | {
      readonly kind: "argon2id";
      readonly memory_kib: number;
      readonly passes: number;
      readonly salt: string;
    };

const KEY_OCTETS = 32;
const SALT_OCTETS = 32;
const PREFIX = "wachpost-backup-key-1 ";

export const newKeyText = (): string => `${PREFIX}${randomBytes(KEY_OCTETS).toString("base64")}\n`;

/** Undefined where the text is no key of ours. */
export function parseKey(text: string): Buffer | undefined {
  const parts = /^wachpost-backup-key-1 ([A-Za-z0-9+/]{43}=)\s*$/.exec(text);
  return parts ? Buffer.from(parts[1] ?? "", "base64") : undefined;
}

/** Which key it was, without saying anything about it. */
const keyId = (key: Buffer): string =>
  createHash("sha256").update(`${PREFIX}id`).update(key).digest("hex").slice(0, 16);

export function newRecipe(secret: ArchiveSecret): KeyRecipe {
  const salt = randomBytes(SALT_OCTETS).toString("base64");
  return secret.kind === "key"
    ? { kind: "key", id: keyId(secret.key), salt }
    : { kind: "argon2id", ...PASSPHRASE_COST, salt };
}

/** The key of one archive; no two share one, since each has a salt of its own. */
export async function archiveKey(secret: ArchiveSecret, recipe: KeyRecipe): Promise<Buffer> {
  const salt = Buffer.from(recipe.salt, "base64");
  const secretOctets = await secretFor(secret, recipe, salt);
  return Buffer.from(hkdfSync("sha256", secretOctets, salt, "wachpost backup archive", KEY_OCTETS));
}

async function secretFor(secret: ArchiveSecret, recipe: KeyRecipe, salt: Buffer): Promise<Buffer> {
  if (recipe.kind === "key") {
    if (secret.kind !== "key") throw wrong("It was sealed with a key file.", "Name it with --key-file FILE.");
    if (keyId(secret.key) === recipe.id) return secret.key;
    throw wrong(
      `It was sealed with another key (its id is ${recipe.id}, yours ${keyId(secret.key)}).`,
      "Name the key file that was in use when the backup was made.",
    );
  }
  if (secret.kind !== "passphrase")
    throw wrong(
      "It was sealed with a passphrase.",
      "Name the file that holds it with --passphrase-file FILE.",
    );
  const { memory_kib, passes } = recipe;
  if (memory_kib > ARCHIVE_LIMITS.argon2Memory_kib || passes > ARCHIVE_LIMITS.argon2Passes)
    throw wrong("Its header asks for more memory or time than any of ours.", "It is damaged or not ours.");
  return promisify(argon2)("argon2id", {
    message: secret.passphrase.reveal(),
    nonce: salt,
    parallelism: 1,
    tagLength: KEY_OCTETS,
    memory: memory_kib,
    passes,
  });
}

const wrong = (message: string, remedy: string): OperatorError =>
  new OperatorError("backup-key", `The archive cannot be opened. ${message}`, remedy);
