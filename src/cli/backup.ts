import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { OperatorError } from "../base/operator-error.ts";
import { restore } from "../store/sqlite/restore.ts";
import { dataDirectory, globals, outputOf, withStore } from "./context.ts";

/** `wachpost backup DIR` and `wachpost restore DIR`: everything, consistent, while the server runs. */
export function backupCommands(program: Command): void {
  program
    .command("backup")
    .argument("<directory>", "a new or empty directory")
    .description("write a consistent copy of mail, accounts and queue; the server may run")
    .action((directory: string, _options, command: Command) =>
      withStore(command, async (store) => {
        await store.backup(join(resolve(directory), "store"));
        await copyKeys(await dataDirectory(globals(command)), resolve(directory));
        outputOf(command).show({ backup: resolve(directory) }, `Backup written to ${resolve(directory)}.`);
      }),
    );
  program
    .command("restore")
    .argument("<directory>", "a directory that `backup` wrote")
    .description("put a backup into an empty data directory (--data DIR)")
    .action(async (directory: string, _options, command: Command) => {
      const { data } = globals(command);
      if (data === undefined)
        throw new OperatorError(
          "no-target",
          "restore needs to know where to.",
          "Name an empty directory with --data DIR.",
        );
      await restore(join(resolve(directory), "store"), join(resolve(data), "store"));
      await copyKeys(resolve(directory), resolve(data));
      outputOf(command).show(
        { restored: resolve(data) },
        `Restored into ${resolve(data)}; every message has the uid it had.`,
      );
    });
}

/** Certificates and keys keep their modes, so that only the server may read them. */
async function copyKeys(from: string, to: string): Promise<void> {
  if (existsSync(join(from, "tls")))
    await cp(join(from, "tls"), join(to, "tls"), { recursive: true, errorOnExist: true, force: false });
}
