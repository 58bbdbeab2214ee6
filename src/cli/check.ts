import type { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import { configText, readConfig } from "../config/load.ts";
import { lineOf } from "../config/locate.ts";
import type { Config } from "../config/schema.ts";
import { policyOf, settingOf } from "../policy/from-config.ts";
import { notCarriedOut } from "../policy/table-action.ts";
import { openStore } from "../store/sqlite/open.ts";
import { fileFindings } from "./check-files.ts";
import { configFile, globals, outputOf } from "./context.ts";

/** One thing to say about a configuration that can be read. */
export type CheckFinding = {
  readonly severity: "error" | "warning" | "notice";
  /** Line in the file; undefined for what stands elsewhere. */
  readonly line: number | undefined;
  /** `policy.recipient`; `table clients` for an access table of the store. */
  readonly key: string;
  readonly message: string;
};

/** `wachpost check`: reads the configuration as `start` would, touching nothing that runs (S-11). */
export function checkCommand(program: Command): void {
  program
    .command("check")
    .argument("[file]", "configuration file; default --config or /etc/wachpost/wachpost.toml")
    .description("check a configuration, the files it names and the tables its rules ask, without using it")
    .action(async (file: string | undefined, _options, command: Command) => {
      const path = file ?? configFile(globals(command));
      const text = await configText(path);
      const config = readConfig(text, path);
      const on = Object.entries(config.listeners)
        .filter(([, listener]) => listener.enabled)
        .map(([name]) => name);
      const findings = await checked(config, text);
      const errors = findings.some(({ severity }) => severity === "error");
      const verdict = errors ? `${path} cannot be used.` : `${path} is good. Listeners: ${on.join(", ")}.`;
      const lines = findings.map((finding) => `  ${findingLine(finding)}`);
      outputOf(command).show(
        { ok: !errors, file: path, listeners: on, policy: policyOf(config).findings, findings },
        [verdict, ...lines].join("\n"),
      );
      if (errors) process.exitCode = 1;
    });
}

const findingLine = ({ severity, line, key, message }: CheckFinding): string =>
  `${line === undefined ? "" : `line ${line}: `}${severity}: ${key}: ${message}`;

/** All there is to say about a configuration without using it, in the order of its lines. */
export async function checked(config: Config, text: string): Promise<readonly CheckFinding[]> {
  const files = (await fileFindings(config, Date.now())).map(({ severity, key, message }): CheckFinding => ({
    severity,
    line: lineOf(text, key),
    key: key.join("."),
    message,
  }));
  const findings = [...files, ...ruleFindings(config, text), ...(await tableFindings(config))];
  return findings.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity));
}

function ruleFindings(config: Config, text: string): readonly CheckFinding[] {
  return policyOf(config).findings.map(({ list, severity, line, rule, message, suggestion }) => {
    const key = settingOf(list);
    const start = lineOf(text, ["policy", ...key.split(".")]);
    return {
      severity,
      line: start === undefined ? undefined : firstLine(text, start) + line - 1,
      key: `policy.${key}`,
      message: `${rule}: ${message}${suggestion === undefined ? "" : ` ${suggestion}`}`,
    };
  });
}

/** A text in three quotes begins behind the line end that follows them. TOML §String */
const firstLine = (text: string, start: number): number =>
  /(?:"""|''')\s*$/.test(text.split("\n")[start - 1] ?? "") ? start + 1 : start;

/** Entries of access tables that ask for what is recorded but not done. */
async function tableFindings({ data }: Config): Promise<readonly CheckFinding[]> {
  const directory = join(data, "store");
  if (!existsSync(directory)) return [];
  await using store = await openStore({ directory, log: silentLog, clock: systemClock });
  const findings: CheckFinding[] = [];
  for (const table of await store.tables.accessTables())
    for (const { key, value } of await store.tables.accessEntries(table, Date.now())) {
      const message = notCarriedOut(value);
      if (message !== undefined)
        findings.push({
          severity: "warning",
          line: undefined,
          key: `table ${table}`,
          message: `${key}: ${message}`,
        });
    }
  return findings;
}
