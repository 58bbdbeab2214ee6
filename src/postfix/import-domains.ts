import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { PlacedWord } from "./configuration.ts";
import { isTemplate, note, noteEntry, type Importing, type Outcome } from "./importing.ts";
import { quoted } from "./import-scalars.ts";
import { POSTFIX_LIMITS } from "./limits.ts";
import { parseTargets } from "./tables/aliases.ts";
import { parseIndexedTable } from "./tables/table-text.ts";
import { parseTableReference, type TableReference } from "./tables/table-reference.ts";
import { textOfTable } from "./tables/table-source.ts";

/** Domains we become final destination of, by the setting that says so. */
const OURS = ["mydestination", "virtual_mailbox_domains", "virtual_alias_domains"] as const;

/** Domains: local, virtual, alias. Relay domains are named, but there is no such thing here yet. */
export function importDomains(importing: Importing): void {
  for (const setting of OURS) importDomainList(importing, setting);
  importRelayDomains(importing);
}

function importDomainList(importing: Importing, setting: (typeof OURS)[number]): void {
  const { postfix } = importing;
  if (postfix.setting(setting) === undefined) {
    // The default of the virtual lists is the tables of addresses: their domains come with the addresses.
    if (setting !== "mydestination" || postfix.setting("myhostname") === undefined) return;
  }
  const words = postfix.list(setting);
  const found: Domain[] = [];
  const problems: string[] = [];
  for (const word of words) domainsOf(importing, word, found, problems);
  for (const name of found) addDomain(importing, name, setting);
  for (const name of postfix.expansion(setting).missing)
    problems.push(`$${name} is defined nowhere: the file is a template`);
  const outcome: Outcome =
    found.length > 0 ? "carried-over" : problems.length > 0 ? "not-carried-over" : "default";
  note(importing, setting, [
    outcome,
    found.length === 0
      ? ""
      : `domains ${found.slice(0, 5).join(", ")}${found.length > 5 ? ` and ${found.length - 5} more` : ""}`,
    problems.length === 0
      ? found.length === 0
        ? "no domain"
        : "the same domains"
      : problems.slice(0, 5).join("; "),
  ]);
}

export function addDomain(importing: Importing, name: Domain, from: string): void {
  if (importing.domains.size >= POSTFIX_LIMITS.entriesMax) return;
  if (!importing.domains.has(name)) importing.domains.set(name, { name, from });
}

function domainsOf(importing: Importing, word: PlacedWord, found: Domain[], problems: string[]): void {
  const { text } = word;
  const reference = parseTableReference(text);
  if (reference !== undefined) return domainsOfTable(importing, reference, text, found, problems);
  if (text.startsWith("/")) return domainsOfFile(importing, text, found, problems);
  if (text.startsWith("!")) return void problems.push(`${quoted(text)}: exceptions are not carried over`);
  const domain = parseDomain(text);
  if (isTemplate(text)) problems.push(`${quoted(text)} belongs to a template`);
  else if (domain === undefined) problems.push(`${quoted(text)} is no domain`);
  else if (!domain.includes(".") || domain.endsWith(".localdomain") || domain.startsWith("localhost.")) {
    problems.push(`${domain} is a name of this machine alone`);
  } else found.push(domain);
}

function domainsOfTable(
  importing: Importing,
  reference: TableReference,
  written: string,
  found: Domain[],
  problems: string[],
): void {
  const text = textOfTable(reference, importing.postfix.sources);
  if (!text.ok) return void problems.push(`${quoted(written)}: ${text.error}`);
  if (reference.kind !== "text" && reference.kind !== "inline") return;
  if (reference.format !== "indexed")
    return void problems.push(`${quoted(written)}: patterns name no domains one could list`);
  const { entries, faults } = parseIndexedTable(text.value);
  for (const { key } of entries) {
    const domain = parseDomain(key);
    // Tables of addresses may serve as tables of domains; their addresses are read elsewhere.
    if (domain !== undefined && domain.includes(".")) found.push(domain);
  }
  for (const { line, message } of faults.slice(0, 3))
    problems.push(`${quoted(written)} line ${line}: ${message}`);
}

function domainsOfFile(importing: Importing, path: string, found: Domain[], problems: string[]): void {
  const text = importing.postfix.sources.read(path);
  if (text === undefined) return void problems.push(`${path} is not among the files`);
  for (const line of text.split("\n")) {
    for (const target of line.trim().startsWith("#") ? [] : parseTargets(line)) {
      const domain = target.kind === "address" ? parseDomain(target.address) : undefined;
      if (domain !== undefined && domain.includes(".")) found.push(domain);
      else problems.push(`${path}: no domain in ${quoted(line.trim())}`);
    }
  }
}

function importRelayDomains(importing: Importing): void {
  const { postfix } = importing;
  if (postfix.setting("relay_domains") === undefined) return;
  const words = postfix.list("relay_domains");
  if (words.length === 0)
    return note(importing, "relay_domains", ["default", "", "no domain is relayed, as here"]);
  for (const { text, line } of words) {
    noteEntry(importing, { setting: `relay_domains: ${text.slice(0, 60)}`, file: "main.cf", line }, [
      text === "*" || text === "static:all" ? "changed-for-safety" : "not-carried-over",
      "",
      text === "*" || text === "static:all"
        ? "every domain is an open relay; it cannot be configured here"
        : "mail for a domain whose mailboxes are elsewhere is not taken here",
    ]);
  }
  note(importing, "relay_domains", ["not-carried-over", "", "see the lines for each domain"]);
}
