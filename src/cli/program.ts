import { Command, CommanderError } from "commander";
import { programVersion } from "../base/program-version.ts";
import { showError } from "./output.ts";
import type { StartServer } from "./running-server.ts";

type Add = (program: Command) => void;
type Load = (startServer: StartServer) => Promise<Add>;

/** Each is loaded when it is wanted: all together take longer than most of them run. In the order of the help. */
const COMMANDS: Readonly<Record<string, Load>> = {
  try: async (startServer) => {
    const { tryCommand } = await import("./try.ts");
    return (program) => tryCommand(program, startServer);
  },
  start: async (startServer) => {
    const { startCommand } = await import("./start.ts");
    return (program) => startCommand(program, startServer);
  },
  setup: async () => (await import("./setup.ts")).setupCommand,
  check: async () => (await import("./check.ts")).checkCommand,
  config: async () => (await import("./config.ts")).configCommand,
  domain: async () => (await import("./domain.ts")).domainCommand,
  dns: async () => (await import("./dns.ts")).dnsCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  attack: async () => (await import("./attack.ts")).attackCommand,
  account: async () => (await import("./account.ts")).accountCommand,
  address: async () => (await import("./address.ts")).addressCommand,
  access: async () => (await import("./access.ts")).accessCommand,
  block: async () => (await import("./block.ts")).blockCommand,
  allow: async () => (await import("./block.ts")).allowCommand,
  policy: async () => (await import("./policy.ts")).policyCommand,
  explain: async () => (await import("./explain.ts")).explainCommand,
  auth: async () => (await import("./auth.ts")).authCommand,
  reports: async () => (await import("./reports.ts")).reportsCommand,
  import: async () => (await import("./import-postfix.ts")).importPostfixCommand,
  export: async () => (await import("./export.ts")).exportCommand,
  lint: async () => (await import("./lint.ts")).lintCommand,
  queue: async () => (await import("./queue.ts")).queueCommand,
  backup: async () => (await import("./backup.ts")).backupCommand,
  restore: async () => (await import("./restore.ts")).restoreCommand,
  alerts: async () => (await import("./alerts.ts")).alertsCommand,
  upgrade: async () => (await import("./upgrade.ts")).upgradeCommand,
  sendmail: async () => (await import("./sendmail.ts")).sendmailCommand,
};

/** Of the command that is named; of all where none is, for help and for suggestions; none to say the version. */
function loadersFor(argv: readonly string[]): readonly Load[] {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) return [];
  const first = argv.find((word, i) => !word.startsWith("-") && !TAKES_VALUE.has(argv[i - 1] ?? ""));
  const load = first !== undefined && Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return load === undefined ? Object.values(COMMANDS) : [load];
}

const TAKES_VALUE: ReadonlySet<string> = new Set(["--config", "--data"]);

/** Reads the command line and runs the subcommand. Exit codes: 0 done, 1 refused or failed, 2 wrong use. */
export async function runCommandLine(argv: readonly string[], startServer: StartServer): Promise<void> {
  const program = await programFor(argv, startServer);
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else showError(error, program.opts<{ json?: boolean }>().json === true || argv.includes("--json"));
  }
}

/** With the command that is named there, or with all of them. */
export async function programFor(argv: readonly string[], startServer: StartServer): Promise<Command> {
  const program = new Command("wachpost")
    .description("A complete, secure mail server for your own domain.")
    .option("--config <file>", "configuration (default /etc/wachpost/wachpost.toml)")
    .option("--data <dir>", "data directory (default: as configured, or ./wachpost-data)")
    .option("--json", "print one JSON value instead of text")
    .version(programVersion(), "-V, --version", "print the version")
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(plainly(text)) })
    .exitOverride();
  for (const load of loadersFor(argv)) (await load(startServer))(program);
  inheritBelow(program);
  return program;
}

/** `wachpost account foo` is taken as one for the list; what the person meant was a command. */
const plainly = (text: string): string =>
  text.replace(
    /^error: too many arguments for 'list'\. Expected 0 arguments but got [0-9]+: ([^,\n]+?)(?:,.*)?\.$/m,
    "error: unknown command '$1'; --help shows those there are",
  );

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
