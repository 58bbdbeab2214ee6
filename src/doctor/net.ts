import { request } from "node:https";
import { networkInterfaces } from "node:os";
import { parseIp } from "../base/ip.ts";
import type { Dns } from "../dns/answer.ts";
import { dnsClient } from "../dns/client.ts";
import { mtaStsFetch } from "../tls/mta-sts-fetch.ts";
import { isPublicAddress } from "../tls/public-address.ts";
import type { Clock } from "../base/clock.ts";
import { resolver } from "../dns/configured.ts";
import { visit } from "./probe-client.ts";
import type { Net } from "./probe.ts";

const DNS_PORT = 53;

/** An address of this machine that others could answer to. */
function hasGlobalIpv6(): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((one) => {
      const ip = one?.family === "IPv6" ? parseIp(one.address) : undefined;
      return ip !== undefined && isPublicAddress(ip);
    });
}

export type NetOptions = {
  /** As in `dns.servers`; empty: those of the system. */
  readonly dnsServers: readonly string[];
  readonly heloName: string | undefined;
};

/** The real world: our resolver, connections from this machine. */
export const realNet = async (options: NetOptions, clock: Clock): Promise<Net> =>
  netOver(await resolver(options.dnsServers, clock), clock, options.heloName);

/** The same over a resolver that is there already. */
export const netOver = (dns: Dns, clock: Clock, heloName: string | undefined): Net => ({
  dns,
  dnsAt: (address) => dnsClient([{ address, port: DNS_PORT }]),
  hasIpv6: hasGlobalIpv6(),
  policyOf: mtaStsFetch({ dns, request }),
  clock,
  heloName,
  connect: (host) => visit(host),
});
