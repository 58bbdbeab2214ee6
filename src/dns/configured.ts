import type { Clock } from "../base/clock.ts";
import type { Dns } from "./answer.ts";
import { cachedDns } from "./cache.ts";
import { dnsClient } from "./client.ts";
import { systemServers } from "./system-servers.ts";

const DNS_PORT = 53;

/** The resolver of a server: the addresses named (`ADDRESS` or `ADDRESS:PORT`), else those of the system; with a cache. `over`: nobody waits any more. */
export async function resolver(named: readonly string[], clock: Clock, over?: AbortSignal): Promise<Dns> {
  const servers =
    named.length === 0
      ? await systemServers()
      : named.map((text) => {
          const parts = /^\[?([0-9A-Fa-f:.]+?)\]?(?::([0-9]+))?$/.exec(text);
          return { address: parts?.[1] ?? text, port: Number(parts?.[2] ?? DNS_PORT) };
        });
  return cachedDns(dnsClient(servers, over), clock);
}
