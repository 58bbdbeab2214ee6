import type { Clock } from "../base/clock.ts";
import type { Dns } from "./answer.ts";
import { cachedDns } from "./cache.ts";
import { dnsClient, uncheckedClient } from "./client.ts";
import { DNS_PORT } from "./limits.ts";
import { systemServers } from "./system-servers.ts";
import type { DnsServer } from "./transport.ts";

/** The same without a cache: every question is asked. */
export async function freshResolver(named: readonly string[], over?: AbortSignal): Promise<Dns> {
  return dnsClient(await serversOf(named), over);
}

/** Its two views of the DNS, without a cache: what it vouches for, and what it hears. */
export async function bothViews(
  named: readonly string[],
): Promise<{ readonly dns: Dns; readonly unchecked: Dns }> {
  const servers = await serversOf(named);
  return { dns: dnsClient(servers), unchecked: uncheckedClient(servers) };
}

/** The resolver of a server: the addresses named (`ADDRESS` or `ADDRESS:PORT`), else those of the system; with a cache. `over`: nobody waits any more. */
export async function resolver(named: readonly string[], clock: Clock, over?: AbortSignal): Promise<Dns> {
  return cachedDns(dnsClient(await serversOf(named), over), clock);
}

/** The servers named, else those of the system. */
export async function serversOf(named: readonly string[]): Promise<readonly DnsServer[]> {
  return named.length === 0 ? await systemServers() : named.map(serverOf);
}

/** `ADDRESS` or `ADDRESS:PORT`; an IPv6 address with a port stands in brackets. */
export function serverOf(text: string): DnsServer {
  const parts = /^\[?([0-9A-Fa-f:.]+?)\]?(?::([0-9]+))?$/.exec(text);
  return { address: parts?.[1] ?? text, port: Number(parts?.[2] ?? DNS_PORT) };
}
