/** One connection to one host: as safe as it must be, no safer than the host can, and counted. */
import type { RoutedHost } from "../queue/route.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { ok, type Result } from "../base/result.ts";
import type { Destination } from "../queue/transport.ts";
import type { ConnectRemote, RemoteFailure, RemoteOptions, RemoteSession } from "../smtp/remote.ts";
import { CLASSICAL_CLIENT_GROUPS, CLIENT_GROUPS } from "../tls/contexts.ts";
import type { TlsrptPolicy, TlsrptResult, TlsrptTally } from "../tls/tlsrpt-tally.ts";
import { classicalGroups, policyTrial, sessionOpened, tlsFallback } from "./outbound-events.ts";
import type { OpenSession } from "./outbound-lane.ts";
import { resultOf, type Security, type SecurityOutcome } from "./outbound-security.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";

/** What connecting needs of the world. */
export type Connecting = {
  readonly connect: ConnectRemote;
  readonly clock: Clock;
  readonly log: Log;
  readonly classical: ClassicalHosts;
  readonly tlsReports?: Pick<TlsrptTally, "record">;
  /** Ends every conversation. */
  readonly signal: AbortSignal;
};

type Connected = Result<RemoteSession, RemoteFailure>;

/** Opens a conversation under what was decided; never under less. */
export async function openSecurely(
  destination: Destination,
  host: RoutedHost,
  decided: SecurityOutcome,
  options: Omit<RemoteOptions, "tls" | "peerCheck">,
  connecting: Connecting,
): Promise<Result<OpenSession, RemoteFailure>> {
  const count = counter(destination, host, connecting);
  if (!decided.ok) {
    const { report, result, failure } = decided.error;
    count(report, { result, detail: failure.detail });
    return { ok: false, error: failure };
  }
  const security = decided.value;
  const { tls, peerCheck, report } = security;
  const wanted = { ...options, tls, ...(peerCheck === undefined ? {} : { peerCheck }) };
  const first = await connectTls(destination, host, wanted, connecting);
  const broken = !first.ok && first.error.kind === "tls" ? first.error : undefined;
  if (broken !== undefined)
    count(report, { result: resultOf(broken.fault), detail: broken.detail, ...fromOf(broken) });
  const connected = await orPlain(destination, host, security, wanted, first, connecting);
  if (!connected.ok) return connected;
  const session = connected.value;
  if (broken === undefined) count(report, trialOf(destination, host, security, session, connecting.log));
  const reached = session.tls === undefined ? "none" : security.reached;
  sessionOpened(connecting.log, destination.key, session, security.kind, reached);
  const now_ms = connecting.clock.now();
  const once = security.once === undefined ? {} : { once: security.once };
  return ok({ session, security: reached, opened_ms: now_ms, messages: 0, idleSince_ms: now_ms, ...once });
}

/** TLS was offered and broke: without it, where the host may be talked to without it at all. */
async function orPlain(
  destination: Destination,
  host: RoutedHost,
  { mayFallBack }: Security,
  options: RemoteOptions,
  first: Connected,
  { connect, log, signal }: Connecting,
): Promise<Connected> {
  if (first.ok || first.error.kind !== "tls" || !mayFallBack || signal.aborted) return first;
  tlsFallback(log, destination.key, host, first.error);
  return connect(host, { ...options, tls: "none" });
}

/** Post-quantum first; servers that choke on its large ClientHello get one of the old size, and are remembered. */
async function connectTls(
  destination: Destination,
  host: RoutedHost,
  options: RemoteOptions,
  { connect, clock, classical, log, signal }: Connecting,
): Promise<Connected> {
  if (classical.has(host.name, clock.now()))
    return connect(host, withGroups(options, CLASSICAL_CLIENT_GROUPS));
  const first = await connect(host, withGroups(options, CLIENT_GROUPS));
  if (first.ok || first.error.fault !== "handshake" || signal.aborted) return first;
  const second = await connect(host, withGroups(options, CLASSICAL_CLIENT_GROUPS));
  if (second.ok && second.value.tls !== undefined) {
    classical.add(host.name, clock.now());
    classicalGroups(log, destination.key, host);
  }
  return second;
}

const withGroups = (options: RemoteOptions, ecdhCurve: string): RemoteOptions => ({
  ...options,
  tlsOptions: { ...options.tlsOptions, ecdhCurve },
});

type Counted = { readonly result: TlsrptResult; readonly detail: string; readonly from?: string };

const fromOf = ({ localAddress: from }: Pick<RemoteSession, "localAddress">): Pick<Counted, "from"> =>
  from === undefined ? {} : { from };

/** What is counted against a connection that stands. */
function trialOf(
  destination: Destination,
  host: RoutedHost,
  { trial, report }: Security,
  session: RemoteSession,
  log: Log,
): Counted | undefined {
  const from = fromOf(session);
  const failure = trial?.(session.peer);
  if (failure !== undefined) policyTrial(log, destination.key, host, failure.result, failure.detail);
  if (failure !== undefined) return { ...failure, ...from };
  if (session.peer !== undefined || report === undefined) return undefined;
  return { result: "starttls-not-supported", detail: "STARTTLS is not offered", ...from };
}

function counter(
  destination: Destination,
  { name, address }: RoutedHost,
  { clock, tlsReports }: Connecting,
): (report: TlsrptPolicy | undefined, failed: Counted | undefined) => void {
  return (report, failed) => {
    if (report === undefined || destination.kind !== "mx") return;
    const failure = failed && { ...failed, mx: name, ip: address };
    tlsReports?.record(clock.now(), destination.domain, report, failure);
  };
}

/** Hosts whose handshake works only without post-quantum key shares. */
export class ClassicalHosts {
  readonly #until_ms = new Map<string, number>();

  has(name: string, now_ms: number): boolean {
    return now_ms < (this.#until_ms.get(name) ?? 0);
  }

  add(name: string, now_ms: number): void {
    this.#until_ms.delete(name);
    this.#until_ms.set(name, now_ms + OUTBOUND_LIMITS.classical_ms);
    if (this.#until_ms.size <= OUTBOUND_LIMITS.classicalHostsMax) return;
    const [oldest] = this.#until_ms.keys();
    if (oldest !== undefined) this.#until_ms.delete(oldest);
  }
}
