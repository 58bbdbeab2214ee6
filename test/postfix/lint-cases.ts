/** Postfix configurations that are wrong in one way each, with what the lint calls it. */

/** A Postfix without fault; each case adds to it. */
export const CLEAN = `
compatibility_level = 3.11
mynetworks = 127.0.0.0/8 [::1]/128
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_forbid_bare_newline = normalize
smtpd_helo_required = yes
disable_vrfy_command = yes
smtpd_client_connection_rate_limit = 60
`;

const OPEN = "smtpd_relay_restrictions = permit_mynetworks\n";
/** What is added to it, and what the lint then says. */
export const LINT_CASES: readonly (readonly [main: string, want: readonly string[]])[] = [
  ["", []],
  [OPEN, ["open-relay danger"]],
  [
    `${OPEN}smtpd_recipient_restrictions = permit_mynetworks, permit, reject_unauth_destination`,
    ["open-relay danger", "unreachable-rule warning"],
  ],
  [
    `${OPEN}smtpd_recipient_restrictions = warn_if_reject reject_unauth_destination`,
    ["open-relay danger", "only-logged hint"],
  ],
  [`${OPEN}smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination`, []],
  [
    `${OPEN}smtpd_recipient_restrictions = check_sender_access texthash:/x, reject_unauth_destination`,
    ["table-before-relay-control warning"],
  ],
  ["smtpd_relay_restrictions = permit_mx_backup, reject", ["permit-mx-backup warning"]],
  ["relay_domains = *", ["relay-domains-everything danger"]],
  ["mynetworks = 0.0.0.0/0", ["set-twice warning", "mynetworks-wide danger"]],
  [
    "mynetworks = 10.0.0.0/8, [2001:db8::]/32",
    ["set-twice warning", "mynetworks-wide warning", "mynetworks-wide warning"],
  ],
  ["mynetworks = 192.0.2.0/24 [::ffff:127.0.0.0]/104", ["set-twice warning"]],
  ["local_recipient_maps =", ["unknown-recipients-accepted warning"]],
  ["smtpd_tls_protocols = !SSLv2, !SSLv3", ["tls-old-versions warning"]],
  ["smtpd_tls_protocols = TLSv1.2 TLSv1.3", []],
  ["smtpd_tls_protocols = >=TLSv1.2", []],
  ["smtp_tls_mandatory_protocols = >=TLSv1.1", ["tls-old-versions warning"]],
  ["smtpd_tls_ciphers = export", ["tls-weak-ciphers warning"]],
  ["smtpd_tls_security_level = none", ["set-twice warning", "tls-not-offered warning"]],
  ["smtp_tls_security_level = none", ["tls-not-used warning"]],
  ["smtpd_sasl_auth_enable = yes\nsmtpd_sender_restrictions = reject_sender_login_mismatch", []],
  ["smtpd_sasl_auth_enable = yes", ["sender-not-owned warning"]],
  [
    "smtpd_tls_auth_only = no\nsmtpd_sasl_auth_enable = yes\nsmtpd_sender_restrictions = reject_sender_login_mismatch",
    ["set-twice warning", "auth-without-tls danger"],
  ],
  ["smtp_sasl_auth_enable = yes", ["relay-password-without-tls warning"]],
  ["smtp_sasl_auth_enable = yes\nsmtp_tls_security_level = secure", []],
  ["smtpd_client_restrictions = reject_rbl_client ix.dnsbl.manitu.net", ["dead-zone warning"]],
  ["smtpd_client_restrictions = reject_rbl_client spam.dnsbl.sorbs.net=127.0.0.6", ["dead-zone warning"]],
  ["postscreen_dnsbl_sites = dnsbl.sorbs.net*2", ["dead-zone warning"]],
  ["smtpd_client_restrictions = permit_dnswl_client list.dnswl.org", ["dnswl-unfiltered warning"]],
  ["smtpd_client_restrictions = permit_dnswl_client list.dnswl.org=127.0.[0..9].[1..3]", []],
  ["smtpd_client_restrictions = permit, reject", ["unreachable-rule warning"]],
  ["smtpd_client_restrictions = reject_everything", ["unknown-restriction warning"]],
  ["smtpd_client_restrictions = reject_rbl_client", ["argument-missing warning"]],
  [
    "smtpd_client_restrictions = mine\nsmtpd_restriction_classes = mine\nmine = reject_unknown_client",
    ["old-name hint"],
  ],
  ["smtpd_forbid_bare_newline = no", ["set-twice warning", "smuggling-bare-newline danger"]],
  ["smtpd_forbid_unauth_pipelining = no", ["unauth-pipelining warning"]],
  ["soft_bounce = yes", ["soft-bounce warning"]],
  ["message_size_limit = 0", ["no-size-limit warning"]],
  [
    "smtpd_helo_required = no\nsmtpd_helo_restrictions = reject_invalid_helo_hostname",
    ["set-twice warning", "helo-not-required warning"],
  ],
  ["smtpd_client_event_limit_exceptions = static:all", ["no-connection-limit warning"]],
  ["smtpd_client_connection_count_limit = 0", ["no-connection-limit warning"]],
  ["smtpd_client_connection_rate_limit = 0", ["no-rate-limit hint", "set-twice warning"]],
  ["smtpd_delay_reject = no", ["early-reject hint"]],
  ["smtpd_reject_unlisted_recipient = no", ["unknown-recipients-accepted warning"]],
  ["luser_relay = all@example.org", ["unknown-recipients-accepted warning"]],
  ["disable_vrfy_command = no", ["set-twice warning", "vrfy hint"]],
  ["x = $nowhere", ["undefined-name hint"]],
  ["tls_high_cipherlist = ALL:RC4:MD5", ["tls-weak-ciphers warning"]],
  ["smtpd_tls_cert_file = /etc/ssl/certs/ssl-cert-snakeoil.pem", ["tls-certificate-of-nobody warning"]],
  [
    "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_security_options = noplaintext\nsmtpd_sender_restrictions = reject_sender_login_mismatch",
    ["auth-anonymous danger"],
  ],
  ["postscreen_dnsbl_sites = bl.example.net*2", ["rbl-unfiltered hint"]],
  ["smtpd_client_restrictions = reject_rbl_client bl.example.net", ["rbl-unfiltered hint"]],
  ["smtpd_client_restrictions = reject_rbl_client b.barracudacentral.org=127.0.0.2", ["zone-needs hint"]],
  [
    "smtpd_client_restrictions = reject_unknown_client_hostname, reject_unknown_client_hostname",
    ["repeated-rule hint"],
  ],
  ["smtpd_client_restrictions = check_client_access hash:/x", ["berkeley-db hint"]],
  ["junk", ["syntax warning"]],
  ["x = ${y", ["syntax warning"]],
];
