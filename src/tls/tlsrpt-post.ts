/** Hands a TLS report to an HTTPS endpoint a stranger named: nothing it says may reach further. RFC 8460 §5.4 */
import type { IncomingMessage } from "node:http";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { IpAddress } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import { addressesOf, httpsOptions, within, type PublicHttps } from "./public-https.ts";

/** For all of one report. */
const POST_MS = 60_000;

/** Posts octets of the media type; the error says why not. */
export type PostReport = (url: string, octets: Buffer, signal?: AbortSignal) => Promise<Result<void, string>>;

/** Web PKI and name checked, no redirect followed, the answer's body unread, a minute, public addresses and port 443 only. */
export const tlsReportPost =
  (https: PublicHttps): PostReport =>
  async (text, octets, signal) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const host = parseDomain(url?.hostname ?? "");
    if (url === undefined || host === undefined || url.protocol !== "https:" || url.username !== "")
      return err("the address of the endpoint is not usable");
    if (url.port !== "" && url.port !== String(https.port)) return err("the endpoint is not at port 443");
    const until = within(POST_MS, signal);
    const [address] = await addressesOf(host, https, until);
    return address === undefined
      ? err(`${host} has no address on the Internet`)
      : await post({ url, host, address, octets }, https, until);
  };

type Report = {
  readonly url: URL;
  readonly host: Domain;
  readonly address: IpAddress;
  readonly octets: Buffer;
};

function post(
  { url, host, address, octets }: Report,
  https: PublicHttps,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  const options = {
    ...httpsOptions(host, address, https, signal),
    method: "POST",
    path: `${url.pathname}${url.search}`,
    headers: {
      host: url.host,
      "content-type": "application/tlsrpt+gzip",
      "content-length": octets.length,
    },
  };
  return new Promise((resolve) => {
    const sent = https.request(options, (response) => resolve(verdictOf(response)));
    sent.on("error", (error) => resolve(err(error.message)));
    sent.end(octets);
  });
}

function verdictOf(response: IncomingMessage): Result<void, string> {
  const { statusCode = 0 } = response;
  response.destroy();
  return statusCode >= 200 && statusCode < 300 ? ok(undefined) : err(`the endpoint answered ${statusCode}`);
}
