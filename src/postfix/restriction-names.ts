/** What a restriction of smtpd takes, and whether our policy has it. Postfix postconf(5), SMTPD_ACCESS_README */
export type RestrictionKind = {
  readonly takes: "nothing" | "table" | "zone" | "number" | "service";
  /** Why our policy has no such rule; undefined where it has. */
  readonly missing?: string;
};

const NOTHING = [
  "permit",
  "reject",
  "defer",
  "dunno",
  "defer_if_permit",
  "defer_if_reject",
  "warn_if_reject",
  "permit_mynetworks",
  "permit_inet_interfaces",
  "permit_sasl_authenticated",
  "permit_auth_destination",
  "reject_unauth_destination",
  "defer_unauth_destination",
  "reject_unauth_pipelining",
  "reject_multi_recipient_bounce",
  "reject_plaintext_session",
  "reject_invalid_helo_hostname",
  "reject_non_fqdn_helo_hostname",
  "reject_unknown_helo_hostname",
  "reject_non_fqdn_sender",
  "reject_non_fqdn_recipient",
  "reject_unknown_sender_domain",
  "reject_unknown_recipient_domain",
  "reject_unknown_client_hostname",
  "reject_unknown_reverse_client_hostname",
  "reject_unknown_forward_client_hostname",
  "reject_unlisted_sender",
  "reject_unlisted_recipient",
  "reject_sender_login_mismatch",
  "reject_authenticated_sender_login_mismatch",
  "reject_unauthenticated_sender_login_mismatch",
  "reject_known_sender_login_mismatch",
];
const ZONES = [
  "reject_rbl_client",
  "permit_dnswl_client",
  "permit_rhswl_client",
  "reject_rhsbl_client",
  "reject_rhsbl_reverse_client",
  "reject_rhsbl_helo",
  "reject_rhsbl_sender",
  "reject_rhsbl_recipient",
];
const TABLES = ["client", "reverse_client_hostname", "helo", "sender", "recipient"].flatMap((subject) => [
  `check_${subject}_access`,
  ...["a", "mx", "ns"].map((record) => `check_${subject}_${record}_access`),
]);
const MISSING: readonly (readonly [name: string, takes: RestrictionKind["takes"], why: string])[] = [
  [
    "check_policy_service",
    "service",
    "policy servers are not asked here; greylisting, SPF and rates are built in",
  ],
  ["check_ccert_access", "table", "client certificates do not decide about mail here"],
  ["permit_tls_clientcerts", "nothing", "client certificates do not decide about mail here"],
  ["permit_tls_all_clientcerts", "nothing", "client certificates do not decide about mail here"],
  ["reject_unverified_sender", "nothing", "asking the sender's server back is abuse of strangers' servers"],
  ["reject_unverified_recipient", "nothing", "recipients are known to the store; nobody is asked back"],
  ["check_etrn_access", "table", "there is no ETRN here"],
  ["permit_mx_backup", "nothing", "it relays for whoever points an MX at us; name relay domains instead"],
  [
    "permit_naked_ip_address",
    "nothing",
    "it lets any client with an address as HELO name in; Postfix removed it",
  ],
];

const KINDS: ReadonlyMap<string, RestrictionKind> = new Map<string, RestrictionKind>([
  ...NOTHING.map((name) => [name, { takes: "nothing" }] as const),
  ...ZONES.map((name) => [name, { takes: "zone" }] as const),
  ...[...TABLES, "check_sasl_access"].map((name) => [name, { takes: "table" }] as const),
  ["sleep", { takes: "number" }],
  ...MISSING.map(([name, takes, missing]) => [name, { takes, missing }] as const),
]);

/** Names Postfix had before 2.3 and still takes, with those of today (S-43). */
export const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ["reject_invalid_hostname", "reject_invalid_helo_hostname"],
  ["reject_non_fqdn_hostname", "reject_non_fqdn_helo_hostname"],
  ["reject_unknown_hostname", "reject_unknown_helo_hostname"],
  ["reject_unknown_client", "reject_unknown_client_hostname"],
  ["reject_unknown_address", "reject_unknown_sender_domain"],
  ["reject_maps_rbl", "reject_rbl_client"],
  ["check_relay_domains", "reject_unauth_destination"],
  ["reject_warning", "warn_if_reject"],
]);

/** What is known of a restriction, by the name of today. */
export const restrictionKind = (name: string): RestrictionKind | undefined => KINDS.get(name);
