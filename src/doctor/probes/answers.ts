import { parseDomain, type Domain } from "../../base/domain-name.ts";
import type { Dns, DnsAnswer } from "../../dns/answer.ts";

/** The records, none where there are none; undefined where the DNS failed. */
export const recordsOf = <T>(answer: DnsAnswer<T>): readonly T[] | undefined =>
  answer.kind === "failure" ? undefined : answer.kind === "records" ? answer.records : [];

export const reasonOf = (answer: DnsAnswer<unknown>): string =>
  answer.kind === "failure" ? answer.reason : answer.kind;

/** Top-level zones that have been signed for years: a validating resolver says so. */
const SIGNED_ZONES = ["org", "net", "com"];

/** Does the resolver validate, and is its word trusted on the way here? */
export async function resolverValidates(dns: Dns): Promise<boolean> {
  for (const name of SIGNED_ZONES) {
    const zone = parseDomain(name);
    const answer = zone && (await dns.query(zone, "NS"));
    if (answer?.kind === "records") return answer.authenticated;
  }
  return false;
}

/** `label.domain`; undefined where that is too long for a name. */
export const below = (label: string, domain: Domain): Domain | undefined => parseDomain(`${label}.${domain}`);
