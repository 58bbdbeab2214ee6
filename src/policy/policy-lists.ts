import { deadList } from "../dns/dead-lists.ts";
import type { Stage } from "../journal/record.ts";
import { parseSite, type ListSite } from "./dnsbl.ts";
import { lintLists } from "./lint.ts";
import { parseRestrictions, type PolicyFinding, type Rule } from "./restrictions.ts";
import { DEFAULT_SETTINGS, type PolicySettings } from "./settings.ts";

/** The rules of a server: ordered lists per stage, classes they name, weighted DNS lists, settings. */
export type PolicyLists = {
  /** Before the banner; every other list waits for RCPT, as in Postfix with its default of delaying. */
  readonly banner: readonly Rule[];
  readonly client: readonly Rule[];
  readonly helo: readonly Rule[];
  readonly sender: readonly Rule[];
  readonly relay: readonly Rule[];
  readonly recipient: readonly Rule[];
  readonly data: readonly Rule[];
  readonly endOfData: readonly Rule[];
  readonly classes: ReadonlyMap<string, readonly Rule[]>;
  readonly sites: readonly ListSite[];
  readonly settings: PolicySettings;
};

/** A text and where it begins in its file. */
export type PlacedText = { readonly text: string; readonly line?: number };

/** The lists as somebody writes them. */
export type PolicyTexts = {
  readonly [List in ListName]?: PlacedText;
} & {
  readonly classes?: Readonly<Record<string, PlacedText>>;
  /** `zone=filter*weight …`, as postscreen_dnsbl_sites. */
  readonly sites?: PlacedText;
  readonly settings?: Partial<PolicySettings>;
};

export type ListName = "banner" | "client" | "helo" | "sender" | "relay" | "recipient" | "data" | "endOfData";
export const LIST_STAGES: Readonly<Record<ListName, Stage>> = {
  banner: "connect",
  client: "connect",
  helo: "helo",
  sender: "sender",
  relay: "relay",
  recipient: "recipient",
  data: "data",
  endOfData: "end-of-data",
};

export type ReadPolicy = {
  readonly lists: PolicyLists;
  readonly findings: readonly (PolicyFinding & { readonly list: string })[];
};

/** Reads all lists and says what is wrong, useless or dangerous in them. Apply only without findings of severity `error`. */
export function readPolicy(texts: PolicyTexts): ReadPolicy {
  const findings: (PolicyFinding & { list: string })[] = [];
  const classTexts = new Map(Object.entries(texts.classes ?? {}));
  const classes = new Set(classTexts.keys());
  const read = (list: string, stage: Stage, placed: PlacedText | undefined): readonly Rule[] => {
    if (placed === undefined) return [];
    const line = placed.line === undefined ? {} : { line: placed.line };
    const parsed = parseRestrictions(placed.text, { stage, classes, ...line });
    const found = [
      ...parsed.findings,
      ...lintLists(parsed.rules, placed, classes.has(list) ? "class" : stage),
    ];
    found.sort((a, b) => a.line - b.line || a.column - b.column);
    findings.push(...found.map((finding) => ({ ...finding, list })));
    return parsed.rules;
  };
  const rules = Object.fromEntries(
    Object.entries(LIST_STAGES).map(([name, stage]) => [name, read(name, stage, texts[name as ListName])]),
  ) as Record<ListName, readonly Rule[]>;
  const lists: PolicyLists = {
    ...rules,
    classes: new Map([...classTexts].map(([name, placed]) => [name, read(name, "recipient", placed)])),
    sites: readSites(texts.sites, findings),
    settings: { ...DEFAULT_SETTINGS, ...texts.settings },
  };
  return { lists, findings };
}

function readSites(
  placed: PlacedText | undefined,
  findings: (PolicyFinding & { list: string })[],
): readonly ListSite[] {
  const sites: ListSite[] = [];
  const words = placed?.text.split(/[\s,]+/).filter((word) => word !== "") ?? [];
  for (const word of words) {
    const place = { line: placed?.line ?? 1, column: 1, list: "sites" };
    const site = parseSite(word);
    if (!site.ok) {
      findings.push({ ...place, severity: "error", rule: "", message: site.error });
      continue;
    }
    const fate = deadList(site.value.zone);
    if (fate === undefined) sites.push(site.value);
    else
      findings.push({
        ...place,
        severity: "warning",
        rule: site.value.text,
        message: `ignored: ${site.value.zone} is gone: ${fate}`,
      });
  }
  return sites;
}

/** Are there rules about the links of a message, so that it has to be searched for them? */
export const judgesLinks = (lists: PolicyLists): boolean =>
  [lists.endOfData, ...lists.classes.values()]
    .flat()
    .some((rule) => rule.kind === "check" && rule.check.links);

/** Every DNS list that any rule or class asks: those whose test points are to be looked at (D-03). */
export function listSites(lists: PolicyLists): readonly ListSite[] {
  const names = Object.keys(LIST_STAGES) as ListName[];
  const rules = [...names.flatMap((name) => lists[name]), ...[...lists.classes.values()].flat()];
  const named = rules.flatMap((rule): readonly ListSite[] => {
    if (rule.kind !== "check" || rule.site === undefined) return [];
    return [rule.check.name.includes("_rhs") ? { ...rule.site, about: "domain" } : rule.site];
  });
  const zones = new Map([...lists.sites, ...named].map((site) => [site.zone, site]));
  return [...zones.values()];
}
