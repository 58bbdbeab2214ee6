/** HTTPS to a server that somebody else chose: web PKI and name checked, public addresses only. */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import type { Domain } from "../base/domain-name.ts";
import { isLoopback, parseIp, type IpAddress } from "../base/ip.ts";
import type { Dns } from "../dns/answer.ts";
import { isPublicAddress } from "./public-address.ts";

export type PublicHttps = {
  readonly dns: Dns;
  /** `request` of `node:https`. */
  readonly request: (
    options: RequestOptions,
    onResponse: (response: IncomingMessage) => void,
  ) => ClientRequest;
  /** 443 outside tests. */
  readonly port?: number;
  /** Authorities to trust, PEM; they take the place of those Node brings. */
  readonly ca?: readonly string[];
  /** Tests have their servers on this machine. */
  readonly allowLoopback?: boolean;
};

/** Resolved by us, so that the address that is checked is the address that is used. */
export async function addressesOf(
  host: Domain,
  { dns, allowLoopback = false }: PublicHttps,
  signal?: AbortSignal,
): Promise<readonly IpAddress[]> {
  const answers = await Promise.all([dns.query(host, "A", signal), dns.query(host, "AAAA", signal)]);
  return answers
    .flatMap((answer) => (answer.kind === "records" ? answer.records : []))
    .flatMap((text) => parseIp(text) ?? [])
    .filter((ip) => isPublicAddress(ip) || (allowLoopback && isLoopback(ip)));
}

/** For one request to `host` at one of its addresses; the caller adds method, path and headers. */
export const httpsOptions = (
  host: Domain,
  address: IpAddress,
  { port = 443, ca }: PublicHttps,
  signal: AbortSignal,
): RequestOptions => ({
  host: address.text,
  port,
  servername: host,
  minVersion: "TLSv1.2",
  rejectUnauthorized: true,
  agent: false,
  signal,
  ...(ca === undefined ? {} : { ca: [...ca] }),
});

/** The caller's signal, and a deadline. */
export function within(duration_ms: number, signal: AbortSignal | undefined): AbortSignal {
  const deadline = AbortSignal.timeout(duration_ms);
  return signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
}
