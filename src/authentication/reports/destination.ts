import { asciiLower } from "../../base/ascii.ts";
import { parseDomain, type Domain } from "../../base/domain-name.ts";
import type { Dns } from "../../dns/answer.ts";
import { parseDmarcRecord } from "../dmarc/record.ts";
import { organizationalDomain, TreeWalker } from "../dmarc/tree-walk.ts";
import { Budget, timedDns, type Asking } from "../timed-dns.ts";

export type ReportDestination =
  /** Addresses to use: that of the record, or those the destination named in its place. */
  | { readonly kind: "allowed"; readonly external: boolean; readonly addresses: readonly string[] }
  | { readonly kind: "refused"; readonly problem: "not-mailto" | "not-authorised" | "foreign-override" }
  /** Ask again later. */
  | { readonly kind: "unknown" };

/** Two walks and one question. */
const BUDGET_MS = 20_000;

/**
 * May reports about `policyDomain` go to this URI of its rua= or ruf=? Inside its organizational domain they may;
 * elsewhere only where `<policyDomain>._report._dmarc.<host>` says so. RFC 9990 §4; C-20, G-38
 */
export async function checkDestination(
  policyDomain: Domain,
  uri: string,
  dns: Dns,
  signal?: AbortSignal,
): Promise<ReportDestination> {
  const target = mailtoOf(uri);
  if (target === undefined) return { kind: "refused", problem: "not-mailto" };
  using budget = new Budget(BUDGET_MS, signal);
  const timed = timedDns(dns, budget);
  const inside = await isSameOrganization(policyDomain, target.host, timed);
  if (inside === undefined) return { kind: "unknown" };
  if (inside) return { kind: "allowed", external: false, addresses: [target.address] };
  const name = parseDomain(`${policyDomain}._report._dmarc.${target.host}`);
  if (name === undefined) return { kind: "refused", problem: "not-authorised" };
  const answer = await timed.query(name, "TXT");
  if (answer.kind === "failure") return { kind: "unknown" };
  const texts = answer.kind === "records" ? answer.records : [];
  const records = texts.flatMap((text) => parseDmarcRecord(text) ?? []);
  if (records.length === 0) return { kind: "refused", problem: "not-authorised" };
  const overrides = records.flatMap(({ rua }) => rua);
  if (overrides.length === 0) return { kind: "allowed", external: true, addresses: [target.address] };
  const targets = overrides.map(mailtoOf);
  const own = targets.filter((other) => other?.host === target.host);
  // An override to a third host forbids both. RFC 9990 §4
  if (own.length < targets.length) return { kind: "refused", problem: "foreign-override" };
  return { kind: "allowed", external: true, addresses: own.flatMap((other) => other?.address ?? []) };
}

/** By the tree walk, which knows public suffixes as far as the DNS does. Undefined: the DNS did not say. RFC 9989 §4.10 */
export async function isSameOrganization(a: Domain, b: Domain, dns: Asking): Promise<boolean | undefined> {
  if (a === b) return true;
  const walker = new TreeWalker(dns);
  const [first, second] = [await walker.walk(a), await walker.walk(b)];
  if (first.failed || second.failed) return undefined;
  return organizationalDomain(first) === organizationalDomain(second);
}

type Mailto = { readonly address: string; readonly host: Domain };

/** Address and host of a mailto URI; headers in it are dropped. RFC 6068 §2 */
export function mailtoOf(uri: string): Mailto | undefined {
  const encoded = /^mailto:([^?]{3,500})(?:\?|$)/i.exec(uri)?.[1];
  const address = encoded === undefined ? undefined : decoded(encoded);
  const at = address?.lastIndexOf("@") ?? -1;
  if (address === undefined || at < 1 || /[\s\u0000-\u001f\u007f,<>"]/.test(address)) return undefined;
  const host = parseDomain(asciiLower(address.slice(at + 1)));
  return host === undefined ? undefined : { address: `${address.slice(0, at)}@${host}`, host };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
