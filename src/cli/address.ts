import type { Command } from "commander";
import { putAlias, removeAlias } from "../accounts/manage.ts";
import { outputOf, withStore } from "./context.ts";
import { withManaging } from "./managing.ts";
import { table } from "./output.ts";

/** `wachpost address …`: aliases and catch-alls beside the accounts' own addresses. */
export function addressCommand(program: Command): void {
  const address = program
    .command("address")
    .description("aliases, catch-alls, and what every address leads to");
  address
    .command("list", { isDefault: true })
    .description("all addresses")
    .option("--domain <domain>", "of one domain")
    .action((options: { readonly domain?: string }, command: Command) =>
      withStore(command, async (store) => {
        const rows = await store.directory.addresses(
          options.domain === undefined ? {} : { domain: options.domain },
        );
        const logins = new Map(
          (await store.directory.accounts()).map((account) => [account.id, account.login]),
        );
        const lines = rows.map((row) => ({
          address: `${row.localPart}@${row.domain}`,
          leadsTo:
            row.target.kind === "account" ? [logins.get(row.target.account) ?? "?"] : row.target.members,
          kind: row.target.kind,
        }));
        outputOf(command).show(
          lines,
          table([
            ["ADDRESS", "KIND", "LEADS TO"],
            ...lines.map((line) => [line.address, line.kind, line.leadsTo.join(", ")]),
          ]),
        );
      }),
    );
  address
    .command("add")
    .argument("<address>", "e.g. sales@example.org, or *@example.org for everything else")
    .argument("<members...>", "addresses here or elsewhere")
    .description("add an alias, or replace what it leads to")
    .action(async (name: string, members: string[], _options, command: Command) => {
      const added = await withManaging(command, (managing) => putAlias(managing, name, members));
      outputOf(command).show(
        { ...added, leadsTo: members },
        `${added.address} leads to ${members.join(", ")}.`,
      );
    });
  address
    .command("remove")
    .argument("<address>")
    .description("remove an alias")
    .action(async (name: string, _options, command: Command) => {
      const removed = await withManaging(command, (managing) => removeAlias(managing, name));
      outputOf(command).show(removed, `${removed.address} is gone.`);
    });
}
