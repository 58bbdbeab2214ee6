import { asciiLower } from "../base/ascii.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { RemoteOptions } from "../smtp/remote.ts";

/** A next hop that overrides the DNS for some domains. The first match wins. */
export type Transport = {
  /** `example.org`, `.example.org` for its subdomains, `*` for everything. */
  readonly match: string;
} & (
  | {
      readonly kind: "smtp" | "lmtp";
      /** Host name, IP address, or path of a Unix socket (LMTP). No MX is asked for. */
      readonly host: string;
      readonly port: number;
      readonly tls: RemoteOptions["tls"];
      readonly login?: NonNullable<RemoteOptions["login"]>;
    }
  /** As if there were no transports: an exception before a `*`. */
  | { readonly kind: "direct" }
);
export type NextHop = Exclude<Transport, { readonly kind: "direct" }>;

/** Where mail for a domain goes: one destination is one set of connections, one count, one back-off. */
export type Destination =
  | { readonly kind: "mx"; readonly key: string; readonly domain: string }
  | { readonly kind: "next-hop"; readonly key: string; readonly nextHop: NextHop };

/** `domain` in A-labels, lower case, or an address literal in brackets. */
export function destinationFor(domain: string, transports: readonly Transport[]): Destination {
  const transport = transports.find(({ match }) => matches(asciiLower(match), domain));
  if (transport === undefined || transport.kind === "direct") return { kind: "mx", key: domain, domain };
  return { kind: "next-hop", key: nextHopKey(transport), nextHop: transport };
}

function matches(pattern: string, domain: string): boolean {
  if (pattern === "*" || pattern === domain) return true;
  return pattern.startsWith(".") && domain.length > pattern.length && domain.endsWith(pattern);
}

/** Two entries that name the same host with the same login share its connections. */
function nextHopKey({ kind, host, port, tls, login }: NextHop): string {
  return `${kind}:${host}:${port}:${tls}:${login?.user ?? ""}`;
}

/** The domain of an envelope address in A-labels, or its literal, in lower case. */
export function domainOf(address: string): string {
  const text = address.slice(address.lastIndexOf("@") + 1);
  return parseDomain(text) ?? asciiLower(text);
}
