/** Hands a TLS report to an HTTPS endpoint a stranger named: nothing it says may reach further. RFC 8460 §5.4 */
import type { IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import { parseDomain } from "../base/domain-name.ts";
import { isLoopback, parseIp, type IpAddress } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { PolicyFetching } from "./mta-sts-fetch.ts";
import { isPublicAddress } from "./public-address.ts";

/** For all of one report. */
const POST_MS = 60_000;

/** Posts octets of the media type; the error says why not. */
export type PostReport = (url: string, octets: Buffer, signal?: AbortSignal) => Promise<Result<void, string>>;

/** Web PKI and name checked, no redirect followed, the answer's body unread, a minute, public addresses and port 443 only. */
export const tlsReportPost =
  (posting: PolicyFetching): PostReport =>
  async (text, octets, signal) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const host = parseDomain(url?.hostname ?? "");
    if (url === undefined || host === undefined || url.protocol !== "https:" || url.username !== "")
      return err("the address of the endpoint is not usable");
    if (url.port !== "" && url.port !== String(posting.port)) return err("the endpoint is not at port 443");
    const deadline = AbortSignal.timeout(POST_MS);
    const until = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    const { dns, allowLoopback = false } = posting;
    const answers = await Promise.all([dns.query(host, "A", until), dns.query(host, "AAAA", until)]);
    // Resolved by us, so that the address that is checked is the address that is used.
    const address = answers
      .flatMap((answer) => (answer.kind === "records" ? answer.records : []))
      .flatMap((record) => parseIp(record) ?? [])
      .find((ip) => isPublicAddress(ip) || (allowLoopback && isLoopback(ip)));
    return address === undefined
      ? err(`${host} has no address on the Internet`)
      : await post(url, address, octets, posting, until);
  };

function post(
  url: URL,
  address: IpAddress,
  octets: Buffer,
  { request, port = 443, ca }: PolicyFetching,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  const options: RequestOptions = {
    method: "POST",
    host: address.text,
    port,
    path: `${url.pathname}${url.search}`,
    servername: url.hostname,
    headers: {
      host: url.host,
      "content-type": "application/tlsrpt+gzip",
      "content-length": octets.length,
    },
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    agent: false,
    signal,
    ...(ca === undefined ? {} : { ca: [...ca] }),
  };
  return new Promise((resolve) => {
    const sent = request(options, (response) => resolve(verdictOf(response)));
    sent.on("error", (error) => resolve(err(error.message)));
    sent.end(octets);
  });
}

function verdictOf(response: IncomingMessage): Result<void, string> {
  const { statusCode = 0 } = response;
  response.destroy();
  return statusCode >= 200 && statusCode < 300 ? ok(undefined) : err(`the endpoint answered ${statusCode}`);
}
