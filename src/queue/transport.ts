import { asciiLower } from "../base/ascii.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { RemoteOptions } from "../smtp/remote.ts";
import { sourceKey, type Source } from "./source.ts";

/** A next hop that overrides the DNS for some domains. The first match wins. */
export type Transport = {
  /** `example.org`, `.example.org` for its subdomains, `*` for everything. */
  readonly match: string;
  /** Where connections come from; without it as for everything else. */
  readonly source?: Source;
  /** What we call ourselves there, where that is not the host name. */
  readonly heloName?: string;
} & (
  | {
      readonly kind: "smtp" | "lmtp";
      /** Host name, IP address, or path of a Unix socket (LMTP). No MX is asked for. */
      readonly host: string;
      readonly port: number;
      readonly tls: RemoteOptions["tls"];
      readonly login?: NonNullable<RemoteOptions["login"]>;
    }
  /** The DNS decides: an exception before a `*`, or other addresses to come from. */
  | { readonly kind: "direct" }
);
export type NextHop = Exclude<Transport, { readonly kind: "direct" }>;

/** Where mail for a domain goes: one destination is one set of connections, one count, one back-off. */
export type Destination = {
  readonly key: string;
  readonly source?: Source;
  readonly heloName?: string;
} & (
  | { readonly kind: "mx"; readonly domain: string }
  | { readonly kind: "next-hop"; readonly nextHop: NextHop }
);

/** `domain` in A-labels, lower case, or an address literal in brackets; `usual`: where connections come from. */
export function destinationFor(
  domain: string,
  transports: readonly Transport[],
  usual?: Source,
): Destination {
  const transport = transports.find(({ match }) => matches(asciiLower(match), domain));
  const from = transport?.source ?? usual;
  const here = {
    ...(from === undefined ? {} : { source: from }),
    ...(transport?.heloName === undefined ? {} : { heloName: transport.heloName }),
  };
  if (transport === undefined || transport.kind === "direct")
    return { kind: "mx", key: domain, domain, ...here };
  return { kind: "next-hop", key: nextHopKey(transport, from), nextHop: transport, ...here };
}

function matches(pattern: string, domain: string): boolean {
  if (pattern === "*" || pattern === domain) return true;
  return pattern.startsWith(".") && domain.length > pattern.length && domain.endsWith(pattern);
}

/** Two entries that name the same host with the same login, reached from the same addresses under the same name, share its connections. */
function nextHopKey(
  { kind, host, port, tls, login, heloName = "" }: NextHop,
  source: Source | undefined,
): string {
  const from = `${sourceKey(source)} ${heloName}`.trim();
  return `${kind}:${host}:${port}:${tls}:${login?.user ?? ""}${from === "" ? "" : ` from ${from}`}`;
}

/** The domain of an envelope address in A-labels, or its literal, in lower case. */
export function domainOf(address: string): string {
  const text = address.slice(address.lastIndexOf("@") + 1);
  return parseDomain(text) ?? asciiLower(text);
}
