import { asciiLower, printable } from "../base/ascii.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { addDomain } from "./import-domains.ts";
import { quoted } from "./import-scalars.ts";
import { note, noteEntry, type Importing } from "./importing.ts";
import { POSTFIX_LIMITS } from "./limits.ts";
import { parseAliases, parseTargets, type AliasTarget } from "./tables/aliases.ts";
import { parseIndexedTable } from "./tables/table-text.ts";
import { formatTableReference, type TableReference } from "./tables/table-reference.ts";
import { tablesOf, textOfTable } from "./tables/table-source.ts";

/** Virtual aliases and aliases(5): where mail to an address goes. Programs and files are refused. */
export function importAddresses(importing: Importing): void {
  importMaps(importing, "virtual_alias_maps", importVirtualAliases);
  importMaps(importing, "alias_maps", importLocalAliases);
}

type TableImport = (importing: Importing, text: string, file: string) => number;

/** Reads the tables of a `*_maps` setting and says what came of each. */
export function importMaps(importing: Importing, setting: string, read: TableImport): void {
  const { postfix } = importing;
  if (postfix.setting(setting) === undefined) return;
  const words = postfix.list(setting);
  if (words.length === 0) return note(importing, setting, ["default", "", "empty"]);
  const tables = tablesOf(words);
  if (tables.length === 0) {
    return note(importing, setting, [
      "not-carried-over",
      "",
      `${quoted(words[0]?.text ?? "")} names no table`,
    ]);
  }
  for (const { reference } of tables) {
    const text = usableText(importing, reference);
    if (!text.ok)
      note(importing, setting, ["not-carried-over", "", `${formatTableReference(reference)}: ${text.why}`]);
    else {
      const count = read(importing, text.value, formatTableReference(reference));
      note(importing, setting, [
        "carried-over",
        `${count} entries`,
        `from ${formatTableReference(reference)}`,
      ]);
    }
  }
}

function usableText(
  importing: Importing,
  reference: TableReference,
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string } {
  const text = textOfTable(reference, importing.postfix.sources);
  if (!text.ok) return { ok: false, why: text.error };
  const indexed =
    (reference.kind === "text" || reference.kind === "inline") && reference.format === "indexed";
  return indexed ? text : { ok: false, why: "an address is no pattern here; write its entries out" };
}

/** `user@domain targets`, `user targets`, `@domain targets`, and `domain anything`, which only names a domain. Postfix virtual(5) */
function importVirtualAliases(importing: Importing, text: string, file: string): number {
  const { entries, faults } = parseIndexedTable(text);
  faultsOf(importing, file, faults);
  const domainOf = (key: string): Domain | undefined =>
    /^[^@]+\.[^@]+$/.test(key) ? parseDomain(key) : undefined;
  // `example.org anything` makes a domain; such lines may stand below the addresses in it.
  for (const { key } of entries) {
    const domain = domainOf(key);
    if (domain !== undefined) addDomain(importing, domain, "virtual_alias_maps");
  }
  let count = 0;
  for (const { key, value, line } of entries) {
    if (domainOf(key) !== undefined) continue;
    const place = { setting: key, file, line };
    const address = qualified(importing, key);
    if (address === undefined)
      noteEntry(importing, place, ["not-carried-over", "", `${quoted(key)} is no address here`]);
    else if (!isOurs(importing, address)) {
      noteEntry(importing, place, [
        "not-carried-over",
        "",
        "not in a domain of ours: mail of others is not rewritten",
      ]);
    } else if (addAlias(importing, address, parseTargets(value), place)) count++;
  }
  return count;
}

/** aliases(5) hold for every domain of `mydestination`. */
function importLocalAliases(importing: Importing, text: string, file: string): number {
  const { aliases, faults } = parseAliases(text);
  faultsOf(importing, file, faults);
  const local = [...importing.domains.values()].filter(({ from }) => from === "mydestination");
  let count = 0;
  for (const { name, targets, line } of aliases) {
    const place = { setting: name, file, line };
    if (local.length === 0)
      noteEntry(importing, place, [
        "not-carried-over",
        "",
        "mydestination names no domain this alias could be in",
      ]);
    for (const { name: domain } of local) {
      const address = qualified(importing, `${name}@${domain}`);
      if (address === undefined)
        noteEntry(importing, place, ["not-carried-over", "", `${quoted(name)} is no address here`]);
      else if (addAlias(importing, address, targets, place)) count++;
    }
  }
  return count;
}

type EntryPlace = { readonly setting: string; readonly file: string; readonly line: number };

function addAlias(
  importing: Importing,
  address: string,
  targets: readonly AliasTarget[],
  place: EntryPlace,
): boolean {
  if (importing.addresses.size >= POSTFIX_LIMITS.entriesMax || importing.addresses.has(address)) {
    noteEntry(importing, place, [
      "not-carried-over",
      "",
      `${address} was there before; the first entry counts`,
    ]);
    return false;
  }
  const reached = new Set(resolveTargets(importing, targets, place, 0));
  const [only] = reached;
  if (reached.size === 0) return false;
  // An address that leads to itself alone is a mailbox, not an alias.
  if (reached.size === 1 && only === address) return false;
  importing.addresses.set(address, { address, targets: [...reached] });
  return true;
}

function resolveTargets(
  importing: Importing,
  targets: readonly AliasTarget[],
  place: EntryPlace,
  depth: number,
): readonly string[] {
  return targets.flatMap((target) => {
    if (target.kind === "include") return included(importing, target.path, place, depth);
    if (target.kind === "program" || target.kind === "file") {
      const what = target.kind === "program" ? `|${target.command}` : target.path;
      noteEntry(importing, place, [
        "changed-for-safety",
        "",
        `${quoted(what)}: mail is never handed to a program or written to a file`,
      ]);
      return [];
    }
    const address = qualified(importing, target.address);
    if (address !== undefined) return [address];
    noteEntry(importing, place, ["not-carried-over", "", `${quoted(target.address)} is no address`]);
    return [];
  });
}

function included(importing: Importing, path: string, place: EntryPlace, depth: number): readonly string[] {
  const text = importing.postfix.sources.read(path);
  if (text === undefined || depth >= POSTFIX_LIMITS.includeDepthMax) {
    noteEntry(importing, place, [
      "not-carried-over",
      "",
      text === undefined ? `${path} is not among the files` : `${path} is included too deeply`,
    ]);
    return [];
  }
  const lines = text.split("\n").filter((line) => !line.trim().startsWith("#"));
  return resolveTargets(
    importing,
    lines.flatMap(parseTargets).slice(0, POSTFIX_LIMITS.targetsMax),
    place,
    depth + 1,
  );
}

function faultsOf(
  importing: Importing,
  file: string,
  faults: readonly { line: number; message: string }[],
): void {
  for (const { line, message } of faults)
    noteEntry(importing, { setting: "", file, line }, ["not-carried-over", "", message]);
}

/** `anna@Example.ORG` in lower case, `anna` in our own domain; `undefined` for what is no address. */
export function qualified(importing: Importing, text: string): string | undefined {
  const at = text.lastIndexOf("@");
  const local = at < 0 ? text : text.slice(0, at);
  const domain = at < 0 ? homeDomain(importing) : parseDomain(text.slice(at + 1));
  if (domain === undefined || !/^[^\s@<>,:;"\\()[\]{}$|/]*$/.test(local) || (local === "" && at !== 0))
    return undefined;
  if (printable(local) !== local) return undefined;
  return local.length > 64 ? undefined : `${asciiLower(local)}@${domain}`;
}

/** The domain of addresses without one: `myorigin`, else the first local domain. */
function homeDomain(importing: Importing): Domain | undefined {
  const named = importing.postfix.value("myorigin");
  const origin = parseDomain(
    named.startsWith("/") ? (importing.postfix.sources.read(named)?.trim() ?? "") : named,
  );
  if (origin !== undefined && importing.domains.has(origin)) return origin;
  const [first] = importing.domains.keys();
  return first;
}

function isOurs(importing: Importing, address: string): boolean {
  const domain = parseDomain(address.slice(address.lastIndexOf("@") + 1));
  return domain !== undefined && importing.domains.has(domain);
}
