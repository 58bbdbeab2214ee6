import type { Note, Outcome } from "./importing.ts";

type Fate = readonly [names: RegExp, outcome: Outcome, reason: string];

/** What becomes of settings that need no look at their value; the first pattern that fits counts. */
const FATES: readonly Fate[] = [
  [
    /^(?:command|daemon|data|queue|config|meta|shlib|html|manpage|readme|sample|process_id)_directory$|^(?:sendmail|newaliases|mailq|postmulti\w*)_path$|^(?:mail_owner|setgid_group|default_privs|mail_version|debugger_command|alternate_config_directories)$/,
    "default",
    "where Postfix has its own files and programs",
  ],
  [
    /^(?:debug_peer_\w+|syslog_\w+|maillog_\w+|soft_bounce_log|\w+_loglevel|import_environment|export_environment|enable_long_queue_ids|hash_queue_\w+)$/,
    "default",
    "how Postfix writes its log and queue; the journal records every session here",
  ],
  [
    /^compatibility_level$|^biff$|^append_(?:dot|at)_\w+$|^(?:swap|allow)_\w+$/,
    "default",
    "belongs to Postfix's own history",
  ],
  [/^(?:mydomain|myorigin|mail_name)$/, "default", "used where other settings name it"],
  [/^smtpd_banner$/, "default", "the greeting names host and protocol, nothing else"],
  [/^alias_database$|^newaliases\w*$/, "default", "names what newaliases builds; alias_maps is what is read"],
  [
    /^recipient_delimiter$/,
    "changed-for-safety",
    "the character is + here; others would be part of the name",
  ],
  [/^disable_vrfy_command$/, "default", "VRFY tells nobody anything here"],
  [
    /^smtpd_helo_required$|^strict_rfc821_envelopes$|^smtpd_delay_reject$|^smtpd_reject_unlisted_(?:recipient|sender)$/,
    "default",
    "always so here",
  ],
  [
    /^smtpd_forbid_\w+$|^smtpd_data_restrictions_bare$|^postscreen_bare_newline_\w+$/,
    "default",
    "end of DATA is CRLF.CRLF only, and pipelining ahead of time is refused, always",
  ],
  [/^soft_bounce$/, "not-carried-over", "a refusal is a refusal; rules can be tried with warn_if_reject"],
  [
    /^smtpd_tls_auth_only$|^broken_sasl_auth_clients$|^smtpd_sasl_security_options$|^smtpd_sasl_tls_security_options$/,
    "default",
    "credentials travel over TLS only, whatever is set",
  ],
  [
    /^(?:smtpd|submission|lmtpd)_(?:use_tls|enforce_tls|tls_security_level|tls_wrappermode)$/,
    "default",
    "STARTTLS is always offered on 25, TLS is always needed to log in",
  ],
  [
    /^(?:smtp|smtpd|lmtp)_tls_(?:mandatory_)?(?:protocols|ciphers|exclude_ciphers)$|^smtpd?_tls_(?:mandatory_)?exclude_ciphers$|^tls_\w+$|^smtpd_tls_(?:dh\w+|eecdh_grade|eccert_file|eckey_file|dcert_file|dkey_file|dh1024_param_file|dh512_param_file)$/,
    "changed-for-safety",
    "TLS 1.2 and better with ECDHE and AEAD is a floor, not a setting",
  ],
  [
    /^smtpd?_tls_(?:session_cache_\w+|received_header|note_starttls_offer|ask_ccert|req_ccert|CApath|CAfile|fingerprint_digest|always_issue_session_tickets)$|^smtp_tls_(?:connection_reuse|dane_\w+)$/,
    "default",
    "sessions, trace headers and the public authorities are handled without a setting",
  ],
  [
    /^smtp_(?:use_tls|enforce_tls|tls_security_level|tls_wrappermode)$/,
    "changed-for-safety",
    "TLS is used wherever it is offered, and demanded of next hops that get a password",
  ],
  [
    /^(?:smtp|lmtp)_tls_policy_maps$|^smtp_tls_per_site$/,
    "not-carried-over",
    "policies of single domains come from themselves (MTA-STS, DANE); next hops have their own tls",
  ],
  [
    /^smtpd_sasl_(?:auth_enable|type|path|local_domain|authenticated_header|exceptions_networks|service)$/,
    "changed-for-safety",
    "users log in on 465 and 587 with the accounts of this server, never on 25",
  ],
  [
    /^smtp_sasl_\w+$/,
    "default",
    "the login of a next hop stands beside it; the mechanism is agreed with the host",
  ],
  [
    /^smtpd_sender_login_maps$/,
    "changed-for-safety",
    "a sender may only use addresses that lead to his account; it is not a table",
  ],
  [
    /^(?:\w+_)?milter\w*$|^(?:non_)?smtpd_milters$|^content_filter$|^receive_override_options$|^internal_mail_filter_classes$/,
    "not-carried-over",
    "signing, checking and filtering are built in; no milter or filter is called",
  ],
  [
    /^(?:smtp_|mime_|nested_)?(?:header|body)_checks$|^smtp_generic_maps$|^(?:sender|recipient)?_?canonical_\w+$|^masquerade_\w+$/,
    "not-carried-over",
    "a message is stored byte for byte as received; nothing in it is rewritten",
  ],
  [
    /^(?:sender|recipient)_(?:canonical|bcc)_\w+$|^always_bcc$|^always_add_missing_headers$|^recipient_canonical_classes$/,
    "not-carried-over",
    "a message is stored byte for byte as received, and goes to its recipients alone",
  ],
  [
    /^(?:mailbox|virtual|local|fallback|default|relay)_(?:transport|command)(?:_maps)?$|^mailbox_command_maps$|^(?:home_mailbox|mail_spool_directory|forward_path|fallback_transport|luser_relay)$/,
    "changed-for-safety",
    "mail for our mailboxes goes into our store; no program, no other server takes it",
  ],
  [
    /^virtual_(?:mailbox_base|uid_maps|gid_maps|minimum_uid|mailbox_limit|mailbox_lock|mailbox_extended)$|^mailbox_size_limit$|^mailbox_delivery_lock$/,
    "default",
    "mailboxes are rows of the store; quotas belong to accounts",
  ],
  [
    /^local_recipient_maps$|^relay_recipient_maps$/,
    "changed-for-safety",
    "unknown recipients are refused at RCPT, always",
  ],
  [
    /^\w+_reject_code$|^\w+_(?:tempfail_action|reject_reason|reply_maps|defer_code)$|^reject_code$|^defer_code$|^rbl_reply_maps$|^default_rbl_reply$|^smtpd_reject_footer\w*$/,
    "default",
    "replies have codes and words of their own, with the id under which `explain` tells more",
  ],
  [
    /^smtpd_(?:client_\w+_rate_limit|client_\w+_limit|client_event_limit_exceptions|hard_error_limit|soft_error_limit|junk_command_limit|error_sleep_time|recipient_limit|recipient_overshoot_limit|timeout|starttls_timeout|per_record_deadline|per_request_deadline|min_data_rate)$|^anvil_\w+$|^line_length_limit$|^header_\w+_limit$|^default_process_limit$|^in_flow_delay$/,
    "default",
    "has a fixed number here, with its reason in limits.ts",
  ],
  [
    /^(?:\w+_)?destination_(?:recipient_limit|concurrency_\w+|rate_delay|recipient_refill_\w+)$|^qmgr_\w+$|^(?:initial|default)_destination_\w+$|^queue_run_delay$|^bounce_queue_lifetime$|^queue_minfree$|^bounce_\w+$|^notify_classes$|^\w+_notice_recipient$|^double_bounce_sender$|^confirm_delay_cleared$|^smtp_(?:connection|connect|helo|mail|rcpt|data|quit|destination|skip|host|dns|address|randomize|mx|pix|defer|line|per|always|never|balance|cname)\w*$|^lmtp_\w+$/,
    "default",
    "the queue has figures and manners of its own (RFC 5321 §4.5.4)",
  ],
  [
    /^postscreen_\w+$/,
    "default",
    "what postscreen does before the greeting is done by the listener, with its own figures",
  ],
  [
    /^smtpd_discard_ehlo_\w+$|^smtputf8_\w+$|^(?:enable|strict)_\w+$|^disable_\w+$|^smtpd_noop_commands$/,
    "default",
    "extensions are offered alike to everyone",
  ],
  [
    /^smtpd_(?:proxy|authorized|upstream)_\w+$/,
    "not-carried-over",
    "PROXY and XCLIENT are opened by listeners.smtp.proxy_from and xclient_from, address by address",
  ],
  [
    /^smtpd_peername_lookup$|^smtpd_client_port_logging$/,
    "default",
    "every client's name is looked up and verified",
  ],
  [/^sender_dependent_\w+$/, "not-carried-over", "a next hop depends on the recipient's domain alone"],
  [
    /^(?:address_verify|verp|authorized|multi|stress|owner_request|expand_owner|export|import|resolve|show_user|parent_domain|proxy_|backwards|inet_|undisclosed|unknown_|unverified_|permit_|propagate_|rewrite_|remote_header|relocated_maps|virtual_alias_\w+_limit|duplicate_filter_limit|frozen_delivered_to|prepend_delivered_header|local_header_rewrite_clients|local_command_shell|allow_mail_to_)\w*$/,
    "not-carried-over",
    "there is no such thing here",
  ],
  [/_time_limit$/, "default", "a limit of one of Postfix's services"],
];

/** The fate of a setting by its name; undefined for a name nothing is known of. */
export function fateOf(setting: string): Note | undefined {
  const fate = FATES.find(([names]) => names.test(setting));
  return fate === undefined ? undefined : [fate[1], "", fate[2]];
}
