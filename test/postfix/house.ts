import type { Sources } from "../../src/postfix/sources.ts";

/** Files in memory by the path that names them. */
export function sourcesOf(files: Readonly<Record<string, string>>): Sources {
  return {
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    list: () => Object.keys(files),
  };
}

/** A small but whole Postfix with dovecot: what `import.test.ts` carries over. */
export const HOUSE: Readonly<Record<string, string>> = {
  "main.cf": `
myhostname = mail.example.org
mydomain = example.org
myorigin = $mydomain
mydestination = $myhostname, $mydomain, localhost
mynetworks = 127.0.0.0/8 [::1]/128 192.0.2.0/28 10.0.0.0/8
inet_interfaces = 192.0.2.1, [2001:db8::1]
virtual_mailbox_domains = example.net
virtual_mailbox_maps = hash:/etc/postfix/mailboxes
virtual_alias_maps = hash:/etc/postfix/virtual, mysql:/etc/postfix/sql.cf
alias_maps = hash:/etc/aliases
transport_maps = lmdb:/etc/postfix/transport
relayhost = [smtp.example.com]:587
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd
smtp_tls_security_level = may
message_size_limit = 0
maximal_queue_lifetime = 40d
delay_warning_time = 4
minimal_backoff_time = soon
smtpd_tls_cert_file = /etc/ssl/mail.pem
smtpd_tls_key_file = $smtpd_tls_cert_file
smtpd_restriction_classes = strict
strict = reject_unknown_client_hostname, reject
smtpd_client_restrictions = permit_mynetworks,
  check_client_access cidr:/etc/postfix/clients,
  check_policy_service unix:private/spf,
  warn_if_reject reject_rbl_client dnsbl.sorbs.net,
  reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]
smtpd_recipient_restrictions = check_recipient_access hash:/etc/postfix/clients,
  reject_unauth_destination, strict
soft_bounce = no
soft_bounce = yes
home_made = 7
`,
  "master.cf": `
smtp inet n - y - - smtpd
submission inet n - y - - smtpd
  -o smtpd_sasl_auth_enable=yes
2525 inet n - y - - smtpd
cleanup unix n - y - 0 cleanup
spam unix - n n - - pipe
  flags=R argv=/usr/bin/spamc
`,
  "/etc/postfix/mailboxes":
    "anna@example.net anna/\n@example.net all/\nB+x@example.net b/\nbert@Example.NET bert/\n",
  "/etc/postfix/virtual":
    "alias.example anything\ninfo@alias.example anna@example.net, bert@example.net\n@example.net anna@example.net\nanna@example.net anna@example.net\nx@foreign.example anna\n",
  "/etc/aliases":
    'postmaster: root\nroot: anna@example.net\nstaff: :include:/etc/staff\nrun: "|/bin/true", anna@example.net\nfile: /var/x\n',
  "/etc/staff": "# us\nanna@example.net\nbert@example.net, c@far.example\n",
  "/etc/postfix/transport":
    "far.example smtp:[mx.far.example]\n.far.example relay:other.example:2525\nbox.example lmtp:unix:/run/lmtp\ndrop.example discard:\nuser@x.example smtp:[y.example]\nok.example :\n",
  "/etc/postfix/sasl_passwd": "[smtp.example.com]:587 joe:pa:ss\n",
  "/etc/postfix/clients": "192.0.2.77 REJECT\n",
  "/etc/dovecot/conf.d/auth-passwdfile.conf.ext":
    "passdb {\n driver = passwd-file\n args = scheme=CRYPT username_format=%u /etc/dovecot/mailusers\n}\n",
  "/etc/dovecot/mailusers":
    "anna@example.net:{SHA512-CRYPT}$6$salt$hash::::\nbert@example.net:{PLAIN}secret::::\nnew@example.net:::::\n",
};
