import type { Command } from "commander";
import { resolve } from "node:path";
import { maildirSource } from "../moving/maildir-source.ts";
import { mboxSource } from "../moving/mbox-source.ts";
import type { Source } from "../moving/source.ts";
import { mapped } from "./import-imap.ts";
import { runImport } from "./import-run.ts";

type Options = { readonly account: string; readonly map: ReadonlyMap<string, string> };
type OpenSource = (root: string, map: ReadonlyMap<string, string>) => Source;

/** `wachpost import maildir DIR` and `import mbox PATH`: mail in files. */
export function importFilesCommands(group: Command): void {
  fileCommand(group, "maildir", "a Maildir, with its folders", maildirSource);
  fileCommand(group, "mbox", "an mbox file, or a directory of them", mboxSource);
}

function fileCommand(group: Command, name: string, what: string, open: OpenSource): void {
  group
    .command(name)
    .argument("<path>", what)
    .requiredOption("--account <login>", "the account here, e.g. anna@example.org")
    .option(
      "--map <there=here>",
      "another mailbox for a folder; empty: leave it out; repeatable",
      mapped,
      new Map(),
    )
    .description(`bring over ${what}; interrupted and run again it goes on`)
    .action((path: string, options: Options, command: Command) =>
      runImport(command, options.account, async () => open(resolve(path), options.map)),
    );
}
