import { InvalidArgumentError, type Command } from "commander";
import type { Managing } from "../accounts/manage.ts";
import {
  accountsMeant,
  foreseen,
  KEEP_DAYS_MAX,
  retentionOf,
  setLegalHold,
  type FolderRetention,
} from "../accounts/retention.ts";
import { OperatorError } from "../base/operator-error.ts";
import { err, ok, type Result } from "../base/result.ts";
import { clockInDoubt } from "../mailbox/expiry.ts";
import { MAILBOX_LIMITS } from "../mailbox/limits.ts";
import type { MailboxRow } from "../store/store.ts";
import { sizeText } from "./account.ts";
import { outputOf } from "./context.ts";
import { unwrap, withManaging } from "./managing.ts";
import { table } from "./output.ts";

type Options = {
  readonly hold?: true;
  readonly release?: true;
  readonly dryRun?: true;
  readonly yes?: true;
};

/** `wachpost account retention`: how long folders keep mail, and legal hold. */
export function retentionCommand(account: Command): void {
  account
    .command("retention")
    .argument("[login]", "one account, @DOMAIN for all of a domain; none: everybody")
    .argument("[folder]", "its name, or Trash or Junk for the folder that is used for that")
    .argument("[days]", "days a message stays after it came to the folder; forever: it is kept", daysOf)
    .description("how long folders keep mail; and legal hold, under which nothing expires")
    .option("--hold", "legal hold: nothing expires, and the account cannot be removed")
    .option("--release", "end the legal hold")
    .option("--dry-run", "say what would go and change nothing")
    .option("--yes", "set it although messages go at once")
    .action(
      async (
        who: string | undefined,
        folder: string | undefined,
        days: number | undefined,
        options: Options,
        command: Command,
      ) => {
        const { hold, release, dryRun } = options;
        if (hold === true || release === true) {
          if (who === undefined || folder !== undefined || (hold && release) || dryRun) throw misuse();
          return await changeHold(who, hold === true, command);
        }
        if (who === undefined || folder === undefined) return await show(who, command);
        if (days === undefined) throw misuse();
        await keep({ who, folder, days }, options, command);
      },
    );
}

const misuse = (): OperatorError =>
  new OperatorError(
    "usage",
    "Whose mail is meant, or for how many days, is not said.",
    "`account retention LOGIN FOLDER DAYS`, or `account retention LOGIN --hold` or `--release`.",
  );

function daysOf(text: string): number {
  if (text === "forever") return 0;
  const days = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > KEEP_DAYS_MAX)
    throw new InvalidArgumentError(`a number of days from 1 to ${KEEP_DAYS_MAX}, or forever`);
  return days;
}

export const HELD = "legal hold: nothing expires, and the account cannot be removed";

/** `keeps mail for ever, but Junk 30 days, Trash 30 days` */
export function retentionText(mailboxes: readonly Pick<MailboxRow, "name" | "keepDays">[]): string {
  const bounded = mailboxes.filter(({ keepDays }) => keepDays > 0);
  const list = bounded.map(({ name, keepDays }) => `${name} ${daysText(keepDays)}`).join(", ");
  return `keeps mail for ever${list === "" ? "" : `, but ${list}`}`;
}

const daysText = (days: number): string => (days === 0 ? "for ever" : days === 1 ? "1 day" : `${days} days`);

const countText = (count: number): string => (count === 1 ? "1 message" : `${count} messages`);

async function changeHold(login: string, on: boolean, command: Command): Promise<void> {
  const account = await withManaging(command, (managing) => setLegalHold(managing, login, on));
  const done = on
    ? `${account.login} is under legal hold: nothing expires, and the account cannot be removed.\nWhat the person removes in a mail program is not kept back.`
    : `${account.login} is not under legal hold any more: what is older than its folders keep goes now.`;
  outputOf(command).show({ login: account.login, legalHold: on }, done);
}

async function show(who: string | undefined, command: Command): Promise<void> {
  const { found, held, doubt } = await withManaging(command, async (managing) => {
    const accounts = await accountsMeant(managing, who);
    if (!accounts.ok) return accounts;
    const folders: FolderRetention[] = [];
    for (const account of accounts.value) folders.push(...(await retentionOf(managing, account)));
    const logins = accounts.value.filter(({ legalHold }) => legalHold).map(({ login }) => login);
    return ok({ found: folders, held: new Set(logins), doubt: await clockInDoubt(managing.store) });
  });
  // Of one account every folder is of interest, of many those that differ.
  const isOne = who !== undefined && !who.startsWith("@");
  const shown = isOne ? found : found.filter(({ keepDays }) => keepDays > 0);
  const lines = shown.map((one) => [
    one.login,
    one.folder,
    String(one.messages),
    daysText(one.keepDays),
    dueText(one),
  ]);
  const notes = [
    ...[...held].map((login) => `${login}: ${HELD}.`),
    ...(doubt === undefined
      ? []
      : [
          `Nothing expires until ${day(doubt.until_ms)}: the clock jumped from ${day(doubt.believed_ms)} to ${day(doubt.said_ms)}.`,
        ]),
  ];
  const text = table([["LOGIN", "FOLDER", "MESSAGES", "KEPT", "OLDER"], ...lines]);
  outputOf(command).show({ folders: shown, held: [...held], clock: doubt }, [text, ...notes].join("\n"));
}

const day = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 10);

const sizedText = ({ messages, octets }: FolderRetention["due"]): string =>
  `${countText(messages)} (${sizeText(octets)})`;

function dueText({ keepDays, legalHold, due }: FolderRetention): string {
  if (keepDays === 0) return "";
  if (due.messages === 0) return "0";
  return `${due.messages} (${sizeText(due.octets)})${legalHold ? ", held" : ""}`;
}

type Order = { readonly who: string; readonly folder: string; readonly days: number };
type Foreseen = NonNullable<Awaited<ReturnType<typeof foreseen>>>;

async function keep({ who, folder, days }: Order, { dryRun, yes }: Options, command: Command): Promise<void> {
  await withManaging(command, async (managing) => {
    const plan = await planOf(managing, { who, folder, days });
    if (!plan.ok) return plan;
    const { folders, without } = plan.value;
    const going = folders.filter(({ legalHold, due }) => !legalHold && due.messages > 0);
    if (dryRun !== true && going.length > 0 && yes !== true) return err(notConfirmed(going, days));
    if (dryRun !== true)
      for (const { mailbox } of folders) await managing.store.retention.keepFor(mailbox.id, days);
    const rows = folders.map((one) => ({ ...one, mailbox: undefined }));
    const lines = [
      ...folders.map((one) => (dryRun === true ? wouldText(one) : setText(one))),
      ...without.map((login) => `${login} has no folder ${folder}.`),
      ...(dryRun === true ? ["Nothing was changed."] : []),
    ];
    outputOf(command).show({ dryRun: dryRun === true, folders: rows, without }, lines.join("\n"));
    return ok(undefined);
  });
}

/** The folder of each account that has one; to name one that nobody has is a mistake. */
async function planOf(
  managing: Managing,
  { who, folder, days }: Order,
): Promise<Result<{ folders: readonly Foreseen[]; without: readonly string[] }, OperatorError>> {
  const folders: Foreseen[] = [];
  const without: string[] = [];
  for (const account of unwrap(await accountsMeant(managing, who))) {
    const found = await foreseen(managing, account, folder, days);
    if (found === undefined) without.push(account.login);
    else folders.push(found);
  }
  if (folders.length > 0) return ok({ folders, without });
  return err(
    new OperatorError(
      "no-folder",
      `${who} has no folder ${folder}.`,
      `\`wachpost account retention ${who}\` shows what is there; a name with spaces goes between quotation marks.`,
    ),
  );
}

function notConfirmed(folders: readonly FolderRetention[], days: number): OperatorError {
  const messages = folders.reduce((sum, one) => sum + one.due.messages, 0);
  const octets = folders.reduce((sum, one) => sum + one.due.octets, 0);
  return new OperatorError(
    "not-confirmed",
    `${sizedText({ messages, octets })} came there more than ${daysText(days)} ago and would go at once, for good. Nothing was changed.`,
    "See them by folder with --dry-run, then say --yes.",
  );
}

function wouldText({ login, folder, keepDays, legalHold, due }: FolderRetention): string {
  const what = `${sizedText(due)} would go with ${daysText(keepDays)}`;
  return `${login} ${folder}: ${what}${legalHold ? ", were it not for the legal hold" : ""}.`;
}

function setText({ login, folder, keepDays, legalHold, due }: FolderRetention): string {
  const kept = keepDays === 0 ? "for ever" : `for ${daysText(keepDays)} after it came there`;
  const set = `${login} ${folder}: mail is kept ${kept}.`;
  if (due.messages === 0) return set;
  if (legalHold) return `${set} ${sizedText(due)} stay until the legal hold ends.`;
  return `${set} ${sizedText(due)} go now, at most ${MAILBOX_LIMITS.expiryMailbox} an hour.`;
}
