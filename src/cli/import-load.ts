import type { Command } from "commander";
import { userInfo } from "node:os";
import { foreignHash, type UnusableHash } from "../accounts/foreign-hash.ts";
import { canonicalLogin, splitAddress } from "../accounts/login-name.ts";
import { addAccount, addDomain, putAlias, type FirstPassword, type Managing } from "../accounts/manage.ts";
import type { OperatorError } from "../base/operator-error.ts";
import { ok, type Result } from "../base/result.ts";
import {
  readImportDirectory,
  readImportTable,
  type DirectoryTable,
  type ImportDirectory,
} from "./import-directory.ts";
import { PATTERNS_KEY } from "../policy/stored-tables.ts";
import { putRows, readPatterns, readTableText, type TableEntry } from "./import-tables.ts";
import { outputOf } from "./context.ts";
import { withManaging } from "./managing.ts";
import { table } from "./output.ts";

/** What became of one entry of an import. */
type Loaded = {
  readonly kind: "domain" | "account" | "alias" | "table" | "entry";
  readonly name: string;
  readonly state: "added" | "already there" | "refused";
  /** Why, or what to know about it. */
  readonly note?: string;
  /** Made by the server, shown only now. */
  readonly password?: string;
};
type Options = { readonly passwords: boolean };

/** `wachpost import load DIR`: what `import postfix --out DIR` wrote, into the store. */
export function importLoadCommand(group: Command): void {
  group
    .command("load")
    .argument("<dir>", "directory that `import postfix --out` wrote")
    .description("add the domains, accounts, aliases and tables of an import; a second time changes nothing")
    .option("--no-passwords", "make no passwords: accounts without a usable one stay disabled")
    .action(async (dir: string, { passwords }: Options, command: Command) => {
      const directory = readImportDirectory(dir);
      const entries = await withManaging(command, async (managing) =>
        ok([
          ...(await loadDomains(managing, directory)),
          ...(await loadAccounts(managing, directory, passwords)),
          ...(await loadAliases(managing, directory)),
          ...(await loadTables(managing, directory.tables, dir)),
        ]),
      );
      const count = (state: Loaded["state"]): number => entries.filter((one) => one.state === state).length;
      const counts = {
        added: count("added"),
        alreadyThere: count("already there"),
        refused: count("refused"),
      };
      if (counts.refused > 0) process.exitCode = 1;
      outputOf(command).show({ ok: counts.refused === 0, counts, entries }, textOf(entries, counts));
    });
}

function textOf(entries: readonly Loaded[], counts: Readonly<Record<string, number>>): string {
  const rows = entries.map(({ state, kind, name, note = "", password }) => [
    state,
    kind,
    name,
    [note, password === undefined ? "" : `password (shown only now): ${password}`]
      .filter((text) => text !== "")
      .join("; "),
  ]);
  const sum = `${counts["added"]} added, ${counts["alreadyThere"]} already there, ${counts["refused"]} refused.`;
  return rows.length === 0 ? sum : `${table([["STATE", "KIND", "NAME", "NOTE"], ...rows])}\n${sum}`;
}

/** A refusal as an entry; `exists` says that somebody made it before. */
function outcomeOf(
  kind: Loaded["kind"],
  name: string,
  result: Result<unknown, OperatorError>,
  added: Pick<Loaded, "note" | "password"> = {},
): Loaded {
  if (result.ok) return { kind, name, state: "added", ...added };
  if (result.error.code === "exists" && kind !== "alias") return { kind, name, state: "already there" };
  return { kind, name, state: "refused", note: result.error.message };
}

async function loadDomains(managing: Managing, { domains }: ImportDirectory): Promise<readonly Loaded[]> {
  const loaded: Loaded[] = [];
  for (const { name } of domains) loaded.push(outcomeOf("domain", name, await addDomain(managing, name)));
  return loaded;
}

type ImportedAccount = ImportDirectory["accounts"][number];

async function loadAccounts(
  managing: Managing,
  { accounts }: ImportDirectory,
  passwords: boolean,
): Promise<readonly Loaded[]> {
  const loaded: Loaded[] = [];
  for (const account of accounts) loaded.push(await loadAccount(managing, account, passwords));
  return loaded;
}

async function loadAccount(
  managing: Managing,
  account: ImportedAccount,
  passwords: boolean,
): Promise<Loaded> {
  const { directory } = managing.store;
  const { login } = account;
  const before = await directory.accountByLogin(canonicalLogin(login));
  if (before !== undefined) {
    const open = before.disabled || (await directory.credentials(before.id)).length > 0;
    const note = open ? {} : { note: `nobody can log in: \`wachpost account password ${login}\`` };
    return { kind: "account", name: login, state: "already there", ...note };
  }
  const { password, why } = firstPassword(account, passwords);
  const choice = { login, password, displayName: "", quota_octets: 0, administrator: false };
  const made = await addAccount(managing, choice);
  if (!made.ok) return outcomeOf("account", login, made);
  if (password.kind === "none") await directory.changeAccount(made.value.id, { disabled: true });
  const generated = made.value.generated?.reveal();
  return outcomeOf("account", login, made, {
    note: password.kind === "none" ? `${why}; disabled: no login, no mail` : why,
    ...(generated === undefined ? {} : { password: generated }),
  });
}

const UNUSABLE: Readonly<Record<UnusableHash, string>> = {
  weak: "keeps a password as good as readable",
  unknown: "is a scheme that is not known here",
  damaged: "does not read as a hash, or asks for too much work",
};

/** The hash that came along, where it is one we take; else a password of ours, or none. */
function firstPassword(
  { scheme = "", hash = "", withoutHash = "it came without a hash" }: ImportedAccount,
  passwords: boolean,
): { readonly password: FirstPassword; readonly why: string } {
  const otherwise: FirstPassword = { kind: passwords ? "generate" : "none" };
  if (hash === "") return { password: otherwise, why: withoutHash };
  const read = foreignHash(scheme, hash);
  return read.ok
    ? { password: { kind: "taken-over", hash: read.value }, why: `${scheme}, until the next login` }
    : { password: otherwise, why: `its ${scheme} ${UNUSABLE[read.error]}` };
}

async function loadAliases(managing: Managing, { addresses }: ImportDirectory): Promise<readonly Loaded[]> {
  const loaded: Loaded[] = [];
  for (const { address, targets } of addresses) {
    const name = address.startsWith("@") ? `*${address}` : address;
    loaded.push(await loadAlias(managing, name, targets));
  }
  return loaded;
}

/** What an operator has changed since stays as it is. */
async function loadAlias(managing: Managing, name: string, targets: readonly string[]): Promise<Loaded> {
  const mailbox = splitAddress(name);
  const row = mailbox && (await managing.store.directory.address(mailbox.localPart, mailbox.domain));
  if (row?.target.kind !== "alias") return outcomeOf("alias", name, await putAlias(managing, name, targets));
  const { members } = row.target;
  const same = members.length === targets.length && members.every((member, i) => member === targets[i]);
  return same
    ? { kind: "alias", name, state: "already there" }
    : { kind: "alias", name, state: "refused", note: `leads to ${members.join(", ")} already` };
}

async function loadTables(
  managing: Managing,
  tables: readonly DirectoryTable[],
  dir: string,
): Promise<readonly Loaded[]> {
  const loaded: Loaded[] = [];
  for (const one of tables) {
    const text = readImportTable(dir, one.name);
    const whole = (note: string): Loaded => ({
      kind: "table",
      name: one.name,
      state: "refused",
      note: `${note}; mail that reaches a rule with it is put off until it has entries or the rule is gone`,
    });
    if (text === undefined) loaded.push(whole(`the text of ${one.reference} was not among the files`));
    else if (one.format === "pattern") loaded.push(...(await loadPatterns(managing, one, text, whole)));
    else loaded.push(...(await loadTable(managing, { ...one, format: one.format }, text, whole)));
  }
  return loaded;
}

async function loadPatterns(
  managing: Managing,
  one: DirectoryTable,
  value: string,
  whole: (note: string) => Loaded,
): Promise<readonly Loaded[]> {
  const read = readPatterns(value);
  if (!read.ok)
    return read.error.map(({ line, column, message }) => whole(`line ${line}, column ${column}: ${message}`));
  const row = { table: one.name, reason: `from Postfix, ${one.reference}`, author: userInfo().username };
  const rows = [{ ...row, key: PATTERNS_KEY, value, created_ms: managing.clock.now() }];
  const [outcome] = await putRows(managing.store, rows, "keep");
  if (typeof outcome === "object") return [whole("it has other patterns already")];
  const note = `patterns: ${read.value.patterns}`;
  return [{ kind: "table", name: one.name, state: outcome === "added" ? "added" : "already there", note }];
}

async function loadTable(
  managing: Managing,
  one: DirectoryTable & { readonly format: "indexed" | "cidr" },
  text: string,
  whole: (note: string) => Loaded,
): Promise<readonly Loaded[]> {
  const read = readTableText(one.format, text);
  if (!read.ok)
    return read.error
      .filter(({ severity }) => severity === "error")
      .map(({ line, column, message }) => whole(`line ${line}, column ${column}: ${message}`));
  const entries = read.value.entries.length === 0 ? [EMPTY] : read.value.entries;
  const usable = entries.filter((entry) => whyNot(one, entry) === undefined);
  const row = { table: one.name, reason: `from Postfix, ${one.reference}`, author: userInfo().username };
  const created_ms = managing.clock.now();
  const rows = usable.map(({ key, value }) => ({ ...row, key, value, created_ms }));
  const outcomes = await putRows(managing.store, rows, "keep");
  const refused = entries.flatMap((entry): readonly Loaded[] => {
    const note = whyNot(one, entry);
    return note === undefined ? [] : [{ ...entryOf(one, entry), state: "refused", note }];
  });
  return [
    ...usable.map((entry, i): Loaded => {
      const outcome = outcomes[i] ?? "added";
      if (typeof outcome === "object")
        return { ...entryOf(one, entry), state: "refused", note: `is ${outcome.keeps} already` };
      return { ...entryOf(one, entry), state: outcome === "added" ? "added" : "already there" };
    }),
    ...refused,
  ];
}

/** A table with no row at all is taken for one that is missing, and its rules put mail off. */
const EMPTY: TableEntry = { key: "empty.invalid", value: "DUNNO", line: 0 };

const entryOf = (one: DirectoryTable, { key, value }: TableEntry): Pick<Loaded, "kind" | "name"> => ({
  kind: "entry",
  name: `${one.name}: ${key} ${value}`,
});

function whyNot({ format }: DirectoryTable, { key, refused, unreached }: TableEntry): string | undefined {
  if (refused !== undefined) return refused;
  if (unreached !== undefined) return `${unreached} stands before it and decides`;
  return format === "indexed" && key.includes("/")
    ? "a network matches nothing in such a table of Postfix; here it would: add it by hand if it is meant"
    : undefined;
}
