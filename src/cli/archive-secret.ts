import type { Command } from "commander";
import { parseKey, type ArchiveSecret } from "../backup/archive-key.ts";
import { OperatorError } from "../base/operator-error.ts";
import { Secret } from "../base/secret.ts";
import { readNamedFile } from "./named-file.ts";

export type SecretOptions = { readonly keyFile?: string; readonly passphraseFile?: string };

export const secretOptions = (command: Command): Command =>
  command
    .option("--key-file <file>", "key that seals and opens archives (`wachpost backup key FILE` makes one)")
    .option("--passphrase-file <file>", "file that holds a passphrase instead");

/** Undefined where neither is named. */
export async function archiveSecret(options: SecretOptions): Promise<ArchiveSecret | undefined> {
  if (options.keyFile !== undefined) {
    const key = parseKey((await readNamedFile(options.keyFile)).toString("latin1"));
    if (key !== undefined) return { kind: "key", key };
    throw new OperatorError(
      "bad-key",
      `${options.keyFile} holds no backup key.`,
      "`wachpost backup key FILE` makes one.",
    );
  }
  if (options.passphraseFile === undefined) return undefined;
  const text = (await readNamedFile(options.passphraseFile)).toString("utf8").replace(/\r?\n$/, "");
  if (text.length >= PASSPHRASE_MIN) return { kind: "passphrase", passphrase: new Secret(text) };
  throw new OperatorError(
    "bad-passphrase",
    `The passphrase in ${options.passphraseFile} is shorter than ${PASSPHRASE_MIN} characters.`,
    "Take six words or more that have nothing to do with each other.",
  );
}

/** Whoever takes an archive can guess at it for years. */
const PASSPHRASE_MIN = 12;
