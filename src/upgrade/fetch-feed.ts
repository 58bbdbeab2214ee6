import { parseDomain } from "../base/domain-name.ts";
import { err, type Result } from "../base/result.ts";
import { fetchText } from "../tls/fetch-text.ts";
import type { PublicHttps } from "../tls/public-https.ts";
import { FEED_FETCH_MS, FEED_OCTETS_MAX } from "./limits.ts";

const TYPES = ["application/json", "text/plain", "application/octet-stream"];

/** The envelope at an https URL, from a public address, without redirects; else why not. */
export async function fetchFeed(
  address: string,
  fetching: PublicHttps,
  signal?: AbortSignal,
): Promise<Result<string, string>> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const host = url === undefined ? undefined : parseDomain(url.hostname);
  if (url?.protocol !== "https:" || host === undefined || url.username !== "")
    return err(`${address} is not an https URL with a domain name`);
  const wanted = { host, path: `${url.pathname}${url.search}`, types: TYPES, octets_max: FEED_OCTETS_MAX };
  const port = url.port === "" ? {} : { port: Number(url.port) };
  const text = await fetchText({ ...wanted, duration_ms: FEED_FETCH_MS }, { ...fetching, ...port }, signal);
  return text.ok ? text : err(text.error.detail);
}
