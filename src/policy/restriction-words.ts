/** Old and other names of restrictions, and those that are not had, with the reason. */
export const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ["reject_unknown_client", "reject_unknown_client_hostname"],
  ["reject_invalid_hostname", "reject_invalid_helo_hostname"],
  ["reject_non_fqdn_hostname", "reject_non_fqdn_helo_hostname"],
  ["reject_unknown_hostname", "reject_unknown_helo_hostname"],
  ["reject_unknown_address", "reject_unknown_sender_domain"],
  ["reject_rbl", "reject_rbl_client"],
  ["check_recipient_maps", "reject_unlisted_recipient"],
  ["permit_auth_dest", "permit_auth_destination"],
  ["reject_unauth_dest", "reject_unauth_destination"],
]);

/** Words that put the rule behind them in shadow. */
export const SHADOW_WORDS: ReadonlySet<string> = new Set(["warn_if_reject", "reject_warning"]);

export type Unsupported = {
  readonly takes: "nothing" | "argument";
  readonly why: string;
  readonly instead?: string;
};

export const UNSUPPORTED: ReadonlyMap<string, Unsupported> = new Map<string, Unsupported>([
  [
    "permit_mx_backup",
    {
      takes: "nothing",
      why: "whoever points an MX record here would make this server relay for him",
      instead: "Name the domains this server is backup for.",
    },
  ],
  [
    "permit_naked_ip_address",
    { takes: "nothing", why: "it trusts what the client says in HELO", instead: "Write permit_mynetworks." },
  ],
  ["permit_tls_clientcerts", { takes: "nothing", why: "client certificates are not used here" }],
  ["permit_tls_all_clientcerts", { takes: "nothing", why: "client certificates are not used here" }],
  ["check_ccert_access", { takes: "argument", why: "client certificates are not used here" }],
  [
    "reject_unverified_sender",
    { takes: "nothing", why: "probing other servers with every sender is abuse in their eyes" },
  ],
  [
    "reject_unverified_recipient",
    {
      takes: "nothing",
      why: "recipients here are known without probing",
      instead: "Write reject_unlisted_recipient.",
    },
  ],
  [
    "check_policy_service",
    { takes: "argument", why: "policy servers are not asked; SPF, greylisting and limits are built in" },
  ],
  ["check_etrn_access", { takes: "argument", why: "ETRN is not spoken here" }],
  [
    "reject_maps_rbl",
    {
      takes: "nothing",
      why: "its lists stand in another setting",
      instead: "Write reject_rbl_client and the zone.",
    },
  ],
  [
    "check_relay_domains",
    {
      takes: "nothing",
      why: "Postfix removed it because it relays for whoever owns the right name",
      instead: "Write reject_unauth_destination.",
    },
  ],
]);
