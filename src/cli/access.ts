import { KEPT_SENDERS_TABLE } from "../accounts/kept-senders.ts";
import type { Command } from "commander";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { OperatorError } from "../base/operator-error.ts";
import { asciiLower } from "../base/ascii.ts";
import { CORRESPONDENTS_TABLE } from "../policy/correspondents.ts";
import { GREYLIST_TABLE } from "../policy/greylist.ts";
import { notCarriedOut, parseTableAction } from "../policy/table-action.ts";
import { PATTERNS_KEY } from "../policy/stored-tables.ts";
import type { TableFault } from "../policy/tables.ts";
import type { AccessTableRow } from "../store/store.ts";
import { loadConfig } from "../config/load.ts";
import { parseRestrictions } from "../policy/restrictions.ts";
import { configFile, globals, outputOf, withStore } from "./context.ts";
import { duration_ms } from "./duration.ts";
import { putRows, readPatterns, readTableText, whyNotKey, type TableEntry } from "./import-tables.ts";
import { table } from "./output.ts";

/** `wachpost access …`: the access tables that rules ask, one entry at a time or a file of them (access(5)). */
export function accessCommand(program: Command): void {
  const access = program
    .command("access")
    .description("access tables: who is let through, refused or put off, and why");
  access
    .command("list", { isDefault: true })
    .argument("[table]", "clients, helos, senders, recipients, links or one of your own; default: all")
    .description("entries with reason, author and expiry")
    .action((name: string | undefined, _options, command: Command) => list(command, name));
  access
    .command("add")
    .argument("<table>", "clients, helos, senders, recipients, or a table your rules name")
    .argument("<key>", "address, network (192.0.2.0/24), host name, domain, user@domain")
    .argument("<result>", "OK, REJECT [text], DEFER [text], DUNNO, 550 5.7.1 text, …")
    .description("add or replace an entry; a running server uses it within a second")
    .requiredOption("--reason <text>", "why, for whoever reads this in a year")
    .option("--expires <time>", "e.g. 30d or 12h; default: never", duration_ms)
    .action((name: string, key: string, result: string, options: AddOptions, command: Command) =>
      add(command, name, key, result, options),
    );
  access
    .command("load")
    .argument("<table>")
    .argument("<file>", "lines of key and result, as for add; of networks the narrowest decides")
    .description("add or replace all entries of a file; one with an error in it changes nothing")
    .requiredOption("--reason <text>", "why, for whoever reads this in a year")
    .option("--cidr", "a cidr: table of Postfix: networks only, and the first one that fits decides")
    .option("--regexp", "a regexp: or pcre: table of Postfix: its patterns replace those the table had")
    .option("--expires <time>", "e.g. 30d or 12h; default: never", duration_ms)
    .action((name: string, file: string, options: LoadOptions, command: Command) =>
      load(command, name, file, options),
    );
  access
    .command("remove")
    .argument("<table>")
    .argument("<key>")
    .description("remove an entry")
    .action((name: string, key: string, _options, command: Command) =>
      withStore(command, async (store) => {
        if (!(await store.tables.removeAccess(name, asciiLower(key))))
          throw new OperatorError(
            "no-entry",
            `${key} is not in ${name}.`,
            `\`wachpost access list ${name}\` shows what is.`,
          );
        outputOf(command).show({ table: name, key }, `${key} is gone from ${name}.`);
      }),
    );
}

/** A word that is no result is a rule or a class of the configuration, or a slip that would put all such mail off. */
async function checkRules(command: Command, rules: string): Promise<void> {
  const file = configFile(globals(command));
  const classes = existsSync(file) ? Object.keys((await loadConfig(file)).policy.classes) : [];
  const { findings } = parseRestrictions(rules, { stage: "recipient", classes: new Set(classes) });
  const error = findings.find(({ severity }) => severity === "error");
  if (error !== undefined)
    throw badResult(
      `${error.rule} ${error.message}${error.suggestion === undefined ? "" : ` ${error.suggestion}`}`,
    );
}

const KEYS_REMEDY =
  "A key is an address, a network (192.0.2.0/24), a host name, a domain or user@domain; patterns come in a file: `wachpost access load TABLE FILE --regexp`.";

const badResult = (text: string): OperatorError =>
  new OperatorError("bad-result", text, "OK, REJECT, DEFER, DUNNO, 550 5.7.1 text and others: access(5).");

type AddOptions = { readonly reason: string; readonly expires?: number };
type LoadOptions = AddOptions & { readonly cidr?: boolean; readonly regexp?: boolean };

function list(command: Command, name: string | undefined): Promise<void> {
  return withStore(command, async (store) => {
    const there = await store.tables.accessTables();
    const names = name === undefined ? there.filter((each) => !KEPT_BY_SERVER.includes(each)) : [name];
    const kept = name === undefined ? there.filter((each) => KEPT_BY_SERVER.includes(each)) : [];
    const rows = (
      await Promise.all(names.map((each) => store.tables.accessEntries(each, Date.now())))
    ).flat();
    const named = name !== undefined;
    const lines = rows.map((row) => [
      row.table,
      row.key,
      row.key === PATTERNS_KEY && !named ? `${row.value.trimEnd().split("\n").length} lines` : row.value,
      row.expires_ms === undefined ? "-" : new Date(row.expires_ms).toISOString().slice(0, 16),
      row.author,
      row.reason,
    ]);
    const own = kept.length === 0 ? "" : `\nKept by the server itself, shown when named: ${kept.join(", ")}.`;
    outputOf(command).show(
      rows,
      (rows.length === 0
        ? "No entries."
        : table([["TABLE", "KEY", "RESULT", "EXPIRES", "AUTHOR", "REASON"], ...lines])) + own,
    );
  });
}

/** Thousands of rows that nobody wrote. */
const KEPT_BY_SERVER: readonly string[] = [GREYLIST_TABLE, CORRESPONDENTS_TABLE, KEPT_SENDERS_TABLE];

async function add(
  command: Command,
  name: string,
  key: string,
  value: string,
  options: AddOptions,
): Promise<void> {
  const action = parseTableAction(value);
  if (action.kind === "skip") throw badResult(`${value}: ${action.why}.`);
  if (action.kind === "discard") throw badResult("DISCARD would accept mail and drop it; use REJECT.");
  if (action.kind === "run") await checkRules(command, action.rules);
  const problem = whyNotKey(asciiLower(key));
  if (problem !== undefined) throw new OperatorError("bad-key", `${key}: ${problem}.`, KEYS_REMEDY);
  return withStore(command, async (store) => {
    await store.tables.putAccess({ ...newRow(name, options), key: asciiLower(key), value });
    const idle = notCarriedOut(value);
    const warnings = idle === undefined ? [] : [`Note: ${idle}.`];
    outputOf(command).show(
      { table: name, key, value, warnings },
      [`${name}: ${key} ${value}`, ...warnings].join("\n"),
    );
  });
}

async function load(command: Command, name: string, file: string, options: LoadOptions): Promise<void> {
  if (options.regexp === true) return loadPatterns(command, name, file, options);
  const read = readTableText(options.cidr === true ? "cidr" : "indexed", await textOf(file));
  const refused = read.ok ? read.value.entries.filter((entry) => entry.refused !== undefined) : [];
  const problems = read.ok ? refused.map(problemOf) : read.error.filter(isError).map(placed);
  if (!read.ok || problems.length > 0) throw badTable(file, problems);
  const entries = read.value.entries.filter(({ unreached }) => unreached === undefined);
  const warnings = [
    ...read.value.warnings.map(placed),
    ...entries.flatMap(({ line, key, value }) => {
      const idle = notCarriedOut(value);
      return idle === undefined ? [] : [`${line}:1: ${key}: ${idle}`];
    }),
    ...read.value.entries.flatMap(({ line, key, unreached }) =>
      unreached === undefined ? [] : [`${line}:1: ${key} is left out: ${unreached} before it decides`],
    ),
  ];
  const row = newRow(name, options);
  await withStore(command, async (store) => {
    const rows = entries.map(({ key, value }) => ({ ...row, key, value }));
    const outcomes = await putRows(store, rows, "replace");
    const count = (outcome: string): number => outcomes.filter((each) => each === outcome).length;
    const counts = { added: count("added"), replaced: count("replaced"), unchanged: count("already there") };
    outputOf(command).show(
      { table: name, ...counts, warnings },
      [
        ...warnings.map((warning) => `${file}:${warning}`),
        `${name}: ${counts.added} added, ${counts.replaced} replaced, ${counts.unchanged} as they were.`,
      ].join("\n"),
    );
  });
}

/** All patterns are one row: a text with an error changes nothing, and a good one replaces the one before at once. */
async function loadPatterns(
  command: Command,
  name: string,
  file: string,
  options: LoadOptions,
): Promise<void> {
  const value = await textOf(file);
  const read = readPatterns(value);
  if (!read.ok) throw badTable(file, read.error.map(placed));
  const { patterns, warnings } = read.value;
  await withStore(command, async (store) => {
    await store.tables.putAccess({ ...newRow(name, options), key: PATTERNS_KEY, value });
    outputOf(command).show(
      { table: name, patterns },
      [...warnings.map((warning) => `${file}:${placed(warning)}`), `${name}: ${patterns} patterns.`].join(
        "\n",
      ),
    );
  });
}

export function newRow(name: string, { reason, expires }: AddOptions): Omit<AccessTableRow, "key" | "value"> {
  const now_ms = Date.now();
  const author = userInfo().username;
  const until = expires === undefined ? {} : { expires_ms: now_ms + expires };
  return { table: name, reason, author, created_ms: now_ms, ...until };
}

const badTable = (file: string, problems: readonly string[]): OperatorError =>
  new OperatorError(
    "bad-table",
    [`${file} was not loaded:`, ...problems.map((problem) => `  ${file}:${problem}`)].join("\n"),
    "Mend these lines; nothing was changed.",
  );

const isError = ({ severity }: TableFault): boolean => severity === "error";
const placed = ({ line, column, message }: TableFault): string => `${line}:${column}: ${message}`;
const problemOf = ({ key, line, refused }: TableEntry): string => `${line}:1: ${key}: ${refused ?? ""}`;

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError("no-file", `${file} cannot be read: ${why}`, "Name a text file.");
  }
}
