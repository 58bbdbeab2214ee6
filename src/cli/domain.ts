import type { Command } from "commander";
import { addDomain, removeDomain } from "../accounts/manage.ts";
import { signingRecords, zoneLine } from "../accounts/signing-keys.ts";
import { outputOf, withStore } from "./context.ts";
import { withManaging } from "./managing.ts";

/** `wachpost domain …`: the domains this server is responsible for. */
export function domainCommand(program: Command): void {
  const domain = program.command("domain").description("domains this server receives mail for");
  domain
    .command("list", { isDefault: true })
    .description("all domains")
    .action((_options, command: Command) =>
      withStore(command, async (store) => {
        const domains = await store.directory.domains();
        outputOf(command).show(
          domains,
          domains.length === 0 ? "No domains yet: `wachpost domain add DOMAIN`." : domains.join("\n"),
        );
      }),
    );
  domain
    .command("add")
    .argument("<domain>")
    .description("be responsible for a domain")
    .action(async (name: string, _options, command: Command) => {
      const added = await withManaging(command, (managing) => addDomain(managing, name));
      outputOf(command).show(
        added,
        `${added.domain} is a domain of this server. Its mail is signed; publish the keys:\n  wachpost domain keys ${added.domain}`,
      );
    });
  domain
    .command("keys")
    .argument("<domain>")
    .description("the DKIM records to publish, as lines of a zone file")
    .action(async (name: string, _options, command: Command) => {
      const records = await withManaging(command, (managing) => signingRecords(managing, name));
      outputOf(command).show(records, records.map(zoneLine).join("\n"));
    });
  domain
    .command("remove")
    .argument("<domain>")
    .description("give a domain up; it must be empty")
    .action(async (name: string, _options, command: Command) => {
      const removed = await withManaging(command, (managing) => removeDomain(managing, name));
      outputOf(command).show(removed, `${removed.domain} is no domain of this server any more.`);
    });
}
