import { request } from "node:https";
import { networkInterfaces } from "node:os";
import { isLoopback, parseIp, type IpAddress } from "../base/ip.ts";
import type { Dns } from "../dns/answer.ts";
import { dnsClient } from "../dns/client.ts";
import { mtaStsFetch } from "../tls/mta-sts-fetch.ts";
import { isPublicAddress } from "../tls/public-address.ts";
import type { Clock } from "../base/clock.ts";
import { resolver } from "../dns/configured.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import { visit } from "./probe-client.ts";
import type { Net } from "./probe.ts";

const DNS_PORT = 53;

/** Addresses of this machine, but for those of its loopback that are written nowhere. */
const ownAddresses = (): readonly IpAddress[] =>
  Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => parseIp(one?.address ?? "") ?? []);

export type NetOptions = {
  /** As in `dns.servers`; empty: those of the system. */
  readonly dnsServers: readonly string[];
  readonly heloName: string | undefined;
};

/** The real world: our resolver, connections from this machine. */
export const realNet = async (options: NetOptions, clock: Clock): Promise<Net> =>
  netOver(await resolver(options.dnsServers, clock), clock, options.heloName);

/** The same over a resolver that is there already. */
export function netOver(dns: Dns, clock: Clock, heloName: string | undefined): Net {
  const own = ownAddresses();
  // Those that others could answer to.
  const addresses = own.filter(isPublicAddress);
  const fetchPolicy = mtaStsFetch({ dns, request });
  return {
    dns,
    dnsAt: (address) => dnsClient([{ address, port: DNS_PORT }]),
    hasIpv6: addresses.some(({ family }) => family === 6),
    publicAddresses: addresses.map(({ text }) => text),
    isOwn(address) {
      const ip = parseIp(address);
      return ip !== undefined && (isLoopback(ip) || own.some(({ text }) => text === ip.text));
    },
    policyOf: (domain, signal) => {
      const deadline = AbortSignal.timeout(DOCTOR_LIMITS.policy_ms);
      return fetchPolicy(domain, signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
    },
    clock,
    heloName,
    connect: (host) => visit(host),
  };
}
