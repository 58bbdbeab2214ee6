/** One try: through the hosts of a destination until every recipient has a final reply or no host is left. */
import type { ConnectionOptions } from "node:tls";
import type { TryEnd } from "../queue/judge.ts";
import { routeTo, type RoutedHost, type Routing } from "../queue/route.ts";
import { sourceFor } from "../queue/source.ts";
import type { Destination } from "../queue/transport.ts";
import type { OutgoingMessage, RemoteFailure, RemoteOptions } from "../smtp/remote.ts";
import type { MtaSts } from "../tls/mta-sts-cache.ts";
import { asDemanded, securityDemanded } from "./outbound-demand.ts";
import { openSecurely, type Connecting } from "./outbound-connect.ts";
import { hostFailed } from "./outbound-events.ts";
import type { Lane, OpenSession, Wait } from "./outbound-lane.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { WITHOUT_POLICY, type SecurityOutcome, type SecuritySources } from "./outbound-security.ts";
import { Tally } from "./outbound-tally.ts";

/** What a try needs of the world. */
export type Outside = Connecting & {
  readonly routing: Routing;
  readonly mtaSts?: MtaSts;
  readonly tlsOptions?: ConnectionOptions;
  /** The hosts of a destination are known; `Wait`: others who share them are first. */
  readonly routed: (lane: Lane, hosts: readonly RoutedHost[]) => Wait | undefined;
  /** Takes a connection back after a message; `sound`: the next one may follow on it. */
  readonly release: (lane: Lane, open: OpenSession, sound: boolean) => void;
};

export type TryOutcome = {
  /** Per recipient, in order. */
  readonly ends: readonly TryEnd[];
  /** False: no host could be talked to, and another time may help. */
  readonly reached: boolean;
  /** Nothing was tried: its turn comes then. */
  readonly waits_ms?: number;
};

export async function attempt(
  lane: Lane,
  destination: Destination,
  message: OutgoingMessage,
  outside: Outside,
): Promise<TryOutcome> {
  const tally = new Tally(message);
  if (await sentOverIdle(lane, tally, outside)) return { ends: tally.ends(), reached: true };
  const route = await routeTo(destination, outside.routing, outside.signal);
  if (!route.ok) {
    tally.decide({ reply: route.error, saidByHost: false, onSuccess: "relayed" });
    return { ends: tally.ends(), reached: route.error.code >= 500 };
  }
  const wait = outside.routed(lane, route.value);
  if (wait !== undefined) {
    tally.decide(wait.end);
    return { ends: tally.ends(), reached: true, waits_ms: wait.until_ms };
  }
  const sessions = await throughHosts(lane, destination, route.value, tally, outside);
  return { ends: tally.ends(), reached: sessions > 0 || tally.isPermanent() };
}

/** An open connection first. When it turns out to be dead, that says nothing about the destination. */
async function sentOverIdle(lane: Lane, tally: Tally, outside: Outside): Promise<boolean> {
  const open = lane.takeIdle();
  if (open === undefined) return false;
  const failure = await sendOver(open, lane, tally, outside);
  if (failure === undefined) return tally.isSettled();
  if (failure.ambiguous) tally.failed(open.session.host, failure);
  return failure.ambiguous;
}

/** Returns how many hosts talked to us. */
async function throughHosts(
  lane: Lane,
  destination: Destination,
  hosts: readonly RoutedHost[],
  tally: Tally,
  outside: Outside,
): Promise<number> {
  let sessions = 0;
  // Decided once per host of this try: several addresses of it are no reason to ask a failing DNS several times.
  const decided = new Map<string, Promise<SecurityOutcome>>();
  const withoutPolicy = destination.kind === "mx" && tally.message().tlsOptional === true;
  for (const host of hosts) {
    const security =
      decided.get(host.name) ??
      (withoutPolicy
        ? Promise.resolve(WITHOUT_POLICY)
        : securityDemanded(lane.demand, destination, host, sourcesOf(outside), outside.signal));
    decided.set(host.name, security);
    // What breaks because we end says nothing about the host.
    const options = remoteOptions(destination, host, outside);
    const opened = await openSecurely(destination, host, await security, options, outside);
    const failure = opened.ok
      ? await sendOver(opened.value, lane, tally, outside)
      : asDemanded(outside.signal.aborted ? undefined : lane.demand, opened.error);
    if (opened.ok) sessions++;
    if (failure) {
      hostFailed(outside.log, destination.key, host, failure);
      tally.failed(host, failure);
    }
    // Who demands TLS wants every host asked before he gets his mail back. RFC 8689 §4.2.1
    const enough = lane.demand !== "required" && sessions >= OUTBOUND_LIMITS.sessionsPerTry;
    const over = tally.isSettled() || failure?.ambiguous === true || enough;
    if (over || outside.signal.aborted) break;
  }
  return sessions;
}

const sourcesOf = ({ routing, mtaSts, clock }: Outside): SecuritySources => ({
  dns: routing.dns,
  now_ms: () => clock.now(),
  ...(mtaSts === undefined ? {} : { mtaSts }),
});

/** Undefined: there were replies. */
async function sendOver(
  open: OpenSession,
  lane: Lane,
  tally: Tally,
  outside: Outside,
): Promise<RemoteFailure | undefined> {
  const { session } = open;
  open.messages++;
  lane.reached();
  // Should reading the message throw half-way, anything more we said would become part of it.
  let sound = false;
  try {
    const outcome = await session.send(tally.message());
    sound = true;
    if (!outcome.ok) return outcome.error;
    tally.replied(session.host, outcome.value, session.extensions.has("DSN"), open.security);
    return undefined;
  } finally {
    outside.release(lane, open, sound && open.once !== true);
  }
}

function remoteOptions(
  destination: Destination,
  host: RoutedHost,
  outside: Outside,
): Omit<RemoteOptions, "tls"> {
  const nextHop = destination.kind === "next-hop" ? destination.nextHop : undefined;
  const localAddress = sourceFor(destination.source, host.address);
  return {
    protocol: nextHop?.kind ?? "smtp",
    heloName: destination.heloName ?? outside.routing.hostName,
    signal: outside.signal,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(outside.tlsOptions === undefined ? {} : { tlsOptions: outside.tlsOptions }),
    ...(nextHop?.login === undefined ? {} : { login: nextHop.login }),
  };
}
