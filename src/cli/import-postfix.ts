import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { OperatorError } from "../base/operator-error.ts";
import { importPostfix, type Imported } from "../postfix/import.ts";
import { readDirectory } from "../postfix/read-directory.ts";
import { passwordFile, renderToml } from "../postfix/render-toml.ts";
import { countOutcomes, renderPolicy, renderPolicyTests, renderReport } from "../postfix/render.ts";
import { outputOf } from "./context.ts";
import type { ImportDirectory } from "./import-directory.ts";
import { importFilesCommands } from "./import-files.ts";
import { importImapCommand } from "./import-imap.ts";
import { importLoadCommand } from "./import-load.ts";

type Options = { readonly out?: string; readonly dryRun?: boolean };

/** `wachpost import …`: our configuration out of somebody's Postfix with a report, and what it wrote into the store. */
export function importPostfixCommand(program: Command): void {
  const group = program.command("import").description("take over from another mail server");
  importLoadCommand(group);
  importImapCommand(group);
  importFilesCommands(group);
  group
    .command("postfix")
    .argument("<dir>", "copy of /etc/postfix, best below its own root (ROOT/etc/postfix), or a main.cf")
    .option("--out <dir>", "directory to write wachpost.toml, policy, tables and report to")
    .option("--dry-run", "show the report and write nothing")
    .description("read a Postfix and write what it becomes here; without --out only the report is shown")
    .action((dir: string, options: Options, command: Command) => {
      const imported = importPostfix(readDirectory(dir));
      if (imported === undefined) throw noMainCf(dir);
      const written =
        options.out === undefined || options.dryRun === true ? [] : writeAll(imported, options.out);
      const report = renderReport(imported).trimEnd();
      const tests = renderPolicyTests(imported);
      outputOf(command).show(
        { ok: true, ...asJson(imported), tests, written },
        [
          report,
          "",
          "To compare, on both sides:",
          ...tests.map((line) => `  ${line}`),
          ...(written.length === 0
            ? []
            : [
                "",
                `Written: ${written.join(", ")}`,
                `Next: read ${options.out}/wachpost.toml (hostname, certificate), then`,
                `  wachpost --config ${options.out}/wachpost.toml check`,
                `  wachpost --config ${options.out}/wachpost.toml import load ${options.out}`,
              ]),
        ].join("\n"),
      );
    });
}

/** The refusal of a directory that holds no Postfix. */
export const noMainCf = (dir: string): OperatorError =>
  new OperatorError(
    "no-main-cf",
    `There is no main.cf in ${dir}.`,
    "Name the directory that holds main.cf, e.g. /etc/postfix.",
  );

function asJson(imported: Imported): Record<string, unknown> {
  const { settings, report, ...rest } = imported;
  return { settings: Object.fromEntries(settings), ...rest, outcomes: countOutcomes(report), report };
}

/** Writes the import; what holds passwords or hashes is readable by its owner only. Existing files are never replaced. */
function writeAll(imported: Imported, out: string): readonly string[] {
  const files: (readonly [name: string, text: string])[] = [
    ["wachpost.toml", renderToml(imported)],
    ["policy.cf", renderPolicy(imported)],
    ["directory.json", `${JSON.stringify(directoryOf(imported), undefined, 2)}\n`],
    ["report.txt", renderReport(imported)],
    ["policy-test.txt", `${renderPolicyTests(imported).join("\n")}\n`],
    ...imported.policy.tables.flatMap(({ name, text }) =>
      text === undefined ? [] : [[`tables/${name}`, `${text}\n`] as const],
    ),
    ...imported.transports.flatMap(({ password }, i) =>
      password === undefined ? [] : [[passwordFile(i), password.reveal()] as const],
    ),
  ];
  for (const [name, text] of files) {
    const path = join(out, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeNew(path, text);
  }
  return files.map(([name]) => name);
}

function directoryOf({ domains, accounts, addresses, policy }: Imported): ImportDirectory {
  return {
    domains: domains.map(({ name, from }) => ({ name, from })),
    accounts: accounts.map(({ login, hash, withoutHash }) => ({
      login,
      ...(hash === undefined ? {} : { scheme: hash.scheme, hash: hash.text.reveal() }),
      ...(withoutHash === undefined ? {} : { withoutHash }),
    })),
    addresses: addresses.map(({ address, targets }) => ({ address, targets: [...targets] })),
    tables: policy.tables.map(({ name, reference, format }) => ({ name, reference, format })),
  };
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new OperatorError(
      "not-written",
      `${path} was not written: ${error instanceof Error ? error.message : String(error)}`,
      "Name a new directory with --out.",
    );
  }
}
