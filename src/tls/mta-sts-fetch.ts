/** Gets a domain's MTA-STS policy over HTTPS, from a server the domain chose. RFC 8461 §3.3 */
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { err, type Result } from "../base/result.ts";
import { fetchText } from "./fetch-text.ts";
import { parseMtaStsPolicy, POLICY_OCTETS_MAX, type MtaStsPolicy } from "./mta-sts-policy.ts";
import type { PublicHttps } from "./public-https.ts";
import type { TlsrptResult } from "./tlsrpt-tally.ts";

/** RFC 8461 §3.3 suggests a minute for all of it. */
const FETCH_MS = 60_000;
const PATH = "/.well-known/mta-sts.txt";

export type FetchFailure = { readonly result: TlsrptResult; readonly detail: string };
export type FetchPolicy = (
  domain: Domain,
  signal?: AbortSignal,
) => Promise<Result<MtaStsPolicy, FetchFailure>>;

/** Web PKI and name checked, no redirect followed, 64 KB, a minute, public addresses only (T-51). */
export const mtaStsFetch =
  (https: PublicHttps): FetchPolicy =>
  async (domain, signal) => {
    const host = parseDomain(`mta-sts.${domain}`);
    if (host === undefined)
      return failed("sts-policy-fetch-error", "the name of the policy host is too long");
    const wanted = { host, path: PATH, types: ["text/plain"], octets_max: POLICY_OCTETS_MAX };
    const text = await fetchText({ ...wanted, duration_ms: FETCH_MS }, https, signal);
    if (text.ok) return parsed(text.value);
    const { certificate, detail } = text.error;
    return failed(certificate ? "sts-webpki-invalid" : "sts-policy-fetch-error", detail);
  };

const failed = (result: TlsrptResult, detail: string): Result<never, FetchFailure> => err({ result, detail });

function parsed(text: string): Result<MtaStsPolicy, FetchFailure> {
  const policy = parseMtaStsPolicy(text);
  return policy.ok ? policy : failed("sts-policy-invalid", policy.error);
}
