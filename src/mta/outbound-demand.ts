/** What the sender demands of TLS, over what the destination's policy asks: never without (REQUIRETLS). RFC 8689 */
import { err, ok } from "../base/result.ts";
import type { RoutedHost } from "../queue/route.ts";
import type { Destination } from "../queue/transport.ts";
import type { RemoteFailure } from "../smtp/remote.ts";
import { reply } from "../smtp/reply.ts";
import type { QueueEntry, TlsDemand } from "../store/store.ts";
import {
  securityFor,
  type Security,
  type SecurityOutcome,
  type SecuritySources,
} from "./outbound-security.ts";

/** A notice is not lost for want of a safe way back: it holds a header only. RFC 8689 §5 */
export const demandOnWay = ({ tls, from }: QueueEntry): TlsDemand | undefined =>
  tls === "required" && from === "" ? undefined : tls;

/** How a connection to a mail host must be protected for mail with this demand. */
export async function securityDemanded(
  demand: TlsDemand | undefined,
  destination: Destination,
  host: RoutedHost,
  sources: SecuritySources,
  signal?: AbortSignal,
): Promise<SecurityOutcome> {
  const decided = await securityFor(destination, host, sources, signal);
  if (demand !== "required" || !decided.ok) return decided;
  return strengthened(destination, host, decided.value);
}

/** The host's name must come from DNSSEC or MTA-STS, its certificate must prove it. RFC 8689 §2, §4.2.1 */
function strengthened(destination: Destination, host: RoutedHost, security: Security): SecurityOutcome {
  const { reached } = security;
  if (reached === "dane" || reached === "mta-sts" || reached === "verified") return ok(security);
  // What the operator named needs no proof of its name.
  if (destination.kind === "next-hop" || host.authenticated)
    return ok({ ...security, tls: "verify", mayFallBack: false, reached: "verified" });
  const text = `${host.name}: REQUIRETLS: neither DNSSEC nor MTA-STS proves that this host takes mail for the domain`;
  return err({ failure: refusedFor(text), result: "validation-failure" });
}

/**
 * TLS that cannot be had sends the message back once every host was asked, a handshake that breaks off too: the sender
 * learns at once that there is no safe way, instead of days later. RFC 8689 §4.2.1
 */
export function asDemanded(demand: TlsDemand | undefined, failure: RemoteFailure): RemoteFailure {
  const final = failure.kind === "tls" && failure.fault !== undefined;
  return demand === "required" && final ? refusedFor(`REQUIRETLS: ${failure.detail}`) : failure;
}

const refusedFor = (detail: string): RemoteFailure => ({
  kind: "unsupported",
  detail,
  reply: reply(554, "5.7.10", detail, "requiretls-unproven"),
  temporary: false,
  ambiguous: false,
});
