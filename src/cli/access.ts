import type { Command } from "commander";
import { userInfo } from "node:os";
import { OperatorError } from "../base/operator-error.ts";
import { asciiLower } from "../base/ascii.ts";
import { parseTableAction } from "../policy/table-action.ts";
import { outputOf, withStore } from "./context.ts";
import { duration_ms } from "./duration.ts";
import { table } from "./output.ts";

/** `wachpost access …`: the access tables that rules ask, one entry at a time (access(5)). */
export function accessCommand(program: Command): void {
  const access = program
    .command("access")
    .description("access tables: who is let through, refused or put off, and why");
  access
    .command("list", { isDefault: true })
    .argument("[table]", "clients, helos, senders, recipients or one of your own; default: all")
    .description("entries with reason, author and expiry")
    .action((name: string | undefined, _options, command: Command) => list(command, name));
  access
    .command("add")
    .argument("<table>", "clients, helos, senders, recipients, or a table your rules name")
    .argument("<key>", "address, network (192.0.2.0/24), host name, domain, user@domain")
    .argument("<result>", "OK, REJECT [text], DEFER [text], DUNNO, 550 5.7.1 text, …")
    .description("add or replace an entry; a running server uses it within a second")
    .requiredOption("--reason <text>", "why, for whoever reads this in a year")
    .option("--expires <time>", "e.g. 30d or 12h; default: never", duration_ms)
    .action((name: string, key: string, result: string, options: AddOptions, command: Command) =>
      add(command, name, key, result, options),
    );
  access
    .command("remove")
    .argument("<table>")
    .argument("<key>")
    .description("remove an entry")
    .action((name: string, key: string, _options, command: Command) =>
      withStore(command, async (store) => {
        if (!(await store.tables.removeAccess(name, asciiLower(key))))
          throw new OperatorError(
            "no-entry",
            `${key} is not in ${name}.`,
            `\`wachpost access list ${name}\` shows what is.`,
          );
        outputOf(command).show({ table: name, key }, `${key} is gone from ${name}.`);
      }),
    );
}

const badResult = (text: string): OperatorError =>
  new OperatorError("bad-result", text, "OK, REJECT, DEFER, DUNNO, 550 5.7.1 text and others: access(5).");

type AddOptions = { readonly reason: string; readonly expires?: number };

function list(command: Command, name: string | undefined): Promise<void> {
  return withStore(command, async (store) => {
    const names = name === undefined ? await store.tables.accessTables() : [name];
    const rows = (
      await Promise.all(names.map((each) => store.tables.accessEntries(each, Date.now())))
    ).flat();
    const lines = rows.map((row) => [
      row.table,
      row.key,
      row.value,
      row.expires_ms === undefined ? "-" : new Date(row.expires_ms).toISOString().slice(0, 16),
      row.author,
      row.reason,
    ]);
    outputOf(command).show(
      rows,
      rows.length === 0
        ? "No entries."
        : table([["TABLE", "KEY", "RESULT", "EXPIRES", "AUTHOR", "REASON"], ...lines]),
    );
  });
}

function add(
  command: Command,
  name: string,
  key: string,
  value: string,
  { reason, expires }: AddOptions,
): Promise<void> {
  const action = parseTableAction(value);
  if (action.kind === "skip") throw badResult(`${value}: ${action.why}.`);
  if (action.kind === "discard") throw badResult("DISCARD would accept mail and drop it; use REJECT.");
  return withStore(command, async (store) => {
    const now_ms = Date.now();
    await store.tables.putAccess({
      table: name,
      key: asciiLower(key),
      value,
      reason,
      author: userInfo().username,
      created_ms: now_ms,
      ...(expires === undefined ? {} : { expires_ms: now_ms + expires }),
    });
    outputOf(command).show({ table: name, key, value }, `${name}: ${key} ${value}`);
  });
}
