import { expanded } from "../journal/compact.ts";
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { erasePerson, personalData, type PersonalData } from "../accounts/personal-data.ts";
import { heldBack } from "../accounts/retention.ts";
import { lastBackup } from "../backup/state.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { importsOf } from "../moving/import-record.ts";
import { exportMaildir } from "../moving/maildir-export.ts";
import { dataDirectory, globals, outputOf, withStore } from "./context.ts";
import { countsText } from "./export.ts";
import { accountNamed } from "./import-run.ts";
import { table } from "./output.ts";

/** `wachpost account export` and `account delete`: everything about a person, to hand over or to remove. */
export function accountDataCommands(account: Command): void {
  account
    .command("export")
    .argument("<login>")
    .argument("<directory>", "a new or empty directory")
    .description("everything about a person: mail as Maildir, settings and records as JSON")
    .action((login: string, directory: string, _options, command: Command) =>
      exportPerson(login, resolve(directory), command),
    );
  account
    .command("delete")
    .argument("<login>")
    .option("--dry-run", "count what would go and change nothing")
    .option("--yes", "really remove it")
    .description("remove a person: mail, credentials, addresses, what waits in the queue, journal records")
    .action((login: string, options: { dryRun?: boolean; yes?: boolean }, command: Command) =>
      deletePerson(login, options, command),
    );
}

async function exportPerson(login: string, directory: string, command: Command): Promise<void> {
  await withStore(command, async (store) => {
    const account = await accountNamed(store, login);
    const data = await personalData(store, account, systemClock.now());
    const counts = await exportMaildir(store, account.id, directory);
    const file = join(directory, "account.json");
    writeFileSync(file, `${JSON.stringify(asJson(data), undefined, 2)}\n`, { flag: "wx", mode: 0o600 });
    outputOf(command).show(
      { directory, mailboxes: counts, journal: data.journal.length },
      `${countsText(counts)}\nMail in ${directory}, settings and ${data.journal.length} records in ${file}.`,
    );
  });
}

/** Secrets stay here: a hash helps nobody but who wants to guess the password. */
function asJson(data: PersonalData): Record<string, unknown> {
  const { account, credentials, journal, mailboxes, ...rest } = data;
  return {
    account: { ...account, scramSalt: undefined },
    mailboxes: mailboxes.map(({ id: _id, account: _account, ...mailbox }) => mailbox),
    ...rest,
    credentials: credentials.map(({ kind, name, scopes, created_ms, lastUsed_ms }) => ({
      kind,
      name,
      scopes,
      created_ms,
      lastUsed_ms,
    })),
    journal: journal.map(({ body, ...entry }) => ({ ...entry, body: expanded(JSON.parse(body)) })),
  };
}

async function deletePerson(
  login: string,
  { dryRun, yes }: { dryRun?: boolean; yes?: boolean },
  command: Command,
): Promise<void> {
  if (dryRun !== true && yes !== true)
    throw new OperatorError(
      "not-confirmed",
      "Nothing was removed.",
      "See what would go with --dry-run, then say --yes.",
    );
  const data = await dataDirectory(globals(command));
  await withStore(command, async (store) => {
    const account = await accountNamed(store, login);
    if (account.legalHold) throw heldBack(account.login);
    const person = await personalData(store, account, systemClock.now());
    const counts = countsOf(person);
    const rows = Object.entries(counts).map(([what, count]) => [what, String(count)]);
    const text = table([["WHAT", "COUNT"], ...rows]);
    if (dryRun === true) {
      const last = `Nothing was removed. \`wachpost account delete ${account.login} --yes\` removes it for good.`;
      return outputOf(command).show({ dryRun: true, login: account.login, counts }, `${text}\n${last}`);
    }
    await erasePerson(store, person);
    rmSync(importsOf(data, account.login), { recursive: true, force: true });
    const backups =
      lastBackup(data) === undefined
        ? ""
        : "\nBackups made so far still hold it until they are outdated (`wachpost backup list`).";
    outputOf(command).show(
      { deleted: account.login, counts },
      `${text}\n${account.login} is gone with all this.${backups}`,
    );
  });
}

function countsOf(person: PersonalData): Record<string, number> {
  const { mailboxes, credentials, addresses, aliases, queued, accessEntries, journal } = person;
  return {
    messages: mailboxes.reduce((sum, mailbox) => sum + mailbox.messages, 0),
    octets: person.account.used_octets,
    mailboxes: mailboxes.length,
    "passwords and app passwords": credentials.length,
    addresses: addresses.length,
    "aliases it is part of": aliases.length,
    "messages waiting to go out": queued.length,
    "access table entries": accessEntries.length,
    "journal records": journal.length,
  };
}
