import type { Command } from "commander";
import { resolve } from "node:path";
import type { ExportedCount } from "../moving/export-mail.ts";
import { exportMaildir } from "../moving/maildir-export.ts";
import { exportMbox } from "../moving/mbox-export.ts";
import { outputOf, withStore } from "./context.ts";
import { accountNamed } from "./import-run.ts";
import { table } from "./output.ts";

/** `wachpost export maildir|mbox DIR`: all mail of an account as files every other program reads. */
export function exportCommand(program: Command): void {
  const group = program.command("export").description("all mail of an account, as files for other programs");
  for (const [name, what, write] of [
    ["maildir", "Maildir++ (Dovecot, mutt, mbsync)", exportMaildir],
    ["mbox", "one mboxrd file a mailbox", exportMbox],
  ] as const)
    group
      .command(name)
      .argument("<directory>", "a new or empty directory")
      .requiredOption("--account <login>", "the account, e.g. anna@example.org")
      .description(`write ${what}; \`import ${name}\` reads it back octet for octet`)
      .action((directory: string, options: { account: string }, command: Command) =>
        withStore(command, async (store) => {
          const { id } = await accountNamed(store, options.account);
          const counts = await write(store, id, resolve(directory));
          outputOf(command).show(
            { directory: resolve(directory), mailboxes: counts },
            `${countsText(counts)}\nWritten to ${resolve(directory)}.`,
          );
        }),
      );
}

export const countsText = (counts: readonly ExportedCount[]): string =>
  table([
    ["MAILBOX", "MESSAGES", "OCTETS"],
    ...counts.map(({ mailbox, messages, octets }) => [mailbox, String(messages), String(octets)]),
  ]);
