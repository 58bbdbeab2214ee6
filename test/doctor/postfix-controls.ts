/** Postfix configurations that are wrong in one way each (G-64). */
import type { Control } from "./zone-controls.ts";

export type PostfixControl = Control & { readonly name: string; readonly mainCf: string };

export const GOOD_MAIN_CF = `compatibility_level = 3.6
myhostname = mail.example.org
mydestination = example.org
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/ssl/mail.pem
smtpd_tls_key_file = /etc/ssl/mail.key
smtpd_tls_auth_only = yes
smtpd_helo_required = yes
disable_vrfy_command = yes
smtpd_forbid_bare_newline = normalize
smtp_tls_security_level = may
`;

export const POSTFIX_CONTROLS: readonly PostfixControl[] = [
  {
    name: "main.cf relays for everybody",
    check: "postfix",
    grade: "fail",
    note: "postfix-mynetworks-all",
    mainCf: GOOD_MAIN_CF.replace("mynetworks = 127.0.0.0/8", "mynetworks = 0.0.0.0/0"),
  },
  {
    name: "main.cf without TLS",
    check: "postfix",
    grade: "warn",
    note: "postfix-tls-not-offered",
    mainCf: GOOD_MAIN_CF.replace("smtpd_tls_security_level = may", "smtpd_tls_security_level = none"),
  },
];
