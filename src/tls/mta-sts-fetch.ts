/** Gets a domain's MTA-STS policy over HTTPS, from a server the domain chose: nothing it says may reach further. RFC 8461 §3.3 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { isLoopback, parseIp, type IpAddress } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Dns } from "../dns/answer.ts";
import type { TlsrptResult } from "./tlsrpt-tally.ts";
import { parseMtaStsPolicy, POLICY_OCTETS_MAX, type MtaStsPolicy } from "./mta-sts-policy.ts";
import { isPublicAddress } from "./public-address.ts";

/** RFC 8461 §3.3 suggests a minute for all of it. */
const FETCH_MS = 60_000;
const PATH = "/.well-known/mta-sts.txt";
/** Interim answers (RFC 9110 §15.2) nobody needs here; one who sends them without end is left. */
const INTERIM_MAX = 10;
/** Addresses tried; the others of a policy host would say the same. */
const ADDRESSES_MAX = 2;

export type PolicyFetching = {
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
  /** Tests have their policy hosts on this machine. */
  readonly allowLoopback?: boolean;
};

export type FetchFailure = { readonly result: TlsrptResult; readonly detail: string };
export type FetchPolicy = (
  domain: Domain,
  signal?: AbortSignal,
) => Promise<Result<MtaStsPolicy, FetchFailure>>;

/** Web PKI and name checked, no redirect followed, 64 KB, a minute, public addresses only (T-51). */
export const mtaStsFetch =
  (fetching: PolicyFetching): FetchPolicy =>
  async (domain, signal) => {
    const host = parseDomain(`mta-sts.${domain}`);
    if (host === undefined)
      return failed("sts-policy-fetch-error", "the name of the policy host is too long");
    const addresses = await addressesOf(host, fetching, signal);
    const deadline = AbortSignal.timeout(FETCH_MS);
    const until = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    let last = failed("sts-policy-fetch-error", `${host} has no address on the Internet`);
    for (const address of addresses.slice(0, ADDRESSES_MAX)) {
      const text = await getText(host, address, fetching, until);
      if (text.ok) return parsed(text.value);
      last = text;
    }
    return last;
  };

const failed = (result: TlsrptResult, detail: string): Result<never, FetchFailure> => err({ result, detail });

function parsed(text: string): Result<MtaStsPolicy, FetchFailure> {
  const policy = parseMtaStsPolicy(text);
  return policy.ok ? policy : failed("sts-policy-invalid", policy.error);
}

/** Resolved by us, so that the address that is checked is the address that is used. */
async function addressesOf(
  host: Domain,
  { dns, allowLoopback = false }: PolicyFetching,
  signal?: AbortSignal,
): Promise<readonly IpAddress[]> {
  const answers = await Promise.all([dns.query(host, "A", signal), dns.query(host, "AAAA", signal)]);
  return answers
    .flatMap((answer) => (answer.kind === "records" ? answer.records : []))
    .flatMap((text) => parseIp(text) ?? [])
    .filter((ip) => isPublicAddress(ip) || (allowLoopback && isLoopback(ip)));
}

function getText(
  host: Domain,
  address: IpAddress,
  { request, port = 443, ca }: PolicyFetching,
  signal: AbortSignal,
): Promise<Result<string, FetchFailure>> {
  const options: RequestOptions = {
    host: address.text,
    port,
    path: PATH,
    servername: host,
    headers: { host: port === 443 ? host : `${host}:${port}`, accept: "text/plain" },
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    agent: false,
    signal,
    ...(ca === undefined ? {} : { ca: [...ca] }),
  };
  return new Promise((resolve) => {
    const sent = request(options, (response) => void bodyOf(response).then(resolve));
    sent.on("error", (error) =>
      resolve(failed(resultOf(error), signal.aborted ? "no answer in time" : error.message)),
    );
    // Without a listener Node drops the connection and tells nobody.
    sent.on("upgrade", (_, socket: Duplex) => {
      socket.destroy();
      resolve(failed("sts-policy-fetch-error", "the answer is 101"));
    });
    let interim = 0;
    sent.on("information", () => {
      if (++interim > INTERIM_MAX) sent.destroy(new Error("interim answers without end"));
    });
    sent.end();
  });
}

/** OpenSSL's and Node's words for a certificate that does not do. */
const CERTIFICATE_CODES =
  /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_)/;

const resultOf = (error: Error): TlsrptResult =>
  CERTIFICATE_CODES.test((error as NodeJS.ErrnoException).code ?? "")
    ? "sts-webpki-invalid"
    : "sts-policy-fetch-error";

async function bodyOf(response: IncomingMessage): Promise<Result<string, FetchFailure>> {
  const refuse = (detail: string): Result<never, FetchFailure> => {
    response.destroy();
    return failed("sts-policy-fetch-error", detail);
  };
  if (response.statusCode !== 200) return refuse(`the answer is ${response.statusCode ?? "none"}`);
  const type = (response.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "text/plain") return refuse("the answer is not text/plain");
  const chunks: Buffer[] = [];
  let octets = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      octets += chunk.length;
      if (octets > POLICY_OCTETS_MAX) return refuse("the answer is longer than 64 KB");
      chunks.push(chunk);
    }
  } catch (error) {
    return refuse(`the answer broke off: ${String(error)}`);
  }
  return ok(Buffer.concat(chunks).toString("utf8"));
}
