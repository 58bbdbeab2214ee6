import { parseIp } from "../base/ip.ts";
import { knownList, type LinkManner } from "./default-lists.ts";
import { addressLabels } from "./dnsbl.ts";
import { POLICY_LIMITS } from "./limits.ts";

/**
 * Hosts of links as one text for facts and journal. Where there are too many, the first and the last: junk that is to
 * hide a link stands before or behind it.
 */
export function linkText(hosts: readonly string[]): string {
  const ofDomain = new Map<string, number>();
  const different = hosts.filter((host) => {
    const domain = registeredDomain(host);
    const before = ofDomain.get(domain) ?? 0;
    ofDomain.set(domain, before + 1);
    return before < POLICY_LIMITS.linkHostsOfDomainMax;
  });
  const half = POLICY_LIMITS.linkHostsMax / 2;
  const some =
    different.length <= half * 2 ? different : [...different.slice(0, half), ...different.slice(-half)];
  let length = 0;
  return some
    .filter((host) => host.length <= 253 && (length += host.length + 1) <= POLICY_LIMITS.linkHostsTextMax)
    .join(" ");
}

/** Lists of domains mostly hold what somebody registered, and nothing of addresses. */
const USUAL: LinkManner = { names: "registered", addresses: false };

/** The labels under which a list of domains is asked about the host of a link; undefined where it has no answer. */
export function linkLabels(host: string, zone: string): string | undefined {
  const { names, addresses } = knownList(zone)?.links ?? USUAL;
  const ip = parseIp(host);
  if (ip !== undefined) return addresses && ip.family === 4 ? addressLabels(ip) : undefined;
  return names === "whole" ? host : registeredDomain(host);
}

/**
 * The part of a host name that somebody registered: two labels, three below `co.uk` and its like. A rule of thumb: a
 * suffix it does not know is asked about in vain, which names nobody wrongly.
 */
export function registeredDomain(host: string): string {
  const labels = host.split(".");
  const [second = "", top = ""] = labels.slice(-2);
  return labels.slice(top.length === 2 && SECOND_LEVEL.has(second) ? -3 : -2).join(".");
}

/** Labels below which country registries register. */
const SECOND_LEVEL: ReadonlySet<string> = new Set(
  "ab ac ad ae adv art asn asso biz blog bel co com coop ed edu eng esp firm fin fr gc geek gen go gob gok gouv gov gr gub gv id idf in ind inf info k12 krd kiev lg lib ltd maori me med mil mod mus muni nat ne net nhs nic nom nsw nt or org pb plc pp pro psi qc qld re res sa sch school sld spb st store tas tm tur tv tx vic waw wa web".split(
    " ",
  ),
);
