/** Does a mail with a report come from whom the report names? RFC 9990 §3.5.2, RFC 8460 §5.3 */
import { parseDomain } from "../../base/domain-name.ts";
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
  const isAligned = results.some((one) => one.result === "pass" && areRelated(vouchedBy(one), author));
  return dmarc.result === "pass" || (dmarc.result === "none" && isAligned)
    ? { kind: "proven", domain: author }
    : { kind: "unproven", why: "dmarc", claimed: author };
}

/**
 * Is one of the names by which a report calls its maker (address, domain, or words) of this domain? Providers write
 * from one subdomain and name another, or the domain itself; in which domain both stand is told by the shorter one.
 */
export function namesReporter(domain: string, names: readonly (string | undefined)[]): boolean {
  return names.some(
    (name) => name !== undefined && areRelated(name.slice(name.lastIndexOf("@") + 1), domain),
  );
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

/** One is the other, or in it. A name of one label holds nobody together. */
function areRelated(one: string | undefined, other: string): boolean {
  const [a, b] = [parseDomain(one ?? ""), parseDomain(other)];
  if (a === undefined || b === undefined) return false;
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  return short.includes(".") && `.${long}`.endsWith(`.${short}`);
}
