import type { Command } from "commander";
import { HASH_COST_MIN } from "../accounts/password-hash.ts";
import type { Managing, PasswordChoice } from "../accounts/manage.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { Result } from "../base/result.ts";
import { Secret } from "../base/secret.ts";
import { loadConfig } from "../config/load.ts";
import { globals, withStore } from "./context.ts";
import { readNamedFile } from "./named-file.ts";
import { readStandardInput } from "./standard-input.ts";

/** Runs a management call on the store; a refusal becomes the command's error. */
export function withManaging<T>(
  command: Command,
  work: (managing: Managing) => Promise<Result<T, OperatorError>>,
): Promise<T> {
  return withStore(command, async (store) => {
    const { config } = globals(command);
    const passwords = config === undefined ? undefined : (await loadConfig(config)).passwords;
    const cost = passwords
      ? { memory_kib: passwords.argon2_memory_kib, passes: passwords.argon2_passes }
      : HASH_COST_MIN;
    return unwrap(await work({ store, clock: systemClock, cost }));
  });
}

export function unwrap<T>(result: Result<T, OperatorError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

export type PasswordOptions = {
  readonly generate?: boolean;
  readonly passwordStdin?: boolean;
  readonly passwordFile?: string;
};

/** The options that `passwordChoice` reads. */
export const addPasswordOptions = (command: Command): Command =>
  command
    .option("--password-stdin", "read a chosen password from standard input")
    .option("--password-file <file>", "read it from a file")
    .option("--generate", "make a password (the default)");

/** A password never stands on a command line, where every user of the machine could read it. */
export async function passwordChoice(options: PasswordOptions): Promise<PasswordChoice> {
  const octets =
    options.passwordFile === undefined
      ? options.passwordStdin === true && (await readStandardInput())
      : await readNamedFile(options.passwordFile);
  if (octets === false) return { kind: "generate" };
  const text = octets.toString("utf8").replace(/\r?\n$/, "");
  if (text !== "") return { kind: "chosen", password: new Secret(text) };
  throw new OperatorError(
    "no-password",
    `${options.passwordFile ?? "Standard input"} holds no password.`,
    "Put one there, or leave the option out to have one made.",
  );
}
