import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { DNS_PORT } from "./limits.ts";
import type { DnsServer } from "./transport.ts";

/** The resolvers of this machine, from /etc/resolv.conf; the local one where the file names none. resolv.conf(5) */
export async function systemServers(): Promise<readonly DnsServer[]> {
  const text = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  const named = [...text.matchAll(/^nameserver\s+(\S+)/gm)]
    .map((match) => match[1] ?? "")
    .filter((address) => isIP(address) > 0);
  return (named.length > 0 ? named : ["127.0.0.1"]).map((address) => ({ address, port: DNS_PORT }));
}
