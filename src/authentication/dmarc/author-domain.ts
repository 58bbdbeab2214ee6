import { parseDomain, type Domain } from "../../base/domain-name.ts";
import { mailboxesOf, parseAddressList } from "../../message/address.ts";

/** Why a message has no author domain. */
export type NoAuthor = {
  readonly result: "none" | "permerror";
  readonly problem: "no-author" | "several-from-fields" | "several-authors" | "bad-author";
};

/**
 * The domain the reader sees, in A-labels: exactly one From field whose addresses have exactly one usable domain. All
 * else names its author in more ways than one, or in none. RFC 9989 §5.3.1, §11.5; C-13, C-40
 */
export function authorDomain(fromFields: readonly string[]): Domain | NoAuthor {
  const [field, more] = fromFields;
  if (field === undefined) return { result: "none", problem: "no-author" };
  if (more !== undefined) return { result: "permerror", problem: "several-from-fields" };
  const { addresses, defects } = parseAddressList(field);
  const domains = new Set(mailboxesOf(addresses).map(({ domain }) => parseDomain(domain)));
  if (domains.size > 1) return { result: "permerror", problem: "several-authors" };
  const [domain] = domains;
  const isSound = defects.every((defect) => defect === "syntax" && endsInSoundAddress(field, domain));
  return domain !== undefined && isSound ? domain : { result: "permerror", problem: "bad-author" };
}

/**
 * Display names with stray specials are everyday mail; a malformed address is read differently by every program
 * (NUL, second `@`, words after the domain), so only a sound one in angle brackets excuses the rest.
 */
export function endsInSoundAddress(field: string, domain: Domain | undefined): boolean {
  const inside = /<([^<>]*)>[ \t]*$/.exec(field)?.[1];
  if (inside === undefined) return false;
  const { addresses, defects } = parseAddressList(inside);
  const [mailbox, more] = mailboxesOf(addresses);
  return defects.length === 0 && more === undefined && parseDomain(mailbox?.domain ?? "") === domain;
}
