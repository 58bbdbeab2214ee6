import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { archiveAt } from "../backup/make-backup.ts";
import { restoreArchive } from "../backup/restore-archive.ts";
import { restorePart } from "../backup/restore-part.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { restore } from "../store/sqlite/restore.ts";
import { secretOptions, type SecretOptions } from "./archive-secret.ts";
import { copyKeys, needsSecret, secretOf } from "./backup.ts";
import { dataDirectory, globals, outputOf, withStore } from "./context.ts";
import { accountNamed } from "./import-run.ts";
import { futureOwner, restoredFor } from "./restore-owner.ts";

type Options = SecretOptions & {
  readonly account?: string;
  readonly mailbox?: string;
  readonly message?: string;
  readonly user?: string;
};

/** `wachpost restore …`: a whole server into an empty directory, or a part into the living one. */
export function restoreCommand(program: Command): void {
  secretOptions(program.command("restore"))
    .argument("<backup>", "an archive, a directory of archives (the newest), or a plain copy")
    .option("--account <login>", "only mail of this account, into its mailbox Restored of the living server")
    .option("--mailbox <name>", "of it only this mailbox")
    .option("--message <id>", "of that only this message: its uid or Message-ID")
    .option("--user <name>", "whose the restored data are (default: whose the directory is, or wachpost)")
    .description("put a backup into an empty data directory (--data DIR), or mail of one account back")
    .action((backup: string, options: Options, command: Command) =>
      options.account === undefined
        ? restoreAll(resolve(backup), options, command)
        : restoreMail(resolve(backup), options.account, options, command),
    );
}

async function restoreAll(backup: string, options: Options, command: Command): Promise<void> {
  const { data } = globals(command);
  if (data === undefined)
    throw new OperatorError(
      "no-target",
      "restore needs to know where to.",
      "Name an empty directory with --data DIR; to get back mail of one account --account LOGIN.",
    );
  const target = resolve(data);
  const owner = await futureOwner(target, options.user);
  if (existsSync(join(backup, "store"))) {
    await restoredFor(owner, target, async () => {
      await restore(join(backup, "store"), join(target, "store"));
      await copyKeys(backup, target);
    });
    return outputOf(command).show(
      { restored: target },
      `Restored into ${target}; every message has the uid it had.`,
    );
  }
  const secret = await secretOf(options, command);
  const { file } = await archiveAt(backup);
  if (secret === undefined) throw needsSecret();
  const { messages, manifest } = await restoredFor(owner, target, () => restoreArchive(file, secret, target));
  outputOf(command).show(
    { restored: target, file, messages, created: manifest.created },
    `Restored ${file} of ${manifest.created} into ${target}: ${messages} messages, each with the uid it had.\n` +
      "The configuration of that time, if it was there, lies beside as wachpost.toml.backup, the files it names below named-files.backup.",
  );
}

async function restoreMail(backup: string, login: string, options: Options, command: Command): Promise<void> {
  const secret = await secretOf(options, command);
  const { file } = await archiveAt(backup);
  if (secret === undefined) throw needsSecret();
  const data = await dataDirectory(globals(command));
  await withStore(command, async (store) => {
    const account = await accountNamed(store, login);
    const { mailbox, message } = options;
    const done = await restorePart({
      file,
      secret,
      data,
      store,
      account,
      clock: systemClock,
      ...(mailbox === undefined ? {} : { mailbox }),
      ...(message === undefined ? {} : { message }),
    });
    const known = done.there === 0 ? "" : ` ${done.there} were there already.`;
    outputOf(command).show(
      { ok: true, ...done },
      `${done.messages} messages are back in ${done.mailboxes.join(", ") || "no mailbox"} of ${account.login}.${known}`,
    );
  });
}
