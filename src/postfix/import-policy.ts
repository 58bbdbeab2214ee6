import { parseCidr } from "../base/ip.ts";
import { deadZone, isListSite, zoneNeeds } from "./dead-zones.ts";
import type { Fault } from "./logical-lines.ts";
import { isWide } from "./import-listeners.ts";
import { quoted } from "./import-scalars.ts";
import {
  formatCidr,
  isTemplate,
  note,
  noteEntry,
  type ImportedList,
  type ImportedPolicy,
  type ImportedTable,
  type Importing,
} from "./importing.ts";
import type { RestrictionKind } from "./restriction-names.ts";
import { formatRestriction, readRestrictions, RESTRICTION_LISTS, type Restriction } from "./restrictions.ts";
import { formatTableReference, type TableReference, type TextFormat } from "./tables/table-reference.ts";
import { parseCidrTable, parseIndexedTable, parsePatternTable } from "./tables/table-text.ts";
import { textOfTable } from "./tables/table-source.ts";

/** Restriction lists, classes, access tables, trusted networks and postscreen's lists. */
export function importPolicy(importing: Importing): ImportedPolicy {
  const tables = new Map<string, ImportedTable>();
  const lists = RESTRICTION_LISTS.filter((name) => importing.postfix.setting(name) !== undefined).map(
    (name) => importList(importing, name, tables),
  );
  const classNames = importing.postfix.list("smtpd_restriction_classes").map(({ text }) => text);
  const classes = classNames
    .filter((name) => CLASS_NAME.test(name) && importing.postfix.setting(name) !== undefined)
    .map((name) => importList(importing, name, tables));
  if (importing.postfix.setting("smtpd_restriction_classes") !== undefined) {
    note(importing, "smtpd_restriction_classes", [
      "carried-over",
      classNames.join(", "),
      "classes with their rules",
    ]);
  }
  const { sites, threshold } = importPostscreen(importing);
  const networks = importNetworks(importing);
  if (networks.length > 0) importing.settings.set("policy.mynetworks", networks);
  for (const list of lists) importing.settings.set(`policy.${OURS[list.name] ?? ""}`, list.rules.join("\n"));
  for (const { name, rules } of classes) importing.settings.set(`policy.classes.${name}`, rules.join("\n"));
  if (sites.length > 0) settingsOfSites(importing, sites, threshold);
  return {
    networks,
    lists,
    classes,
    tables: [...tables.values()],
    sites,
    ...(threshold === undefined ? {} : { threshold }),
  };
}

/** Our names of the lists, below `policy.`. */
const OURS: Readonly<Record<string, string>> = {
  smtpd_client_restrictions: "client",
  smtpd_helo_restrictions: "helo",
  smtpd_sender_restrictions: "sender",
  smtpd_relay_restrictions: "relay",
  smtpd_recipient_restrictions: "recipient",
  smtpd_data_restrictions: "data",
  smtpd_end_of_data_restrictions: "end_of_data",
};

/** postscreen asks before all lists; here the last rule of the client list does. */
function settingsOfSites(importing: Importing, sites: readonly string[], threshold = 1): void {
  importing.settings.set("policy.dnsbl_sites", sites.join("\n"));
  const action = importing.postfix.value("postscreen_dnsbl_action");
  if (action !== "enforce" && action !== "drop") return;
  const client = importing.settings.get("policy.client") ?? "permit_mynetworks\npermit_sasl_authenticated";
  importing.settings.set("policy.client", `${String(client)}\nreject_dnsbl_score ${threshold}`);
}

function importList(importing: Importing, name: string, tables: Map<string, ImportedTable>): ImportedList {
  const { postfix } = importing;
  const rules: string[] = [];
  const used = new Set<string>();
  const left: string[] = [];
  const templates = postfix.list(name).filter(({ text }) => isTemplate(text));
  for (const rule of readRestrictions(postfix, name)) {
    const why = whyNot(rule, (word) => CLASS_NAME.test(word) && postfix.setting(word) !== undefined);
    if (why !== undefined) {
      left.push(rule.name);
      noteEntry(
        importing,
        { setting: `${name}: ${formatRestriction(rule)}`.slice(0, 200), file: "main.cf", line: rule.line },
        [why.safety ? "changed-for-safety" : "not-carried-over", "", why.reason],
      );
      continue;
    }
    const tableName = (reference: TableReference): string => nameTable(importing, reference, tables);
    if (rule.table !== undefined) used.add(tableName(rule.table));
    rules.push(formatRestriction(rule, (reference) => `table:${tableName(reference)}`));
  }
  const relay = name === "smtpd_relay_restrictions";
  const outcome =
    left.length > 0 && rules.length === 0
      ? "not-carried-over"
      : left.length > 0 || relay
        ? "changed-for-safety"
        : "carried-over";
  note(importing, name, [
    rules.length === 0 && left.length === 0 ? "default" : outcome,
    rules.length === 0 ? "" : `${rules.length} rules`,
    [
      left.length > 0 ? `without ${left.length} of its rules, see their lines` : "",
      relay ? "whether to relay is decided first, by code no rule can override; the list runs after it" : "",
      templates.length > 0 ? "parts of it belong to a template" : "",
    ]
      .filter((text) => text !== "")
      .join("; ") || (rules.length === 0 ? "empty" : "the same rules in the same order"),
  ]);
  return { name, verbatim: postfix.setting(name)?.value ?? "", rules, tables: [...used] };
}

const CLASS_NAME = /^[A-Za-z0-9_-]+$/;

function whyNot(
  rule: Restriction,
  isDefined: (className: string) => boolean,
): { readonly reason: string; readonly safety: boolean } | undefined {
  if (isTemplate(`${rule.written} ${rule.argument ?? ""}`))
    return { reason: "belongs to a template", safety: false };
  if (rule.kind === "class") {
    return isDefined(rule.written)
      ? undefined
      : { reason: `the class ${quoted(rule.written)} has no rules`, safety: false };
  }
  if (rule.kind === "unknown")
    return { reason: `${quoted(rule.written)} is no restriction of Postfix`, safety: false };
  if (rule.what.missing !== undefined) return { reason: rule.what.missing, safety: false };
  if (rule.what.takes !== "nothing" && rule.argument === undefined)
    return { reason: "its argument is missing", safety: false };
  if (rule.what.takes === "table") {
    if (rule.table?.kind === "text" || rule.table?.kind === "inline") return undefined;
    return { reason: `${quoted(rule.argument ?? "")} is no table with a text`, safety: false };
  }
  return whyNotArgument(rule.what.takes, rule.argument ?? "");
}

function whyNotArgument(
  takes: RestrictionKind["takes"],
  argument: string,
): { readonly reason: string; readonly safety: boolean } | undefined {
  if (takes === "number" && !/^[0-9]{1,2}$/.test(argument)) {
    return { reason: `${quoted(argument)} is no number of seconds`, safety: false };
  }
  if (takes !== "zone") return undefined;
  const dead = deadZone(argument);
  if (dead !== undefined) return { reason: `the list is gone: ${dead}`, safety: true };
  return isListSite(argument, false)
    ? undefined
    : { reason: `${quoted(argument)} is no DNS list`, safety: false };
}

/** A short name for a table, and its text where there is one. */
function nameTable(
  importing: Importing,
  reference: TableReference,
  tables: Map<string, ImportedTable>,
): string {
  const key =
    reference.kind === "inline" ? `${reference.type}:{${reference.text}}` : formatTableReference(reference);
  const known = tables.get(key);
  if (known !== undefined) return known.name;
  const path = reference.kind === "text" ? reference.path : "inline";
  const base =
    (path.split("/").at(-1) ?? "table")
      .replace(/\.(?:cf|map|pcre|regexp|cidr)$/, "")
      .replaceAll(/[^A-Za-z0-9_-]+/g, "-") || "table";
  const taken = new Set([...tables.values()].map(({ name }) => name));
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
  const text = textOfTable(reference, importing.postfix.sources);
  const format = "format" in reference ? reference.format : "indexed";
  const written = formatTableReference(reference);
  tables.set(key, { name, reference: written, format, ...(text.ok ? { text: text.value } : {}) });
  const why = text.ok ? "" : text.error;
  noteEntry(importing, { setting: written, file: written, line: 0 }, [
    text.ok ? "carried-over" : "not-carried-over",
    `table ${name}`,
    text.ok
      ? `its text is in tables/${name}; \`wachpost import load\` puts its entries in`
      : `${why}; mail that reaches its rules is put off until the table has entries, or the rules are removed`,
  ]);
  for (const { line, message } of text.ok ? faultsIn(format, text.value) : []) {
    noteEntry(importing, { setting: "", file: written, line }, ["not-carried-over", "", message]);
  }
  return name;
}

function faultsIn(format: TextFormat, text: string): readonly Fault[] {
  if (format === "cidr") return parseCidrTable(text).faults;
  return format === "pattern" ? parsePatternTable(text).faults : parseIndexedTable(text).faults;
}

function importNetworks(importing: Importing): readonly string[] {
  const { postfix } = importing;
  if (postfix.setting("mynetworks") === undefined) {
    const style = postfix.value("mynetworks_style");
    if (style === "subnet" || style === "class") {
      note(importing, "mynetworks_style", [
        "changed-for-safety",
        "",
        "neighbours in the network are not trusted; this machine alone is",
      ]);
    } else note(importing, "mynetworks_style", ["default", "", "this machine alone is trusted, as here"]);
    return [];
  }
  if (postfix.setting("mynetworks_style") !== undefined)
    note(importing, "mynetworks_style", ["default", "", "mynetworks decides"]);
  const kept: string[] = [];
  const left: string[] = [];
  for (const { text } of postfix.list("mynetworks")) {
    const cidr = parseCidr(text.replace(/^\[([^\]]*)\]/, "$1"));
    const mapped = cidr !== undefined && /^\[?::ffff:/i.test(text);
    const loopback = cidr !== undefined && /^(?:127\.|::1$)/.test(cidr.address.text);
    if (mapped) continue;
    if (cidr === undefined) left.push(`${quoted(text)} is no network`);
    else if (isWide(cidr) && !loopback)
      left.push(`${formatCidr(cidr)} is wider than /24 or /64: confirm it by hand`);
    else kept.push(formatCidr(cidr));
  }
  for (const name of postfix.expansion("mynetworks").missing)
    left.push(`$${name} is defined nowhere: the file is a template`);
  const safety = left.some((text) => text.includes("wider"));
  note(importing, "mynetworks", [
    safety
      ? "changed-for-safety"
      : left.length > 0 && kept.length === 0
        ? "not-carried-over"
        : "carried-over",
    kept.join(", "),
    left.length > 0 ? left.slice(0, 8).join("; ") : "the same networks",
  ]);
  return kept;
}

function importPostscreen(importing: Importing): {
  readonly sites: readonly string[];
  readonly threshold?: number;
} {
  const { postfix } = importing;
  const setting = "postscreen_dnsbl_sites";
  if (postfix.setting(setting) === undefined) return { sites: [] };
  const sites: string[] = [];
  for (const { text, line } of postfix.list(setting)) {
    const dead = deadZone(text);
    const place = { setting: `${setting}: ${text}`.slice(0, 200), file: "main.cf", line };
    const needs = zoneNeeds(text);
    if (dead !== undefined)
      noteEntry(importing, place, ["changed-for-safety", "", `the list is gone: ${dead}`]);
    else if (isTemplate(text)) noteEntry(importing, place, ["not-carried-over", "", "belongs to a template"]);
    else if (!isListSite(text, true)) noteEntry(importing, place, ["not-carried-over", "", "no DNS list"]);
    else {
      sites.push(text);
      if (needs !== undefined) noteEntry(importing, place, ["carried-over", text, needs]);
    }
  }
  const dropped = sites.length < postfix.list(setting).length;
  note(importing, setting, [
    dropped ? "changed-for-safety" : "carried-over",
    `${sites.length} weighted lists`,
    dropped ? "without those that are gone" : "the same lists and weights",
  ]);
  const threshold = Number(postfix.value("postscreen_dnsbl_threshold"));
  if (!Number.isSafeInteger(threshold) || threshold < 1) return { sites };
  note(importing, "postscreen_dnsbl_threshold", [
    "carried-over",
    `score ${threshold} refuses`,
    "the same threshold",
  ]);
  return { sites, threshold };
}
