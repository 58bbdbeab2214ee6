import { parseCidr, parseIp, cidrContains, type Cidr } from "../base/ip.ts";

/** What the checks need to know besides facts; Postfix's parameter of the same meaning in backquotes. */
export type PolicySettings = {
  /** `mynetworks` */
  readonly networks: readonly Cidr[];
  /** Addresses of this machine. `inet_interfaces` */
  readonly interfaces: readonly Cidr[];
  /** `recipient_delimiter`: every character of it separates an extension. */
  readonly recipientDelimiter: string;
  /** Does `example.org` in a table also mean its subdomains, or only `.example.org`? `parent_domain_matches_subdomains` */
  readonly parentMatchesSubdomains: boolean;
  /** Key of the null sender in tables. `smtpd_null_access_lookup_key` */
  readonly nullSenderKey: string;
  /** An OK for a sender address needs a pass of SPF (S-40); Postfix trusts the forgeable address. */
  readonly senderAllowNeedsProof: boolean;
  /** `unknown_address_tempfail_action`, `unknown_helo_hostname_tempfail_action` */
  readonly unknownAddressTempfail: TempfailAction;
  readonly unknownHeloTempfail: TempfailAction;
  readonly codes: ReplyCodes;
};

export type TempfailAction = "defer_if_permit" | "defer";

/** Reply codes that Postfix lets an operator choose. */
export type ReplyCodes = {
  /** `unknown_client_reject_code` */
  readonly unknownClient: number;
  /** `invalid_hostname_reject_code` */
  readonly invalidHostname: number;
  /** `non_fqdn_reject_code` */
  readonly nonFqdn: number;
  /** `unknown_hostname_reject_code` */
  readonly unknownHostname: number;
  /** `unknown_address_reject_code` */
  readonly unknownAddress: number;
  /** `relay_domains_reject_code` */
  readonly relay: number;
  /** `maps_rbl_reject_code` */
  readonly list: number;
  /** `access_map_reject_code` */
  readonly accessTable: number;
  /** `access_map_defer_code`, `defer_code` */
  readonly defer: number;
  /** `reject_code` */
  readonly reject: number;
  /** `multi_recipient_bounce_reject_code` */
  readonly multiRecipientBounce: number;
  /** `plaintext_reject_code` */
  readonly plaintext: number;
};

/** Postfix's defaults. */
export const DEFAULT_CODES: ReplyCodes = {
  unknownClient: 450,
  invalidHostname: 501,
  nonFqdn: 504,
  unknownHostname: 450,
  unknownAddress: 450,
  relay: 554,
  list: 554,
  accessTable: 554,
  defer: 450,
  reject: 554,
  multiRecipientBounce: 550,
  plaintext: 450,
};

/** Trusts this machine alone (S-31). */
export const DEFAULT_SETTINGS: PolicySettings = {
  networks: networksOf("127.0.0.0/8 ::1"),
  interfaces: networksOf("127.0.0.1 ::1"),
  recipientDelimiter: "+",
  parentMatchesSubdomains: true,
  nullSenderKey: "<>",
  senderAllowNeedsProof: true,
  unknownAddressTempfail: "defer_if_permit",
  unknownHeloTempfail: "defer_if_permit",
  codes: DEFAULT_CODES,
};

/** Addresses and networks of a list in Postfix's manner: commas or spaces, IPv6 in brackets or not. */
export function networksOf(text: string): readonly Cidr[] {
  return text
    .split(/[\s,]+/)
    .map((word) => parseCidr(word.replace(/^\[([^\]]*)\]/, "$1")))
    .filter((cidr) => cidr !== undefined);
}

export function isWithin(address: string, networks: readonly Cidr[]): boolean {
  const ip = parseIp(address);
  return ip !== undefined && networks.some((cidr) => cidrContains(cidr, ip));
}
