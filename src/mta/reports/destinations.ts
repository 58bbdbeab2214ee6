/** Where the report about a domain may go, by what its DNS says on the day it is sent. RFC 9989 §4.7, RFC 9990 §4 */
import { aggregateTargets } from "../../authentication/dmarc/record.ts";
import { checkDestination, mailtoOf } from "../../authentication/reports/destination.ts";
import { parseTlsrptRecord } from "../../authentication/reports/tlsrpt-record.ts";
import { parseDomain } from "../../base/domain-name.ts";
import type { Dns } from "../../dns/answer.ts";
import { REPORTS_LIMITS } from "./limits.ts";

export type Place = {
  /** Address, or the URL of an HTTPS endpoint. */
  readonly to: string;
  readonly by: "mail" | "https";
  /** The largest mail that is wanted there. */
  readonly octetsMax: number;
};
export type Places =
  | { readonly kind: "known"; readonly places: readonly [Place, ...Place[]] }
  /** `not-wanted`, or why what is asked for cannot be done. */
  | { readonly kind: "none"; readonly outcome: string }
  /** The DNS did not say. */
  | { readonly kind: "unknown" };

/** Places of rua= that authorised us to write to them. C-20 */
export async function aggregatePlaces(domainText: string, dns: Dns, signal?: AbortSignal): Promise<Places> {
  const domain = parseDomain(domainText);
  const name = parseDomain(`_dmarc.${domainText}`);
  if (domain === undefined || name === undefined) return { kind: "none", outcome: "not-wanted" };
  const answer = await dns.query(name, "TXT", signal);
  if (answer.kind === "failure") return { kind: "unknown" };
  const texts = answer.kind === "records" ? answer.records : [];
  const [targets, more] = texts.flatMap((text) => {
    const found = aggregateTargets(text);
    return found === undefined ? [] : [found];
  });
  if (targets === undefined || more !== undefined || targets.length === 0)
    return { kind: "none", outcome: "not-wanted" };
  const places = new Map<string, Place>();
  let outcome = "not-wanted";
  for (const { uri, octetsMax = Infinity } of targets) {
    const destination = await checkDestination(domain, uri, dns, signal);
    if (destination.kind === "unknown") return { kind: "unknown" };
    if (destination.kind === "refused") outcome = destination.problem;
    else
      for (const to of destination.addresses)
        places.set(to, { to, by: "mail", octetsMax: Math.min(octetsMax, REPORTS_LIMITS.mailOctetsMax) });
  }
  return placesOf([...places.values()], outcome);
}

/**
 * Places of rua= at `_smtp._tls`. Mail where there is any: only that is certain to go out once. Several records are none.
 * RFC 8460 §3; T-53
 */
export async function tlsPlaces(domain: string, dns: Dns, signal?: AbortSignal): Promise<Places> {
  const name = parseDomain(`_smtp._tls.${domain}`);
  if (name === undefined) return { kind: "none", outcome: "not-wanted" };
  const answer = await dns.query(name, "TXT", signal);
  if (answer.kind === "failure") return { kind: "unknown" };
  const records =
    answer.kind === "records" ? answer.records.flatMap((text) => wrapped(parseTlsrptRecord(text))) : [];
  const uris = records.length === 1 ? (records[0] ?? []) : [];
  const octetsMax = REPORTS_LIMITS.mailOctetsMax;
  const mail = new Set(uris.flatMap((uri) => mailtoOf(uri)?.address ?? []));
  if (mail.size > 0)
    return placesOf(
      [...mail].map((to) => ({ to, by: "mail", octetsMax })),
      "",
    );
  const https = new Set(uris.filter((uri) => /^https:/i.test(uri)));
  return placesOf(
    [...https].map((to) => ({ to, by: "https", octetsMax })),
    "not-wanted",
  );
}

const wrapped = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

function placesOf(found: readonly Place[], outcome: string): Places {
  const [first, ...rest] = found.slice(0, REPORTS_LIMITS.destinationsMax);
  return first === undefined ? { kind: "none", outcome } : { kind: "known", places: [first, ...rest] };
}
