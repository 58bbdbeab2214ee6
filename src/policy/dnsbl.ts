import { asciiLower } from "../base/ascii.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { IpAddress } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { DnsAnswer } from "../dns/answer.ts";
import type { Ask } from "./ask.ts";
import { knownList } from "./default-lists.ts";
import { filterMatches, parseFilter, type CodeFilter } from "./list-filter.ts";

/** One DNS list as a rule names it: `zone=filter*weight`. RFC 5782 */
export type ListSite = {
  readonly zone: string;
  /** Secret label in front of the zone when it is asked; never shown (D-07). */
  readonly key?: string;
  readonly filter?: CodeFilter;
  readonly weight: number;
  /** What rules ask it about, which tells its test points where the list is not known here. */
  readonly about?: "domain";
  /** As written, without key. */
  readonly text: string;
};

/** What a list says. An error is never a verdict (D-02). */
export type ListAnswer =
  | { readonly kind: "listed"; readonly codes: readonly string[] }
  | { readonly kind: "not-listed" }
  | {
      readonly kind: "error";
      readonly why: "off" | "refused" | "unknown-code" | "foreign-answer" | "no-answer";
      readonly codes: readonly string[];
    };

/** Labels under which an address is looked up: octets or nibbles, the last first. RFC 5782 §2.1, §2.4; D-01 */
export function addressLabels(ip: IpAddress): string {
  const { octets } = ip;
  if (ip.family === 4) return `${octets[15]}.${octets[14]}.${octets[13]}.${octets[12]}`;
  return Array.from(Buffer.from(octets).toString("hex")).reverse().join(".");
}

/** Reads `zone`, `zone=127.0.0.[2..11]`, `zone=127.0.0.2*3`. */
export function parseSite(text: string): Result<ListSite, string> {
  const [, zoneText = "", filterText, weightText] = /^([^=*]*)(?:=([^*]*))?(?:\*(.*))?$/.exec(text) ?? [];
  const { zone, key } = splitKey(asciiLower(zoneText.replace(/\.$/, "")));
  if (parseDomain(zone) === undefined || !zone.includes(".")) {
    return err(`${zone === "" ? "nothing" : zone} is not the domain of a list`);
  }
  const filter = filterText === undefined ? undefined : parseFilter(filterText);
  if (filter?.ok === false) return err(filter.error);
  const weight = weightText === undefined ? 1 : Number(weightText);
  if (!/^-?[0-9]{1,4}$/.test(weightText ?? "1")) return err(`${weightText} is not a weight`);
  const shown = `${zone}${filterText === undefined ? "" : `=${filterText}`}${weightText === undefined ? "" : `*${weightText}`}`;
  return ok({
    zone,
    weight,
    text: shown,
    ...(key === undefined ? {} : { key }),
    ...(filter === undefined ? {} : { filter: filter.value }),
  });
}

/** Accounts with Spamhaus and SpamRATS put a key in front of the zone. */
function splitKey(zone: string): { zone: string; key?: string } {
  const keyed =
    /^([a-z0-9]{20,63})\.([a-z]+\.dq\.spamhaus\.net)$/.exec(zone) ??
    /^([a-z0-9]{8,63})\.([a-z]+\.spamrats\.com)$/.exec(zone);
  return keyed === null ? { zone } : { zone: keyed[2] as string, key: keyed[1] as string };
}

/** Asks a list about a name below it (reversed address or domain). */
export function askList(ask: Ask, labels: string, site: ListSite): Soon<ListAnswer> {
  return whenHere(ask.listState(site.zone), (state) => {
    if (state === "off") return { kind: "error", why: "off", codes: [] };
    const shown = `${labels}.${site.zone}`;
    const name = site.key === undefined ? shown : `${labels}.${site.key}.${site.zone}`;
    return whenHere(ask.dnsList(name, "A", shown), (answer) => judgeAnswer(answer, site));
  });
}

function judgeAnswer(answer: DnsAnswer<string>, site: ListSite): ListAnswer {
  if (answer.kind === "failure") return { kind: "error", why: "no-answer", codes: [] };
  if (answer.kind !== "records" || answer.records.length === 0) return { kind: "not-listed" };
  return judgeCodes(answer.records, site);
}

/** Words of the list for a reply, if it has any. */
export async function listText(ask: Ask, labels: string, site: ListSite): Promise<string> {
  const shown = `${labels}.${site.zone}`;
  const name = site.key === undefined ? shown : `${labels}.${site.key}.${site.zone}`;
  const answer = await ask.dnsList(name, "TXT", shown);
  const text = answer.kind === "records" ? answer.records.join(" / ").slice(0, LIST_TEXT_MAX) : "";
  // A provider that repeats the question would show the key.
  return site.key === undefined ? text : asciiLower(text).includes(site.key) ? "" : text;
}

/** As in Postfix; the reply line has its own limit. */
const LIST_TEXT_MAX = 300;

/** Only addresses of 127/8 are codes, and only those that the rule or the list's own table names count. */
export function judgeCodes(codes: readonly string[], site: ListSite): ListAnswer {
  const known = knownList(site.zone);
  const error = (why: "refused" | "unknown-code" | "foreign-answer"): ListAnswer => ({
    kind: "error",
    why,
    codes,
  });
  if (codes.some((code) => !code.startsWith("127."))) return error("foreign-answer");
  const refusals = [ALL_LISTS_REFUSE, ...(known?.refused ?? [])];
  if (codes.some((code) => refusals.some((filter) => filterMatches(filter, code)))) return error("refused");
  const counting = site.filter ?? known?.codes;
  const matched = counting === undefined ? codes : codes.filter((code) => filterMatches(counting, code));
  if (matched.length > 0) return { kind: "listed", codes: matched };
  const table = known?.codes;
  const unknown = table !== undefined && codes.every((code) => !filterMatches(table, code));
  return unknown ? error("unknown-code") : { kind: "not-listed" };
}

/** Typing error, open resolver, too many queries: Spamhaus's way to say no, followed by others. */
const ALL_LISTS_REFUSE: CodeFilter = [[[127, 127]], [[255, 255]], [[255, 255]], [[0, 255]]];
