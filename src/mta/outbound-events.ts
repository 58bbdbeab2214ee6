import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";
import type { Judgement, Protection, TryEnd } from "../queue/judge.ts";
import type { RemoteFailure, RemoteHost, RemoteSession } from "../smtp/remote.ts";
import type { QueueEntry, QueueRecipient } from "../store/store.ts";

const EVENTS = {
  delivered: "delivery.sent",
  failed: "delivery.failed",
  pending: "delivery.deferred",
} as const;

/** One line per recipient and try: who, where, what was said, how long since it came. */
export const recipientTried = (
  log: Log,
  entry: QueueEntry,
  recipient: QueueRecipient,
  end: TryEnd,
  { result, notice }: Judgement,
  now_ms: number,
): void =>
  log.write(result.state === "failed" ? "warn" : "info", EVENTS[result.state], {
    queue: entry.id,
    from: entry.from,
    to: recipient.address,
    host: end.host,
    reply: result.lastReply,
    reason: end.reply.reason,
    security: end.security,
    delay_ms: now_ms - entry.created_ms,
    ...(result.state === "pending" ? { next_ms: result.nextAttempt_ms - now_ms } : {}),
    ...(notice === undefined ? {} : { notice }),
  });

/** `wanted` and `security`: what protects the connection by which rule, and what it came to (T-46). */
export const sessionOpened = (
  log: Log,
  destination: string,
  session: RemoteSession,
  wanted: string,
  security: Protection,
): void =>
  log.write("info", "outbound.connected", {
    destination,
    host: session.host.name,
    address: session.host.address,
    port: session.host.port,
    tls: session.tls?.protocol ?? "none",
    cipher: session.tls?.cipher,
    wanted,
    security,
  });

export const hostFailed = (log: Log, destination: string, host: RemoteHost, failure: RemoteFailure): void =>
  log.write("info", "outbound.host-failed", {
    destination,
    host: host.name,
    address: host.address,
    kind: failure.kind,
    detail: printable(failure.detail),
    temporary: failure.temporary,
    ambiguous: failure.ambiguous,
  });

/** The handshake worked only without post-quantum key shares; remembered. */
export const classicalGroups = (log: Log, destination: string, host: RemoteHost): void =>
  log.write("info", "outbound.classical-groups", { destination, host: host.name, address: host.address });

/** Nothing was lost, but the domain's policy in `testing` would have kept this connection from being used. */
export const policyTrial = (
  log: Log,
  destination: string,
  host: RemoteHost,
  result: string,
  detail: string,
): void =>
  log.write("warn", "outbound.policy-trial", {
    destination,
    host: host.name,
    result,
    detail: printable(detail),
  });

/** TLS was offered and did not work; the message goes without it, as it would to a server that offers none. */
export const tlsFallback = (log: Log, destination: string, host: RemoteHost, failure: RemoteFailure): void =>
  log.write("warn", "outbound.tls-fallback", {
    destination,
    host: host.name,
    address: host.address,
    detail: printable(failure.detail),
  });

export const destinationUnreachable = (
  log: Log,
  destination: string,
  failures: number,
  pause_ms: number,
): void => log.write("warn", "outbound.unreachable", { destination, failures, pause_ms });

/** It is given less from now on, and more again when it does not complain. */
export const destinationSlowed = (
  log: Log,
  destination: string,
  { connections, gap_ms }: { readonly connections: number; readonly gap_ms: number },
  { host, reply }: TryEnd,
): void =>
  log.write("warn", "outbound.slowed", {
    destination,
    host,
    reply: printable(`${reply.code} ${reply.enhanced ?? ""} ${reply.lines.join(" ")}`),
    connections,
    gap_ms,
  });

export const noticeMade = (log: Log, entry: QueueEntry, notice: string): void =>
  log.write("info", "delivery.notice", { queue: entry.id, to: entry.from, notice });

/** A notice, or mail without a sender, could not be delivered; nobody can be told but the operator. RFC 3461 §5.2 */
export const doubleBounce = (
  log: Log,
  entry: QueueEntry,
  recipients: readonly QueueRecipient[],
  detail: string,
): void =>
  log.write("warn", "delivery.double-bounce", {
    queue: entry.id,
    from: entry.from,
    to: printable(recipients.map(({ address }) => address).join(" ")),
    detail: printable(detail),
  });

export const settleFailed = (log: Log, entry: QueueEntry, error: unknown): void =>
  log.write("error", "outbound.settle-failed", { queue: entry.id, error: printable(String(error)) });

export const leaseFailed = (log: Log, error: unknown): void =>
  log.write("error", "outbound.lease-failed", { error: printable(String(error)) });

/** A thrown error in a delivery is a bug; the message stays queued. */
export const deliveryBroken = (log: Log, entry: QueueEntry, error: unknown): void =>
  log.write("error", "outbound.failed", {
    queue: entry.id,
    error: printable(String(error)),
    stack: error instanceof Error ? printable(error.stack ?? "", 2000) : "",
  });
