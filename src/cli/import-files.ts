import type { Command } from "commander";
import { resolve } from "node:path";
import { maildirSource } from "../moving/maildir-source.ts";
import { mboxSource } from "../moving/mbox-source.ts";
import type { Source } from "../moving/source.ts";
import { intoAccount, type IntoAccount } from "./import-into.ts";
import { runImport } from "./import-run.ts";

type OpenSource = (root: string, map: ReadonlyMap<string, string>) => Source;

/** `wachpost import maildir DIR` and `import mbox PATH`: mail in files. */
export function importFilesCommands(group: Command): void {
  fileCommand(group, "maildir", "a Maildir, with its folders", maildirSource);
  fileCommand(group, "mbox", "an mbox file, or a directory of them", mboxSource);
}

function fileCommand(group: Command, name: string, what: string, open: OpenSource): void {
  intoAccount(group.command(name).argument("<path>", what))
    .description(`bring over ${what}; interrupted and run again it goes on`)
    .action((path: string, options: IntoAccount, command: Command) =>
      runImport(command, options.account, async () => open(resolve(path), options.map)),
    );
}
