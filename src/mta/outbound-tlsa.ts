/** The TLSA records of a mail host, where DNSSEC proves the way to it. RFC 7672 §2.2 */
import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { Dns, TlsaRecord } from "../dns/answer.ts";
import type { RoutedHost } from "../queue/route.ts";

/** Aliases of a mail host that are followed (D-47). */
const ALIASES_MAX = 8;

export type TlsaFinding =
  | { readonly kind: "none" }
  /** The DNS does not say whether there are any: an attacker may be why. RFC 7672 §2.1 */
  | { readonly kind: "failed"; readonly detail: string }
  /** `base`: the name they stand at, which SNI and certificate must bear. RFC 7672 §2.2.3 */
  | { readonly kind: "records"; readonly base: Domain; readonly records: readonly TlsaRecord[] };

/**
 * Asked only behind authenticated MX and address answers; what is not authenticated itself does not count. An alias is
 * looked for first at its end, then at its own name.
 *
 * Deviation: a signed alias that leads into an unsigned zone gets no DANE (RFC 7672 §2.2.2 allows to look at its own name).
 */
export async function tlsaOf(host: RoutedHost, dns: Dns, signal?: AbortSignal): Promise<TlsaFinding> {
  const name = host.authenticated ? parseDomain(host.name) : undefined;
  if (name === undefined) return { kind: "none" };
  const end = await endOfAliases(name, dns, signal);
  if (end === undefined) return failed(name, "CNAME", "no answer");
  for (const base of new Set([end, name])) {
    const owner = parseDomain(`_25._tcp.${base}`);
    if (owner === undefined) continue;
    const answer = await dns.query(owner, "TLSA", signal);
    if (answer.kind === "failure") return failed(owner, "TLSA", answer.reason);
    if (answer.kind === "records" && answer.authenticated)
      return { kind: "records", base, records: answer.records };
  }
  return { kind: "none" };
}

const failed = (name: string, type: string, reason: string): TlsaFinding => ({
  kind: "failed",
  detail: `the DNS gives no answer for ${name} ${type} (${reason})`,
});

/** The name itself where it is no alias; undefined where the DNS does not say. */
async function endOfAliases(name: Domain, dns: Dns, signal?: AbortSignal): Promise<Domain | undefined> {
  let end = name;
  for (let steps = 0; steps < ALIASES_MAX; steps++) {
    const answer = await dns.query(end, "CNAME", signal);
    if (answer.kind === "failure") return undefined;
    const [target] = answer.kind === "records" && answer.authenticated ? answer.records : [];
    if (target === undefined) return end;
    end = target;
  }
  return undefined;
}
