import { existsSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { newKeyText, type ArchiveSecret } from "../backup/archive-key.ts";
import { archiveAt, archivesIn, makeBackup } from "../backup/make-backup.ts";
import { drill } from "../backup/restore-archive.ts";
import type { Retention } from "../backup/retention.ts";
import { lastBackup } from "../backup/state.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { namedFiles } from "../config/named-files.ts";
import { archiveSecret, secretOptions, type SecretOptions } from "./archive-secret.ts";
import { configFile, dataDirectory, globals, outputOf, withStore } from "./context.ts";

type Options = SecretOptions & {
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
};

/** `wachpost backup …`: everything, consistent, while the server runs. */
export function backupCommand(program: Command): void {
  const backup = secretOptions(program.command("backup"))
    .argument("[directory]", "where archives are kept (default: backup.directory of the configuration)")
    .option("--keep-daily <n>", "keep the newest archive of so many days", count)
    .option("--keep-weekly <n>", "of so many weeks", count)
    .option("--keep-monthly <n>", "of so many months", count)
    .option("--json", "print one JSON value instead of text")
    .option("--config <file>", "configuration")
    .option("--data <dir>", "data directory")
    .description("one more encrypted archive of mail, accounts, queue and keys; the server may run")
    .action((directory: string | undefined, options: Options, command: Command) =>
      backUp(directory, options, command),
    );
  keyCommand(backup);
  listCommand(backup);
  drillCommand(backup);
}

function count(text: string): number {
  if (/^[0-9]{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a number is wanted");
}

async function backUp(directory: string | undefined, options: Options, command: Command): Promise<void> {
  const settings = await settingsOf(command);
  const secret = await secretOf(options, command);
  const target = directory ?? settings?.directory;
  if (target === undefined) throw noDirectory();
  if (secret === undefined) return plainCopy(resolve(target), command);
  const data = await dataDirectory(globals(command));
  const keep = retentionOf(options, directory === undefined ? settings : undefined);
  const config = configFile(globals(command));
  const made = await makeBackup({
    data,
    directory: resolve(target),
    secret,
    now_ms: systemClock.now(),
    ...(existsSync(config) ? { configuration: await configurationAt(resolve(config)) } : {}),
    ...(keep === undefined ? {} : { keep }),
  });
  const gone = made.removed.length === 0 ? "" : `\nOutdated and removed: ${made.removed.join(", ")}`;
  const lacking = made.lacking.length === 0 ? "" : `\nNot readable, so NOT in it: ${made.lacking.join(", ")}`;
  outputOf(command).show(
    { backup: made.file, octets: made.octets, removed: made.removed, lacking: made.lacking },
    `Backup written to ${made.file} (${made.octets} octets).${gone}${lacking}`,
  );
}

const configurationAt = async (file: string) => ({ file, named: namedFiles(await loadConfig(file)) });

const noDirectory = (): OperatorError =>
  new OperatorError(
    "no-directory",
    "Where backups go is not known.",
    "Name a directory, or set backup.directory in the configuration.",
  );

function retentionOf(options: Options, settings: BackupSettings | undefined): Retention | undefined {
  const { keepDaily, keepWeekly, keepMonthly } = options;
  const asked = [keepDaily, keepWeekly, keepMonthly].some((one) => one !== undefined);
  if (asked) return { daily: keepDaily ?? 0, weekly: keepWeekly ?? 0, monthly: keepMonthly ?? 0 };
  return (
    settings && {
      daily: settings.keep_daily,
      weekly: settings.keep_weekly,
      monthly: settings.keep_monthly,
    }
  );
}

type BackupSettings = Awaited<ReturnType<typeof loadConfig>>["backup"];

async function settingsOf(command: Command): Promise<BackupSettings | undefined> {
  const file = configFile(globals(command));
  return existsSync(file) ? (await loadConfig(file)).backup : undefined;
}

/** What the command line names, else what the configuration does. */
export async function secretOf(options: SecretOptions, command: Command): Promise<ArchiveSecret | undefined> {
  const named = await archiveSecret(options);
  if (named !== undefined) return named;
  const settings = await settingsOf(command);
  return (
    settings &&
    archiveSecret({
      ...(settings.key_file === undefined ? {} : { keyFile: settings.key_file }),
      ...(settings.passphrase_file === undefined ? {} : { passphraseFile: settings.passphrase_file }),
    })
  );
}

export const needsSecret = (): OperatorError =>
  new OperatorError(
    "no-backup-key",
    "Archives are encrypted, and the key is not known.",
    "Name it with --key-file FILE or --passphrase-file FILE.",
  );

/** Without a key: a plain copy into a new directory, for a disk that is encrypted itself. */
async function plainCopy(directory: string, command: Command): Promise<void> {
  await withStore(command, async (store) => {
    await store.backup(join(directory, "store"));
    await copyKeys(await dataDirectory(globals(command)), directory);
    outputOf(command).show(
      { backup: directory, encrypted: false },
      `Backup written to ${directory}. It is NOT encrypted; with --key-file FILE it is.`,
    );
  });
}

/** Certificates and keys keep their modes, so that only the server may read them. */
export async function copyKeys(from: string, to: string): Promise<void> {
  if (existsSync(join(from, "tls")))
    await cp(join(from, "tls"), join(to, "tls"), { recursive: true, errorOnExist: true, force: false });
}

function keyCommand(backup: Command): void {
  backup
    .command("key")
    .argument("<file>", "a new file")
    .description("make a key; keep a copy of it where the backups are not")
    .action((file: string, _options, command: Command) => {
      try {
        writeFileSync(file, newKeyText(), { flag: "wx", mode: 0o600 });
      } catch (error) {
        throw new OperatorError(
          "not-written",
          `${file} was not written: ${error instanceof Error ? error.message : String(error)}.`,
          "Name a new file; a key that exists is never replaced.",
        );
      }
      outputOf(command).show(
        { key: resolve(file) },
        `Key written to ${resolve(file)}. Keep a copy elsewhere: without it no archive can be opened.`,
      );
    });
}

function listCommand(backup: Command): void {
  backup
    .command("list")
    .argument("[directory]")
    .description("archives, the last backup and the last trial restore")
    .action(async (directory: string | undefined, _options, command: Command) => {
      const target = directory ?? (await settingsOf(command))?.directory;
      if (target === undefined) throw noDirectory();
      const archives = archivesIn(target);
      const last = lastBackup(await dataDirectory(globals(command)));
      const drilled =
        last?.drillAt === undefined
          ? "No trial restore yet: `wachpost backup drill` makes one."
          : `Last trial restore: ${dateText(last.drillAt)}, ${last.drillOk === true ? "good" : "FAILED"} (${last.drillDetail ?? ""})`;
      const lines = archives.map(({ name, at_ms }) => `${dateText(at_ms)}  ${join(target, name)}`);
      outputOf(command).show({ archives, last: last ?? null }, [...lines, drilled].join("\n"));
    });
}

const dateText = (at_ms: number): string =>
  `${new Date(at_ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function drillCommand(backup: Command): void {
  secretOptions(backup.command("drill"))
    .argument("[archive]", "an archive, or a directory: its newest (default: the last backup)")
    .description("restore an archive on trial, check every row and octet, and remove it again")
    .action(async (archive: string | undefined, _options, command: Command) => {
      const data = await dataDirectory(globals(command));
      const named = archive ?? lastBackup(data)?.file ?? (await settingsOf(command))?.directory;
      // `backup` itself has these options, too, and takes them wherever they stand.
      const secret = await secretOf(command.optsWithGlobals<SecretOptions>(), command);
      if (named === undefined) throw noDirectory();
      if (secret === undefined) throw needsSecret();
      const { file } = await archiveAt(resolve(named));
      const { messages, octets } = await drill(file, secret, data, systemClock.now());
      outputOf(command).show(
        { ok: true, file, messages, octets },
        `${file} can be restored: ${messages} messages, ${octets} octets, everything as it was.`,
      );
    });
}
