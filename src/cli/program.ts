import { Command, CommanderError } from "commander";
import { accessCommand } from "./access.ts";
import { accountCommand } from "./account.ts";
import { addressCommand } from "./address.ts";
import { alertsCommand } from "./alerts.ts";
import { authCommand } from "./auth.ts";
import { backupCommand } from "./backup.ts";
import { checkCommand } from "./check.ts";
import { dnsCommand } from "./dns.ts";
import { doctorCommand } from "./doctor.ts";
import { domainCommand } from "./domain.ts";
import { showError } from "./output.ts";
import { explainCommand } from "./explain.ts";
import { exportCommand } from "./export.ts";
import { importPostfixCommand } from "./import-postfix.ts";
import { lintCommand } from "./lint.ts";
import { policyCommand } from "./policy.ts";
import { queueCommand } from "./queue.ts";
import { restoreCommand } from "./restore.ts";
import type { StartServer } from "./running-server.ts";
import { reportsCommand } from "./reports.ts";
import { sendmailCommand } from "./sendmail.ts";
import { setupCommand } from "./setup.ts";
import { startCommand } from "./start.ts";
import { tryCommand } from "./try.ts";

/** Reads the command line and runs the subcommand. Exit codes: 0 done, 1 refused or failed, 2 wrong use. */
export async function runCommandLine(argv: readonly string[], startServer: StartServer): Promise<void> {
  const program = new Command("wachpost")
    .description("A complete, secure mail server for your own domain.")
    .option("--config <file>", "configuration (default /etc/wachpost/wachpost.toml)")
    .option("--data <dir>", "data directory (default: as configured, or ./wachpost-data)")
    .option("--json", "print one JSON value instead of text")
    .showSuggestionAfterError()
    .exitOverride();
  tryCommand(program, startServer);
  startCommand(program, startServer);
  for (const add of [
    setupCommand,
    checkCommand,
    domainCommand,
    dnsCommand,
    doctorCommand,
    accountCommand,
    addressCommand,
    accessCommand,
    policyCommand,
    explainCommand,
    authCommand,
    reportsCommand,
    importPostfixCommand,
    exportCommand,
    lintCommand,
    queueCommand,
    backupCommand,
    restoreCommand,
    alertsCommand,
    sendmailCommand,
  ])
    add(program);
  inheritBelow(program);
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else showError(error, program.opts<{ json?: boolean }>().json === true || argv.includes("--json"));
  }
}

/** The global options may also stand behind the subcommand, where people type them. */
function inheritBelow(command: Command): void {
  for (const sub of command.commands) {
    if (sub.commands.length > 0) inheritBelow(sub);
    else
      sub
        .option("--json", "print one JSON value instead of text")
        .option("--config <file>", "configuration")
        .option("--data <dir>", "data directory");
    sub.exitOverride();
  }
}
