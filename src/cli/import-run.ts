import { canonicalLogin } from "../accounts/login-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import { ImportRecord } from "../moving/import-record.ts";
import { moveIn } from "../moving/move-in.ts";
import type { Skipped, Source } from "../moving/source.ts";
import { verifyFolder, type FolderReport } from "../moving/verify-moved.ts";
import type { AccountRow, Store } from "../store/store.ts";
import type { Command } from "commander";
import { dataDirectory, globals, outputOf, withStore } from "./context.ts";
import { table } from "./output.ts";
import { untilSignal } from "./until-signal.ts";

/** Moves everything from a source into an account, reads it back and shows both sides; beside a running server or without. */
export async function runImport(
  command: Command,
  login: string,
  open: (account: AccountRow) => Promise<Source>,
): Promise<void> {
  const data = await dataDirectory(globals(command));
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const started_ms = performance.now();
  await withStore(command, async (store) => {
    const account = await accountNamed(store, login);
    await using source = await open(account);
    await using record = await ImportRecord.open(data, source.name, account.login);
    const rate = new Rate(record);
    const { moved: folders, refused } = await moveIn({
      source,
      store,
      account: account.id,
      record,
      progress: showProgress,
      signal: stop.signal,
    });
    const moved = rate.since();
    const seconds = (performance.now() - started_ms) / 1000;
    const reports: FolderReport[] = [];
    for (const folder of folders) reports.push(await verifyFolder(store, folder));
    endProgress();
    const equal = refused.length === 0 && reports.every((report) => report.equal);
    const skipped = [...source.skipped, ...refused];
    if (!equal) process.exitCode = 1;
    const perSecond = Math.round(moved / seconds);
    outputOf(command).show(
      { ok: equal, account: account.login, moved, perSecond, folders: reports, skipped },
      textOf(reports, skipped, `${moved} messages came now, ${perSecond} a second. `, equal),
    );
  });
}

/** Messages that came in this run. */
class Rate {
  readonly #record: ImportRecord;
  readonly #before: number;

  constructor(record: ImportRecord) {
    this.#record = record;
    this.#before = this.#count();
  }

  since(): number {
    return this.#count() - this.#before;
  }

  #count(): number {
    return [...this.#record.folders.values()].reduce((sum, { moved }) => sum + moved.size, 0);
  }
}

export async function accountNamed(store: Store, login: string): Promise<AccountRow> {
  const row = await store.directory.accountByLogin(canonicalLogin(login));
  if (row !== undefined) return row;
  throw new OperatorError(
    "no-account",
    `There is no account ${login}.`,
    "`wachpost account list` shows what is there, `wachpost account add` makes one.",
  );
}

/** One line that is overwritten on a terminal; elsewhere one line a batch, for a log. */
function showProgress(folder: string, done: number, total: number): void {
  const line = `${folder}: ${done} of ${total}`;
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}

function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

function textOf(
  reports: readonly FolderReport[],
  skipped: readonly Skipped[],
  came: string,
  equal: boolean,
): string {
  const rows = reports.map(({ mailbox, source, here, equal: same, notes }) => [
    mailbox,
    `${source.messages} / ${here.messages}`,
    `${source.octets} / ${here.octets}`,
    `${source.hash.slice(0, 12)} / ${here.hash.slice(0, 12)}`,
    [same ? "equal" : "DIFFERENT", ...notes].join("; "),
  ]);
  return [
    table([["MAILBOX", "MESSAGES there/here", "OCTETS there/here", "SHA-256 there/here", ""], ...rows]),
    ...skipped.map(({ name, why }) => `left out: ${printable(name)}: ${why}`),
    came + (equal ? "Both sides are equal." : "Both sides are NOT equal: see above."),
  ].join("\n");
}

const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
