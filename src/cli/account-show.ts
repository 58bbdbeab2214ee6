import { InvalidArgumentError, type Command } from "commander";
import { accountOf } from "../accounts/manage.ts";
import { isTooOld, passwordAges, type PasswordAges } from "../accounts/standing.ts";
import { systemClock } from "../base/clock.ts";
import { err, ok } from "../base/result.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { decodeRecord } from "../journal/decode.ts";
import { foldKey } from "../journal/entry.ts";
import type { AccountRow, CredentialRow } from "../store/store.ts";
import { HELD, retentionText } from "./account-retention.ts";
import { configFile, globals, outputOf } from "./context.ts";
import { withManaging } from "./managing.ts";
import { table } from "./output.ts";

/** `wachpost account show`, `logins`, `app-passwords-only`: who logs in, with which password, and how old it is. */
export function accountShowCommands(account: Command): void {
  account
    .command("show")
    .argument("<login>")
    .description(
      "one account: its passwords, how old they are and when they were last used, and how long its folders keep mail",
    )
    .action((login: string, _options, command: Command) => show(login, command));
  account
    .command("logins")
    .argument("<login>")
    .description(
      "who logged in as this account, or tried to: time, protocol, address, outcome, which password",
    )
    .option("--last <days>", "how many days back (default: all that is kept)", wholeNumber)
    .option("--limit <count>", "the newest so many", wholeNumber, LOGINS_SHOWN)
    .action((login: string, options: LoginsOptions, command: Command) => logins(login, options, command));
  account
    .command("app-passwords-only")
    .argument("<login>")
    .argument("<on|off>", "on: the account's own password opens neither IMAP, POP3 nor submission", onOrOff)
    .description("let only app passwords open this account's mail")
    .action((login: string, on: boolean, _options, command: Command) => onlyApps(login, on, command));
}

const DAY_MS = 86_400_000;
const LOGINS_SHOWN = 100;
const LOGINS_MAX = 10_000;

/** The ages passwords may have; without a configuration file there is no rule. */
export async function agesOf(command: Command): Promise<PasswordAges> {
  const none = { max_age_days: 0, admin_max_age_days: 0 };
  const config = await loadConfig(configFile(globals(command))).catch(() => undefined);
  return passwordAges(config?.passwords ?? none);
}

/** `12 days`, with what is said of it where it is too old. */
export function ageText(person: AccountRow, password: CredentialRow, ages: PasswordAges): string {
  const now_ms = systemClock.now();
  const days = Math.floor(Math.max(0, now_ms - password.created_ms) / DAY_MS);
  return `${days} ${days === 1 ? "day" : "days"}${isTooOld(person, password, ages, now_ms) ? " (too old)" : ""}`;
}

async function show(login: string, command: Command): Promise<void> {
  const ages = await agesOf(command);
  const { row, credentials, kept } = await withManaging(command, async (managing) => {
    const found = await accountOf(managing, login);
    if (!found.ok) return found;
    return ok({
      row: found.value,
      credentials: await managing.store.directory.credentials(found.value.id),
      kept: await managing.store.mail.mailboxes(found.value.id),
    });
  });
  const passwords = credentials.map((one) => ({
    id: one.id,
    kind: one.kind,
    name: one.name,
    scopes: one.scopes,
    created_ms: one.created_ms,
    lastUsed_ms: one.lastUsed_ms,
    tooOld: isTooOld(row, one, ages, systemClock.now()),
  }));
  const lines = credentials.map((one) => [
    one.kind === "app" ? `app ${one.id}` : "own",
    one.kind === "app" ? one.name : "",
    opens(row, one),
    moment(one.created_ms),
    ageText(row, one, ages),
    one.lastUsed_ms === undefined ? "never" : moment(one.lastUsed_ms),
  ]);
  const head = [
    `${row.login}${row.displayName === "" ? "" : ` (${row.displayName})`}`,
    `${row.disabled ? "disabled" : "active"}${row.administrator ? ", administrator" : ""}`,
    ...(row.appPasswordsOnly ? ["app passwords only: its own password opens no mail program"] : []),
    ...(row.legalHold ? [HELD] : []),
    retentionText(kept),
  ];
  const columns = ["PASSWORD", "NAME", "OPENS", "SET", "AGE", "LAST USED"];
  const passwordsText = lines.length === 0 ? "no password: nobody can log in" : table([columns, ...lines]);
  outputOf(command).show(
    {
      ...row,
      scramSalt: undefined,
      passwords,
      retention: kept.map(({ name, keepDays }) => ({ name, keepDays })),
    },
    `${head.join("\n")}\n\n${passwordsText}`,
  );
}

function opens(row: AccountRow, { kind, scopes }: CredentialRow): string {
  if (kind === "password" && row.appPasswordsOnly) return "nothing";
  return scopes.length === 0 ? "all" : scopes.join(",");
}

/** To the minute, in UTC. */
const moment = (at_ms: number): string => `${new Date(at_ms).toISOString().slice(0, 16).replace("T", " ")}Z`;

type LoginsOptions = { readonly last?: number; readonly limit: number };

/** From the journal: also names of accounts that are gone, as long as the journal keeps them. */
async function logins(login: string, { last, limit }: LoginsOptions, command: Command): Promise<void> {
  const since_ms = last === undefined ? 0 : systemClock.now() - last * DAY_MS;
  const { entries, onlyApps: only } = await withManaging(command, async (managing) => {
    const found = await accountOf(managing, login);
    const key = found.ok ? found.value.login : foldKey(login);
    const most = Math.min(limit, LOGINS_MAX);
    const question = { kind: "login", since_ms, limit: most, ...(key === undefined ? {} : { key }) };
    const read = key === undefined ? [] : await managing.store.journal.journalFind(question);
    if (!found.ok && read.length === 0) return found;
    return ok({ entries: read, onlyApps: found.ok && found.value.appPasswordsOnly });
  });
  const records = entries.toReversed().flatMap((entry) => {
    const record = decodeRecord(entry);
    return record?.kind === "login" ? [record] : [];
  });
  const lines = records.map(({ at_ms, protocol, clientAddress, outcome, password }) => [
    new Date(at_ms).toISOString().slice(0, 19).replace("T", " "),
    protocol,
    clientAddress,
    outcome,
    password ?? "",
  ]);
  const note = only
    ? "\nOnly app passwords open this account: its own password counts as wrong for mail programs."
    : "";
  const columns = ["TIME (UTC)", "PROTOCOL", "FROM", "OUTCOME", "PASSWORD"];
  const text = lines.length === 0 ? `The journal knows no logins of ${login}.` : table([columns, ...lines]);
  outputOf(command).show(records, `${text}${note}`);
}

async function onlyApps(login: string, on: boolean, command: Command): Promise<void> {
  await withManaging(command, async (managing) => {
    const row = await accountOf(managing, login);
    if (!row.ok) return row;
    const credentials = await managing.store.directory.credentials(row.value.id);
    if (on && !credentials.some(({ kind }) => kind === "app"))
      return err(
        new OperatorError(
          "no-app-password",
          `${login} has no app password: nothing could open its mail.`,
          `Make one first: \`wachpost account app-password add ${login} phone\`.`,
        ),
      );
    await managing.store.directory.changeAccount(row.value.id, { appPasswordsOnly: on });
    return ok(undefined);
  });
  const said = on ? "is open to app passwords only" : "is open to its own password again";
  outputOf(command).show({ login, appPasswordsOnly: on }, `The mail of ${login} ${said}.`);
}

function onOrOff(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError("on or off is wanted");
  return text === "on";
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new InvalidArgumentError("a number from 1 to 99999 is wanted");
  return Number(text);
}
