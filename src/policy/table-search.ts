import { asciiLower } from "../base/ascii.ts";
import { parseIp } from "../base/ip.ts";
import { POLICY_LIMITS } from "./limits.ts";
import type { PolicySettings } from "./settings.ts";

/** What is looked for in an access table. The order of keys is that of Postfix's access(5). */
export type TableSearch =
  /** A name, then its parent domains. */
  | { readonly by: "name"; readonly name: string }
  /** An address, then the networks that hold it, an octet (IPv4) or a group (IPv6) at a time. */
  | { readonly by: "address"; readonly address: string }
  /** Name first, address second. */
  | { readonly by: "host"; readonly name: string; readonly address: string }
  /** `user+ext@domain`, `user@domain`, domain and parents, `user+ext@`, `user@`. */
  | { readonly by: "mail"; readonly address: string }
  /** One key, as it stands. */
  | { readonly by: "key"; readonly key: string };

/** One thing to try. `partial` keys are for indexed tables only: a pattern has seen the whole already. */
export type TableKey = { readonly key: string; readonly partial: boolean };

/** The search in one line, for the record. */
export function searchText(search: TableSearch): string {
  switch (search.by) {
    case "name":
      return `name ${asciiLower(search.name)}`;
    case "address":
      return `address ${search.address}`;
    case "host":
      return `host ${asciiLower(search.name)}[${search.address}]`;
    case "mail":
      return `mail ${asciiLower(search.address)}`;
    case "key":
      return `key ${asciiLower(search.key)}`;
  }
}

/** All keys of a search, the most particular first. */
export function searchKeys(search: TableSearch, settings: PolicySettings): readonly TableKey[] {
  switch (search.by) {
    case "name":
      return nameKeys(search.name, settings, false);
    case "address":
      return addressKeys(search.address);
    case "host":
      return [...nameKeys(search.name, settings, false), ...addressKeys(search.address)];
    case "mail":
      return mailKeys(search.address, settings);
    case "key":
      return [{ key: asciiLower(search.key), partial: false }];
  }
}

function nameKeys(name: string, settings: PolicySettings, partial: boolean): TableKey[] {
  const keys: TableKey[] = [];
  let rest = asciiLower(name);
  // A name that is an address has no parent domains.
  const parents = parseIp(name) === undefined;
  while (rest !== "" && keys.length < POLICY_LIMITS.parentsMax) {
    keys.push({ key: rest, partial: partial || keys.length > 0 });
    const dot = rest.indexOf(".", 1);
    if (!parents || dot < 0) break;
    rest = rest.slice(settings.parentMatchesSubdomains ? dot + 1 : dot);
  }
  return keys;
}

function addressKeys(address: string): TableKey[] {
  const keys: TableKey[] = [];
  const delimiter = address.includes(":") ? ":" : ".";
  let rest = asciiLower(address);
  while (rest !== "") {
    keys.push({ key: rest, partial: keys.length > 0 });
    const cut = rest.lastIndexOf(delimiter);
    if (cut < 0) break;
    rest = rest.slice(0, cut);
  }
  return keys;
}

function mailKeys(address: string, settings: PolicySettings): TableKey[] {
  const whole = asciiLower(address);
  const at = whole.lastIndexOf("@");
  if (at < 0) return [{ key: whole, partial: false }];
  const localPart = whole.slice(0, at);
  const domain = whole.slice(at + 1);
  const bare = withoutExtension(localPart, settings.recipientDelimiter);
  const keys: TableKey[] = [{ key: whole, partial: false }];
  if (bare !== localPart) keys.push({ key: `${bare}@${domain}`, partial: true });
  keys.push(...nameKeys(domain, settings, true));
  keys.push({ key: `${localPart}@`, partial: true });
  if (bare !== localPart) keys.push({ key: `${bare}@`, partial: true });
  return keys;
}

/** `user` of `user+list`; names that begin with the delimiter, and the special ones, have no extension. */
function withoutExtension(localPart: string, delimiters: string): string {
  if (/^(mailer-daemon|postmaster|double-bounce)$/.test(localPart)) return localPart;
  for (let i = 1; i < localPart.length; i++) {
    if (delimiters.includes(localPart.charAt(i))) return localPart.slice(0, i);
  }
  return localPart;
}
