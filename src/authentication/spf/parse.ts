import { asciiLower, printable } from "../../base/ascii.ts";
import { parseIp, type Cidr } from "../../base/ip.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { SPF_LIMITS } from "./limits.ts";
import { ALL_LETTERS, parseMacroString, RECORD_LETTERS, type MacroString } from "./macro.ts";

export type Qualifier = "pass" | "fail" | "softfail" | "neutral";
type Lengths = { readonly ipv4_bits: number; readonly ipv6_bits: number };

export type Directive = {
  readonly qualifier: Qualifier;
  /** As written in the record. */
  readonly text: string;
} & (
  | { readonly kind: "all" }
  | { readonly kind: "ip"; readonly network: Cidr }
  /** Without domain: the one whose record this is. */
  | ({ readonly kind: "a" | "mx"; readonly domain?: MacroString } & Lengths)
  | { readonly kind: "ptr"; readonly domain?: MacroString }
  | { readonly kind: "include" | "exists"; readonly domain: MacroString }
);

export type SpfRecord = {
  readonly directives: readonly Directive[];
  readonly redirect?: { readonly domain: MacroString; readonly text: string };
  readonly explanation?: MacroString;
};

/** The term that cannot be read, for people. */
export type SpfSyntaxError = { readonly term: string };

const QUALIFIERS: Readonly<Record<string, Qualifier>> = {
  "+": "pass",
  "-": "fail",
  "~": "softfail",
  "?": "neutral",
};
const MODIFIER = /^([a-z][a-z0-9_.-]*)=(.*)$/is;
const DIRECTIVE = /^([+\-?~]?)([a-z][a-z0-9]*)(.*)$/is;
/** `ip4-cidr-length` and `ip6-cidr-length` at the end of `a` and `mx`. */
const DUAL_LENGTH = /(\/[0-9]+)?(\/\/[0-9]+)?$/;
const TOP_LABEL = /\.(?![0-9]+\.?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?$/i;

/** A TXT record that is an SPF record, well written or not. RFC 7208 §4.5: version, then a space or the end. */
export const isSpfRecord = (text: string): boolean => /^v=spf1(?: |$)/i.test(text);

/**
 * Reads an SPF record; a syntax error anywhere makes all of it void. RFC 7208 §4.6, §12
 *
 *   record = version terms *SP
 *   terms = *( 1*SP ( directive / modifier ) )
 *   directive = [ qualifier ] mechanism
 */
export function parseSpfRecord(text: string): Result<SpfRecord, SpfSyntaxError> {
  if (!isSpfRecord(text) || text.length > SPF_LIMITS.recordOctetsMax) return err(shown(text));
  const directives: Directive[] = [];
  let redirect: SpfRecord["redirect"];
  let explanation: MacroString | undefined;
  for (const term of text.split(" ").slice(1)) {
    if (term === "") continue;
    const modifier = MODIFIER.exec(term);
    if (modifier === null) {
      const directive = parseDirective(term);
      if (directive === undefined) return err(shown(term));
      directives.push(directive);
      continue;
    }
    const [, name = "", value = ""] = modifier;
    const known = asciiLower(name);
    if (known === "redirect" || known === "exp") {
      const domain = parseDomainSpec(value);
      // Each at most once. RFC 7208 §6
      if (domain === undefined || (known === "exp" ? explanation : redirect)) return err(shown(term));
      if (known === "exp") explanation = domain;
      else redirect = { domain, text: shown(term).term };
    } else if (parseMacroString(value, ALL_LETTERS) === undefined) return err(shown(term));
  }
  return ok({ directives, ...(redirect ? { redirect } : {}), ...(explanation ? { explanation } : {}) });
}

const shown = (term: string): SpfSyntaxError => ({ term: printable(term, SPF_LIMITS.termShownMax) });

/** mechanism = all / include / a / mx / ptr / ip4 / ip6 / exists */
function parseDirective(term: string): Directive | undefined {
  const [, sign = "", name = "", rest = ""] = DIRECTIVE.exec(term) ?? [];
  const base = { qualifier: QUALIFIERS[sign] ?? "pass", text: shown(term).term } as const;
  const mechanism = asciiLower(name);
  switch (mechanism) {
    case "all":
      return rest === "" ? { ...base, kind: "all" } : undefined;
    case "include":
    case "exists": {
      const domain = rest.startsWith(":") ? parseDomainSpec(rest.slice(1)) : undefined;
      return domain && { ...base, kind: mechanism, domain };
    }
    case "ptr": {
      if (rest === "") return { ...base, kind: "ptr" };
      const domain = rest.startsWith(":") ? parseDomainSpec(rest.slice(1)) : undefined;
      return domain && { ...base, kind: "ptr", domain };
    }
    case "a":
    case "mx": {
      const target = parseTarget(rest);
      return target && { ...base, kind: mechanism, ...target };
    }
    case "ip4":
    case "ip6": {
      const network = parseNetwork(rest, mechanism === "ip4" ? 4 : 6);
      return network && { ...base, kind: "ip", network };
    }
    default:
      return undefined;
  }
}

/** [ ":" domain-spec ] [ dual-cidr-length ] */
function parseTarget(rest: string): ({ readonly domain?: MacroString } & Lengths) | undefined {
  const [tail = "", ipv4 = "/32", ipv6 = "//128"] = DUAL_LENGTH.exec(rest) ?? [];
  const ipv4_bits = parseLength(ipv4.slice(1), 32);
  const ipv6_bits = parseLength(ipv6.slice(2), 128);
  if (ipv4_bits === undefined || ipv6_bits === undefined) return undefined;
  const head = rest.slice(0, rest.length - tail.length);
  if (head === "") return { ipv4_bits, ipv6_bits };
  const domain = head.startsWith(":") ? parseDomainSpec(head.slice(1)) : undefined;
  return domain && { domain, ipv4_bits, ipv6_bits };
}

/**
 *   ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ]
 *   ip6 = "ip6" ":" ip6-network [ ip6-cidr-length ]
 *
 * A mapped address written as ip6 stays IPv6, so no client has it: those count as IPv4. RFC 7208 §5
 */
function parseNetwork(rest: string, family: 4 | 6): Cidr | undefined {
  const [, text = "", length] = /^:([0-9a-f:.]+)(?:\/([0-9]+))?$/i.exec(rest) ?? [];
  const address = parseIp(text);
  if (address === undefined || text.includes(":") !== (family === 6)) return undefined;
  const widest = family === 4 ? 32 : 128;
  const prefix_bits = length === undefined ? widest : parseLength(length, widest);
  return prefix_bits === undefined ? undefined : { address: { ...address, family }, prefix_bits };
}

/** "0" / %x31-39 *DIGIT, bounded */
function parseLength(digits: string, max: number): number | undefined {
  return /^(?:0|[1-9][0-9]{0,2})$/.test(digits) && Number(digits) <= max ? Number(digits) : undefined;
}

/**
 *   domain-spec = macro-string domain-end
 *   domain-end = ( "." toplabel [ "." ] ) / macro-expand
 */
function parseDomainSpec(text: string): MacroString | undefined {
  const pieces = parseMacroString(text, RECORD_LETTERS);
  const last = pieces?.at(-1);
  if (pieces === undefined || last === undefined) return undefined;
  // No literal holds a percent sign or a space: such a piece was "%%", "%_" or "%-".
  const endsInMacro = typeof last !== "string" || /^[% ]/.test(last);
  return endsInMacro || TOP_LABEL.test(text.slice(-TOP_LABEL_SHOWN)) ? pieces : undefined;
}

/** Longer than any label with its dots, so that the search for the top label stays short. */
const TOP_LABEL_SHOWN = 256;
