import type { Clock } from "../base/clock.ts";
import { resolver } from "../dns/configured.ts";
import { visit } from "./probe-client.ts";
import type { Net } from "./probe.ts";

export type NetOptions = {
  /** As in `dns.servers`; empty: those of the system. */
  readonly dnsServers: readonly string[];
  readonly heloName: string | undefined;
};

/** The real world: our resolver, connections from this machine. */
export async function realNet(options: NetOptions, clock: Clock): Promise<Net> {
  return {
    dns: await resolver(options.dnsServers, clock),
    clock,
    heloName: options.heloName,
    connect: visit,
  };
}
