import type { ConnectionOptions } from "node:tls";
import type { Addresses } from "../accounts/contract.ts";
import type { Forwarding } from "../accounts/forwarding.ts";
import { asciiLower } from "../base/ascii.ts";
import type { Clock } from "../base/clock.ts";
import { parseCidr } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Dns } from "../dns/answer.ts";
import type { QueuePolicy } from "../queue/schedule.ts";
import type { Source } from "../queue/source.ts";
import type { Transport } from "../queue/transport.ts";
import type { ConnectRemote } from "../smtp/remote.ts";
import type { Store } from "../store/store.ts";
import type { MtaSts } from "../tls/mta-sts-cache.ts";
import type { TlsrptTally } from "../tls/tlsrpt-tally.ts";
import type { Journal } from "./journal.ts";
import type { Outside } from "./outbound-attempt.ts";
import type { Signer } from "./signer.ts";
import { ClassicalHosts } from "./outbound-connect.ts";

/** What outgoing delivery is built from. */
export type OutboundOptions = {
  readonly store: Store;
  readonly addresses: Addresses;
  /** Knows mail again that was forwarded from here. */
  readonly forwarding?: Pick<Forwarding, "tracesIn">;
  /** Signs notices; without it they go unsigned. */
  readonly signer?: Pick<Signer, "ownSignatures">;
  readonly dns: Dns;
  /** The resolver cannot prove anything: said of each try in the journal. */
  readonly daneOff?: () => boolean;
  readonly connect: ConnectRemote;
  readonly clock: Clock;
  /** 0 to 1, `Math.random` outside tests. */
  readonly random: () => number;
  readonly log: Log;
  readonly hostName: string;
  readonly policy: QueuePolicy;
  readonly transports: readonly Transport[];
  /** Addresses or networks that are this machine; an MX there would bring mail back to us. */
  readonly ownAddresses: readonly string[];
  /** Port of MX hosts: 25. */
  readonly smtpPort: number;
  readonly tlsOptions?: ConnectionOptions;
  /** Where connections come from, but for transports that say otherwise. */
  readonly source?: Source;
  /** Whether mail from there may go over IPv6 where the destination has IPv4 too; absent: it may. */
  readonly mayUseIpv6?: (source: Source | undefined) => boolean;
  /** MTA-STS policies of other domains; without it no domain has one. */
  readonly mtaSts?: MtaSts;
  /** Counts for TLS reports; without it nothing is counted. */
  readonly tlsReports?: Pick<TlsrptTally, "record">;
  /** Where each try is written down for `explain`. */
  readonly journal?: Pick<Journal, "add">;
  /** Deliveries under way at once. */
  readonly concurrency: { readonly total: number; readonly perDestination: number };
};

/** The part of it that a single try needs. */
export function outsideOf(
  options: OutboundOptions,
  signal: AbortSignal,
  { routed, release }: Pick<Outside, "routed" | "release">,
): Outside {
  const { dns, random, hostName, ownAddresses, smtpPort, connect, clock, log } = options;
  const { tlsOptions, mtaSts, tlsReports, mayUseIpv6 } = options;
  const routing = {
    dns,
    random,
    hostName: asciiLower(hostName),
    ownAddresses: ownAddresses.flatMap((address) => parseCidr(address) ?? []),
    smtpPort,
    ...(mayUseIpv6 === undefined ? {} : { mayUseIpv6 }),
  };
  return {
    routing,
    connect,
    clock,
    log,
    classical: new ClassicalHosts(),
    signal,
    routed,
    release,
    ...(mtaSts === undefined ? {} : { mtaSts }),
    ...(tlsReports === undefined ? {} : { tlsReports }),
    ...(tlsOptions === undefined ? {} : { tlsOptions }),
  };
}
