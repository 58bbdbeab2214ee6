import { InvalidArgumentError, type Command } from "commander";
import { accountOf, addAppPassword, removeAppPassword } from "../accounts/manage.ts";
import { ok } from "../base/result.ts";
import { outputOf } from "./context.ts";
import { withManaging } from "./managing.ts";
import { table } from "./output.ts";

/** `wachpost account app-password …`: one password for one device or program (F-09). */
export function appPasswordCommand(account: Command): void {
  const group = account.command("app-password").description("passwords for single devices or programs");
  group
    .command("add")
    .argument("<login>")
    .argument("<name>", "which device or program, e.g. phone")
    .description("make an app password and show it once")
    .option("--only <protocols>", "works for these only: smtp,imap,pop3", (text) => text.split(","), [])
    .action(async (login: string, name: string, options: { readonly only: string[] }, command: Command) => {
      const made = await withManaging(command, (managing) =>
        addAppPassword(managing, login, name, options.only),
      );
      const password = made.generated.reveal();
      outputOf(command).show(
        { id: made.id, login, name, password },
        `App password ${made.id} for ${login} (${name}).\nPassword (shown only now): ${password}`,
      );
    });
  group
    .command("list")
    .argument("<login>")
    .description("all app passwords of an account")
    .action(async (login: string, _options, command: Command) => {
      const rows = await withManaging(command, async (managing) => {
        const row = await accountOf(managing, login);
        if (!row.ok) return row;
        const credentials = await managing.store.directory.credentials(row.value.id);
        return ok(
          credentials
            .filter(({ kind }) => kind === "app")
            .map(({ id, name, scopes, created_ms, lastUsed_ms }) => ({
              id,
              name,
              scopes,
              created_ms,
              lastUsed_ms,
            })),
        );
      });
      const lines = rows.map((row) => [
        String(row.id),
        row.name,
        row.scopes.join(",") || "all",
        day(row.created_ms),
        day(row.lastUsed_ms),
      ]);
      outputOf(command).show(rows, table([["ID", "NAME", "PROTOCOLS", "MADE", "LAST USED"], ...lines]));
    });
  group
    .command("remove")
    .argument("<login>")
    .argument("<id>", "as `list` shows it", wholeNumber)
    .description("make an app password worthless at once")
    .action(async (login: string, id: number, _options, command: Command) => {
      await withManaging(command, (managing) => removeAppPassword(managing, login, id));
      outputOf(command).show({ removed: id }, `App password ${id} of ${login} works no more.`);
    });
}

const day = (at_ms: number | undefined): string =>
  at_ms === undefined ? "never" : new Date(at_ms).toISOString().slice(0, 10);

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError("a number is wanted");
  return Number(text);
}
