/** Does a mail with a report come from whom the report names? RFC 9990 §3.5.2, RFC 8460 §5.3 */
import { isAtOrBelow, parseDomain, type Domain } from "../../base/domain-name.ts";
import { fieldKey, fields, fieldValue } from "../../message/header.ts";
import { parseAuthenticationResults, type ReportedResult } from "../authentication-results-parse.ts";

export type ReportOrigin =
  /** Our own findings at its arrival prove the domain of its From field. */
  | { readonly kind: "proven"; readonly domain: string }
  /** `claimed`: whom its From field names, where our findings tell. */
  | { readonly kind: "unproven"; readonly why: UnprovenReason; readonly claimed?: string };
export type UnprovenReason = "no-results" | "dmarc" | "other-name";

/**
 * What this server found when the mail came in: DMARC passed; or there was no policy, and SPF or DKIM prove the domain of
 * From all the same. Only results above the first Received field are ours: what stands in our name further down has come
 * with the mail, by a way that does not take it out (an import, say). RFC 8601 §4.1, §5
 */
export function originOfReport(message: Uint8Array, authServId: string): ReportOrigin {
  const results = ownResults(message, authServId);
  if (results === undefined) return { kind: "unproven", why: "no-results" };
  const dmarc = results.find(({ method }) => method === "dmarc");
  const author = valueOf(dmarc, "header", "from");
  if (dmarc === undefined || author === undefined) return { kind: "unproven", why: "dmarc" };
  const isAligned = results.some((one) => one.result === "pass" && speaksFor(vouchedBy(one), author));
  return dmarc.result === "pass" || (dmarc.result === "none" && isAligned)
    ? { kind: "proven", domain: author }
    : { kind: "unproven", why: "dmarc", claimed: author };
}

/** Do both belong to one organisation? False where nobody can say. */
export type SameOrganization = (one: Domain, other: Domain) => Promise<boolean>;

/**
 * Is one of the names by which a report calls its maker (address, domain, or words) the domain that sent it, or in it?
 * Providers write from a subdomain and name the domain itself: that counts where the DNS says both are of one
 * organisation, for whoever has a name below co.uk or github.io is neither.
 */
export async function namesReporter(
  domain: string,
  names: readonly (string | undefined)[],
  isSame: SameOrganization,
): Promise<boolean> {
  const sender = parseDomain(domain);
  const named = names.flatMap((name) => parseDomain(name?.slice(name.lastIndexOf("@") + 1) ?? "") ?? []);
  if (sender === undefined) return false;
  if (named.some((name) => isAtOrBelow(name, sender))) return true;
  for (const above of new Set(named))
    if (above.includes(".") && isAtOrBelow(sender, above) && (await isSame(sender, above))) return true;
  return false;
}

function ownResults(message: Uint8Array, authServId: string): readonly ReportedResult[] | undefined {
  for (const field of fields(message)) {
    const key = fieldKey(message, field);
    if (key === "received") return undefined;
    if (key !== "authentication-results") continue;
    const found = parseAuthenticationResults(fieldValue(message, field));
    if (found !== undefined && isSame(found.authServId, authServId)) return found.results;
  }
  return undefined;
}

const isSame = (a: string, b: string): boolean => (parseDomain(a) ?? a) === (parseDomain(b) ?? b);

/** The domain a result speaks of: that of the signature, or of MAIL FROM. */
function vouchedBy(result: ReportedResult): string | undefined {
  if (result.method === "dkim") return valueOf(result, "header", "d");
  const sender = result.method === "spf" ? valueOf(result, "smtp", "mailfrom") : undefined;
  return sender?.slice(sender.lastIndexOf("@") + 1);
}

const valueOf = (result: ReportedResult | undefined, type: string, name: string): string | undefined =>
  result?.properties.find((one) => one.type === type && one.name === name)?.value;

/**
 * Where a domain has no policy, no tree walk finds what it belongs to: it speaks for itself and for the names below it,
 * whose zones it gives away. A name below never speaks for it: evil.co.uk is not co.uk. RFC 9989 §4.10.2
 */
function speaksFor(one: string | undefined, author: string): boolean {
  const [name, below] = [parseDomain(one ?? ""), parseDomain(author)];
  return name !== undefined && below !== undefined && name.includes(".") && isAtOrBelow(below, name);
}
