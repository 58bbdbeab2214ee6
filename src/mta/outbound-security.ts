/**
 * How a connection to a mail host must be protected, decided in one place: DANE, then MTA-STS, then whatever TLS there is
 * (T-46). Only the last may go on without TLS. RFC 7672 §2.2, RFC 8461 §5, RFC 7435
 */
import { ok, err, type Result } from "../base/result.ts";
import type { Dns, TlsaRecord } from "../dns/answer.ts";
import type { Protection } from "../queue/judge.ts";
import type { RoutedHost } from "../queue/route.ts";
import type { Destination } from "../queue/transport.ts";
import type { Peer, PeerCheck, RemoteFailure, RemoteOptions, TlsFailure } from "../smtp/remote.ts";
import { usableTlsa, verifyDane } from "../tls/dane.ts";
import type { MtaSts, MtaStsFinding } from "../tls/mta-sts-cache.ts";
import { policyLines, policyNames, type MtaStsPolicy } from "../tls/mta-sts-policy.ts";
import type { TlsrptPolicy, TlsrptResult } from "../tls/tlsrpt-tally.ts";
import { tlsaOf, type TlsaFinding } from "./outbound-tlsa.ts";

export type Security = {
  readonly kind: "dane" | "mta-sts" | "opportunistic" | "as-configured";
  readonly tls: RemoteOptions["tls"];
  readonly peerCheck?: PeerCheck;
  /** Where TLS does not work the message may go without. */
  readonly mayFallBack: boolean;
  /** What a connection with TLS has come to. */
  readonly reached: Protection;
  /** Under which policy the connection is counted; absent: it is nobody's report. */
  readonly report?: TlsrptPolicy;
  /** For one message only: others may ask for more, so none follows on this connection. */
  readonly once?: true;
  /** What would have been wrong with the connection, were the policy enforced or had it been had. */
  readonly trial?: (peer: Peer | undefined) => TrialFailure | undefined;
};
type TrialFailure = { readonly result: TlsrptResult; readonly detail: string };

/** This host gets no connection now. */
export type SecurityRefusal = {
  readonly failure: RemoteFailure;
  readonly result: TlsrptResult;
  /** Absent: it is nobody's report. */
  readonly report?: TlsrptPolicy;
};
export type SecurityOutcome = Result<Security, SecurityRefusal>;

/** What is asked to decide. */
export type SecuritySources = {
  readonly dns: Dns;
  readonly mtaSts?: MtaSts;
  /** Time of day, for certificates. */
  readonly now_ms: () => number;
};

export async function securityFor(
  destination: Destination,
  host: RoutedHost,
  { dns, mtaSts, now_ms }: SecuritySources,
  signal?: AbortSignal,
): Promise<SecurityOutcome> {
  if (destination.kind === "next-hop") return ok(asConfigured(destination.nextHop.tls));
  const { domain } = destination;
  const tlsa = await tlsaOf(host, dns, signal);
  const dane = daneSecurity(domain, host, tlsa, now_ms);
  // DANE that can be used or that fails has the last word; MTA-STS must not soften it. RFC 8461 §2
  if (dane?.ok === false || dane?.value.peerCheck !== undefined) return dane;
  const finding: MtaStsFinding = (await mtaSts?.policyFor(domain, signal)) ?? { kind: "none" };
  const sts = stsSecurity(domain, host, finding);
  if (dane !== undefined && (!sts.ok || sts.value.kind !== "mta-sts")) return dane;
  return sts;
}

/** Undefined: there is no DANE here. */
function daneSecurity(
  domain: string,
  host: RoutedHost,
  tlsa: TlsaFinding,
  now_ms: () => number,
): SecurityOutcome | undefined {
  if (tlsa.kind === "none") return undefined;
  if (tlsa.kind === "failed")
    return refused("dnssec-invalid", tlsa.detail, { ...NO_POLICY, type: "tlsa", domain: host.name });
  const report = {
    ...NO_POLICY,
    type: "tlsa",
    domain: tlsa.base,
    lines: tlsa.records.map(tlsaText),
  } as const;
  const encrypted = { kind: "dane", tls: "encrypt", mayFallBack: false, report } as const;
  const usable = usableTlsa(tlsa.records);
  // Encryption without proof is what is left. RFC 7672 §2.2
  if (usable.length === 0) return ok({ ...encrypted, reached: "opportunistic" });
  const names = [...new Set([tlsa.base, host.name, domain])];
  const judge = ({ certificates }: Peer): TlsFailure | undefined => {
    const verdict = verifyDane(usable, certificates, names, now_ms());
    return verdict.ok ? undefined : verdict.error;
  };
  return ok({ ...encrypted, reached: "dane", peerCheck: { serverName: tlsa.base, judge } });
}

function stsSecurity(domain: string, host: RoutedHost, finding: MtaStsFinding): SecurityOutcome {
  const report = { ...NO_POLICY, domain };
  if (finding.kind === "none") {
    const { failure } = finding;
    if (failure === undefined) return ok({ ...OPPORTUNISTIC, report });
    return ok({ ...OPPORTUNISTIC, report: { ...report, type: "sts" }, trial: () => failure });
  }
  const { policy } = finding;
  const stsReport = stsPolicy(domain, policy);
  const named = policyNames(policy, host.name);
  if (policy.mode !== "enforce") {
    return ok({
      ...OPPORTUNISTIC,
      report: stsReport,
      trial: (peer) => (named ? stsTrial(host.name, peer) : NOT_NAMED),
    });
  }
  if (!named) return refused(NOT_NAMED.result, `${host.name}: ${NOT_NAMED.detail}`, stsReport);
  const peerCheck = { serverName: host.name, judge: (peer: Peer) => webPkiFailure(host.name, peer) };
  return ok({
    kind: "mta-sts",
    tls: "encrypt",
    mayFallBack: false,
    reached: "mta-sts",
    report: stsReport,
    peerCheck,
  });
}

const stsTrial = (name: string, peer: Peer | undefined): TrialFailure | undefined => {
  if (peer === undefined) return { result: "starttls-not-supported", detail: "no TLS" };
  const failure = webPkiFailure(name, peer);
  return failure && { result: resultOf(failure.fault), detail: failure.detail };
};

/** RFC 8461 §4.2: trusted, and the name is in subjectAltName; a common name is not enough. */
function webPkiFailure(name: string, { certificates: [own], distrust }: Peer): TlsFailure | undefined {
  if (distrust !== undefined) return distrust;
  if (own?.checkHost(name, { subject: "never", partialWildcards: false }) !== undefined) return undefined;
  return { fault: "certificate-host-mismatch", detail: `the certificate does not name ${name}` };
}

/** What the operator wrote for a next hop is what it gets. */
const asConfigured = (tls: RemoteOptions["tls"]): Security => ({
  kind: "as-configured",
  tls,
  mayFallBack: tls === "opportunistic",
  reached: tls === "verify" || tls === "implicit" ? "verified" : "opportunistic",
});

const OPPORTUNISTIC = {
  kind: "opportunistic",
  tls: "opportunistic",
  mayFallBack: true,
  reached: "opportunistic",
} as const;

/** For a message that says `TLS-Required: No`: as safe as it can be, and nobody's report. RFC 8689 §4.1, RFC 8460 §5.3; T-26 */
export const WITHOUT_POLICY: SecurityOutcome = ok({ ...OPPORTUNISTIC, once: true });
const NO_POLICY = { type: "no-policy-found", lines: [], mxPatterns: [] } as const;
const NOT_NAMED: TrialFailure = {
  result: "validation-failure",
  detail: "the MTA-STS policy does not name this mail host",
};

function refused(result: TlsrptResult, detail: string, report: TlsrptPolicy): SecurityOutcome {
  const failure: RemoteFailure = { kind: "tls", detail, temporary: true, ambiguous: false };
  return err({ failure, result, report });
}

/** The result type of a report; a handshake that broke has none of its own. RFC 8460 §4.3 */
export const resultOf = (fault: TlsFailure["fault"] | undefined): TlsrptResult =>
  fault === undefined || fault === "handshake" ? "validation-failure" : fault;

const stsPolicy = (domain: string, policy: MtaStsPolicy): TlsrptPolicy => ({
  type: "sts",
  domain,
  lines: policyLines(policy),
  mxPatterns: policy.mx.map(({ wildcard, domain: name }) => (wildcard ? `*.${name}` : name)),
});

const tlsaText = ({ usage, selector, matching, data }: TlsaRecord): string =>
  `${usage} ${selector} ${matching} ${Buffer.from(data).toString("hex")}`;
