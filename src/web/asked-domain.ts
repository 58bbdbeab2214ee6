import { hasControl } from "../base/ascii.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { WEB_LIMITS } from "./limits.ts";
import type { WebRequest } from "./request.ts";

/** An address somebody wants to set up. Whether there is such an account is not looked at, so that nobody can find out. */
export type AskedAddress = { readonly text: string; readonly domain: Domain };

/** Reads an address as bounded text with a domain; `undefined` for anything else. Total. */
export function askedAddress(text: string): AskedAddress | undefined {
  if (text.length > WEB_LIMITS.address_chars || hasControl(text) || /[\s<>"]/.test(text)) return undefined;
  const at = text.lastIndexOf("@");
  const domain = at > 0 ? parseDomain(text.slice(at + 1)) : undefined;
  return domain === undefined ? undefined : { text, domain };
}

/** A parameter whatever its case: clients differ. */
export function parameter(
  { query }: Pick<WebRequest, "query">,
  ...names: readonly string[]
): string | undefined {
  for (const [key, value] of query) if (names.includes(key.toLowerCase())) return value;
  return undefined;
}

/** `example.org` for `autoconfig.example.org`, with the prefix given. */
export function domainBelow(host: Domain | undefined, prefix: string): Domain | undefined {
  return host?.startsWith(prefix) === true ? parseDomain(host.slice(prefix.length)) : undefined;
}

/** What names the domain in a request: the host asked, as it is or below a well-known prefix. */
export const domainOfHost = (host: Domain | undefined): Domain | undefined =>
  domainBelow(host, "autoconfig.") ?? domainBelow(host, "autodiscover.") ?? host;
