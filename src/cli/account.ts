import { InvalidArgumentError, type Command } from "commander";
import {
  accountOf,
  accountsWithOldHash,
  addAccount,
  removeAccount,
  setPassword,
} from "../accounts/manage.ts";
import { err, ok } from "../base/result.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { PasswordAges } from "../accounts/standing.ts";
import type { AccountChange, AccountRow, CredentialRow } from "../store/store.ts";
import { accountDataCommands } from "./account-data.ts";
import { retentionCommand } from "./account-retention.ts";
import { accountShowCommands, ageText, agesOf } from "./account-show.ts";
import { appPasswordCommand } from "./app-password.ts";
import { outputOf, withStore } from "./context.ts";
import { addPasswordOptions, passwordChoice, withManaging, type PasswordOptions } from "./managing.ts";
import { table } from "./output.ts";

/** `wachpost account …`: people. */
export function accountCommand(program: Command): void {
  const account = program.command("account").description("accounts: people who read and send mail here");
  listCommand(account);
  addCommand(account);
  passwordCommand(account);
  changeCommands(account);
  accountDataCommands(account);
  appPasswordCommand(account);
  accountShowCommands(account);
  retentionCommand(account);
}

function listCommand(account: Command): void {
  account
    .command("list", { isDefault: true })
    .description("all accounts")
    .action((_options, command: Command) =>
      withStore(command, async (store) => {
        const accounts = await store.directory.accounts();
        const old = await accountsWithOldHash({ store });
        const ages = await agesOf(command);
        const own = new Map<AccountRow, CredentialRow | undefined>();
        for (const row of accounts) {
          const credentials = await store.directory.credentials(row.id);
          own.set(
            row,
            credentials.find(({ kind }) => kind === "password"),
          );
        }
        const rows = accounts.map((row) => [
          row.login,
          row.displayName,
          sizeText(row.used_octets),
          row.quota_octets === 0 ? "-" : sizeText(row.quota_octets),
          passwordAge(row, own.get(row), ages),
          stateOf(row, old.has(row.id)),
        ]);
        const values = accounts.map((row) => ({
          ...row,
          scramSalt: undefined,
          oldHash: old.has(row.id),
          passwordSet_ms: own.get(row)?.created_ms,
        }));
        outputOf(command).show(
          values,
          table([["LOGIN", "NAME", "USED", "QUOTA", "PASSWORD", "STATE"], ...rows]),
        );
      }),
    );
}

const passwordAge = (row: AccountRow, own: CredentialRow | undefined, ages: PasswordAges): string =>
  own === undefined ? "none" : ageText(row, own, ages);

/** "old hash": a password that came from another server and was not said here yet. */
const stateOf = (row: AccountRow, oldHash: boolean): string =>
  [
    row.disabled ? "disabled" : "active",
    ...(row.administrator ? ["administrator"] : []),
    ...(row.appPasswordsOnly ? ["app passwords only"] : []),
    ...(row.legalHold ? ["legal hold"] : []),
    ...(oldHash ? ["old hash"] : []),
  ].join(", ");

type AddOptions = PasswordOptions & {
  readonly name: string;
  readonly quota: number;
  readonly admin?: boolean;
};

function addCommand(account: Command): void {
  addPasswordOptions(account.command("add"))
    .argument("<login>", "an address of one of our domains, e.g. anna@example.org")
    .description("add an account; if none is given, the server makes a password and shows it once")
    .option("--name <name>", "the person's name", "")
    .option("--quota <size>", "largest mailbox, e.g. 500M or 2G; 0: no limit", octets, 0)
    .option("--admin", "an administrator: gets mail to postmaster@ and abuse@")
    .action(async (login: string, options: AddOptions, command: Command) => {
      const password = await passwordChoice(options);
      const choice = {
        login,
        password,
        displayName: options.name,
        quota_octets: options.quota,
        administrator: options.admin === true,
      };
      const made = await withManaging(command, (managing) => addAccount(managing, choice));
      const generated = made.generated?.reveal();
      outputOf(command).show(
        { login: made.login, password: generated },
        `Account ${made.login} is ready.${shownOnce(generated)}`,
      );
    });
}

function passwordCommand(account: Command): void {
  addPasswordOptions(account.command("password"))
    .argument("<login>")
    .description("set a new password")
    .action(async (login: string, options: PasswordOptions, command: Command) => {
      const choice = await passwordChoice(options);
      const made = await withManaging(command, (managing) => setPassword(managing, login, choice));
      const generated = made.generated?.reveal();
      outputOf(command).show(
        { login, password: generated },
        `The password of ${login} is changed.${shownOnce(generated)}`,
      );
    });
}

export const shownOnce = (password: string | undefined): string =>
  password === undefined ? "" : `\nPassword (shown only now): ${password}`;

function changeCommands(account: Command): void {
  const change = (name: string, description: string, values: AccountChange, done: string): void => {
    account
      .command(name)
      .argument("<login>")
      .description(description)
      .action((login: string, _options, command: Command) => changed(command, login, values, done));
  };
  change("disable", "refuse logins and mail, keep everything", { disabled: true }, "is disabled");
  change("enable", "allow logins and mail again", { disabled: false }, "is enabled");
  account
    .command("quota")
    .argument("<login>")
    .argument("<size>", "e.g. 500M or 2G; 0: no limit", octets)
    .description("set the largest mailbox")
    .action((login: string, size: number, _options, command: Command) =>
      changed(
        command,
        login,
        { quota_octets: size },
        `has a quota of ${size === 0 ? "no limit" : sizeText(size)}`,
      ),
    );
  account
    .command("remove")
    .argument("<login>")
    .description("remove an account with all its mail")
    .requiredOption("--yes", "really remove it")
    .action(async (login: string, _options, command: Command) => {
      await withManaging(command, (managing) => removeAccount(managing, login));
      outputOf(command).show({ removed: login }, `${login} is gone with all its mail.`);
    });
}

async function changed(command: Command, login: string, change: AccountChange, done: string): Promise<void> {
  await withManaging(command, async (managing) => {
    const row = await accountOf(managing, login);
    if (!row.ok) return row;
    const result = await managing.store.directory.changeAccount(row.value.id, change);
    return result.ok
      ? ok(undefined)
      : err(
          new OperatorError(
            result.error,
            `${login} cannot be changed.`,
            "`wachpost account list` shows what is there.",
          ),
        );
  });
  outputOf(command).show({ login, ...change }, `${login} ${done}.`);
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

function octets(text: string): number {
  const parts = /^([0-9]{1,15})([KMGT]?)$/i.exec(text);
  const unit = UNITS[(parts?.[2] ?? "").toUpperCase()];
  if (!parts || unit === undefined) throw new InvalidArgumentError("a size like 500M or 2G is wanted");
  return Number(parts[1]) * unit;
}

export function sizeText(size: number): string {
  const unit = size >= 1024 ** 3 ? "G" : size >= 1024 ** 2 ? "M" : "K";
  return `${(size / (UNITS[unit] ?? 1)).toFixed(1)}${unit}`;
}
