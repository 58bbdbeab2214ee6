/**
 * Published holes of mail servers, 2023 to 2026, and which attack tries each of them here; where none does, why not.
 * Of older ones and of other software those that the same attacks are about. Read at the vendors' advisories.
 */
export type Advisory = {
  readonly id: string;
  readonly product: string;
  readonly about: string;
} & ({ readonly tried: readonly string[] } | { readonly notHere: string });

const tried = (id: string, product: string, about: string, ...checks: readonly string[]): Advisory => ({
  id,
  product,
  about,
  tried: checks,
});
const notHere = (id: string, product: string, about: string, reason: string): Advisory => ({
  id,
  product,
  about,
  notHere: reason,
});

const NO_MANAGESIEVE = "ManageSieve is not served";
const NO_CODE = "a defect of memory handling in C in a part that has no counterpart here";

export const ADVISORIES: readonly Advisory[] = [
  // Postfix
  tried("CVE-2023-51764", "Postfix", "SMTP smuggling by LF.CRLF and its kin", "smuggling", "stray-octets"),
  tried(
    "Postfix 3.11.6: end of data",
    "Postfix",
    "RCPT and DATA without MAIL after a message refused at its end",
    "refused-message-state",
    "refused-message-end",
  ),
  tried("Postfix 3.11.6: tiny BDAT", "Postfix", "memory grows with thousands of tiny chunks", "bdat-chunks"),
  tried("Postfix 3.11.6: BDAT error", "Postfix", "DATA without MAIL after a refused chunk", "bdat-reset"),
  tried("Postfix 3.11.6: ETRN", "Postfix", "ETRN searches the queue", "foreign-commands"),
  tried(
    "Postfix 3.11.6: PROXY",
    "Postfix",
    "PROXY protocol reads memory that is not its own",
    "proxy-header",
  ),
  notHere(
    "Postfix 3.11.6: the rest",
    "Postfix",
    "address verification cache, Dovecot AUTH, postscreen, DNS over-read, local programs, queue files",
    NO_CODE,
  ),
  tried(
    "Postfix 3.11.4: large inputs",
    "Postfix",
    "command lines and chunks of any size are read",
    "command-length",
    "bdat-size",
  ),
  notHere(
    "Postfix 3.11.4: TLSA",
    "Postfix",
    "TLSA records that are too short",
    "comes from the DNS, not through a listener; the parser here has its own tests (src/tls/dane.test.ts)",
  ),
  tried(
    "Postfix 3.11.7: smuggling",
    "Postfix",
    "stray CR and LF through a filter",
    "smuggling",
    "stray-octets",
  ),
  tried(
    "Postfix 3.11.7: UTF-8 address",
    "Postfix",
    "DATA without MAIL after an address in UTF-8 was refused",
    "utf8-address",
  ),
  notHere(
    "Postfix 3.11.7: tickets",
    "Postfix",
    "TLS tickets of one service are good at another",
    "each service has keys of its own here (src/tls/contexts.ts); the attack keeps no tickets",
  ),
  notHere(
    "Postfix 3.11.7: the rest",
    "Postfix",
    "MySQL, pipe(8), Milter, replies of other servers, local programs",
    NO_CODE,
  ),
  notHere(
    "CVE-2026-43964",
    "Postfix",
    "over-read of a status code without text, from the operator's own tables",
    "tables of ours are checked when they are read, and no listener takes such a code",
  ),
  // Exim
  tried("CVE-2023-51766", "Exim", "SMTP smuggling", "smuggling", "stray-octets"),
  tried(
    "EXIM-Security-2026-09-12.4",
    "Exim",
    "smuggling behind a message refused while it is sent (GCVE-25-2026-09-56-1)",
    "refused-message-end",
  ),
  tried("CVE-2023-42114", "Exim", "NTLM challenge out of bounds", "sasl-mechanisms", "sasl-length"),
  tried("CVE-2023-42115", "Exim", "AUTH EXTERNAL out of bounds", "sasl-mechanisms", "foreign-commands"),
  tried("CVE-2023-42116", "Exim", "SPA/NTLM response overflow", "sasl-mechanisms", "sasl-length"),
  tried("CVE-2023-42117", "Exim", "PROXY protocol parsed out of bounds", "proxy-header"),
  notHere(
    "CVE-2023-42118",
    "Exim",
    "libspf2: SPF record from the DNS",
    "comes from the DNS, not through a listener; SPF here has its own parser and fuzz",
  ),
  notHere(
    "CVE-2023-42119",
    "Exim",
    "dnsdb look-up out of bounds",
    "comes from the DNS, not through a listener",
  ),
  tried(
    "CVE-2024-39929",
    "Exim",
    "attachment names in RFC 2231 pieces over several lines hide their ending",
    "mime-parameters",
  ),
  tried("CVE-2025-26794", "Exim", "SQL through ETRN", "foreign-commands", "lookup-injection"),
  tried("Exim 4.99.1", "Exim", "the same through sender addresses", "lookup-injection"),
  notHere("CVE-2025-30232", "Exim", "use after free for local users", NO_CODE),
  tried(
    "EXIM-Security-2026-05-01.1",
    "Exim",
    "BDAT and the end of TLS",
    "bdat-smuggling",
    "bdat-reset",
    "starttls-injection",
  ),
  tried("CVE-2026-40687", "Exim", "SPA (NTLM) authenticator out of bounds", "sasl-mechanisms"),
  notHere("CVE-2026-40684", "Exim", "DNS data and musl", "comes from the DNS, not through a listener"),
  notHere(
    "CVE-2026-40685",
    "Exim",
    "JSON in a header, expanded by the configuration",
    "no configuration of ours is expanded with mail",
  ),
  tried("CVE-2026-40686", "Exim", "malformed UTF-8 in headers", "header-prototype"),
  tried("CVE-2026-48840", "Exim", "PROXY protocol tells memory", "proxy-header"),
  tried(
    "EXIM-Security-2026-09-12.1",
    "Exim",
    "PROXY v1 out of bounds (GCVE-25-2026-09-50-1)",
    "proxy-header",
  ),
  tried("EXIM-Security-2026-09-12.2", "Exim", "PROXY v2 tells memory (GCVE-25-2026-09-55-1)", "proxy-header"),
  notHere("EXIM-Security-2026-09-12.3", "Exim", "GnuTLS use after free with an early banner", NO_CODE),
  // Sendmail, for completeness of smuggling
  tried("CVE-2023-51765", "Sendmail", "SMTP smuggling", "smuggling", "stray-octets"),
  // Dovecot
  tried("CVE-2024-23184", "Dovecot", "100,000 address fields take seconds", "header-fields"),
  tried("CVE-2024-23185", "Dovecot", "very large headers take memory", "header-size"),
  notHere(
    "CVE-2025-30189",
    "Dovecot",
    "authentication cache gives one user's data to others",
    "needs two people's logins; the memory of logins here is keyed by the stored credential and tested (src/accounts/login-memory.test.ts)",
  ),
  tried("CVE-2025-59028", "Dovecot", "malformed base64 breaks other logins", "sasl-garbage"),
  notHere(
    "CVE-2025-59031",
    "Dovecot",
    "script that indexes OOXML follows symlinks",
    "attachments are not unpacked for the index",
  ),
  notHere("CVE-2025-59032", "Dovecot", "ManageSieve crashes over a literal", NO_MANAGESIEVE),
  tried("CVE-2026-0394", "Dovecot", "path in the domain of a login name", "login-injection"),
  tried("CVE-2026-24031", "Dovecot", "SQL in a login name", "login-injection"),
  tried("CVE-2026-27851", "Dovecot", "SQL or LDAP through variables in a login name", "login-injection"),
  tried("CVE-2026-27855", "Dovecot", "OTP replay", "sasl-mechanisms"),
  notHere(
    "CVE-2026-27856",
    "Dovecot",
    "doveadm password compared in varying time",
    "no administration is served over the network",
  ),
  tried(
    "CVE-2026-27857",
    "Dovecot",
    "thousands of brackets before the login take memory",
    "imap-parentheses",
    "imap-stranger-line",
  ),
  notHere("CVE-2026-27858", "Dovecot", "ManageSieve takes memory before the login", NO_MANAGESIEVE),
  tried("CVE-2026-27859", "Dovecot", "thousands of RFC 2231 parameters take seconds", "mime-parameters"),
  tried("CVE-2026-27860", "Dovecot", "LDAP filter in a login name", "login-injection"),
  tried("CVE-2026-33603", "Dovecot", "base64 with tabs forges channel binding", "sasl-base64"),
  notHere("CVE-2026-40016", "Dovecot", "Sieve scripts beyond their time", "users have no Sieve scripts"),
  notHere("CVE-2026-40020", "Dovecot", "SETACL for everybody", "mailboxes are not shared"),
  tried("CVE-2026-42006", "Dovecot", "open brackets, the other half of CVE-2026-27857", "imap-parentheses"),
  // Stalwart
  notHere(
    "CVE-2024-35179",
    "Stalwart",
    "root by RUN_AS_USER for who can already run code",
    "of its installation; ours runs as its own user and changes none",
  ),
  notHere(
    "CVE-2024-35187",
    "Stalwart",
    "files readable for an administrator by RUN_AS_USER",
    "of its installation",
  ),
  notHere(
    "CVE-2025-59045",
    "Stalwart",
    "CalDAV expands recurring events without a limit",
    "calendars are not served",
  ),
  tried(
    "CVE-2025-61600",
    "Stalwart",
    "IMAP parser takes memory before the login",
    "imap-stranger-literal",
    "imap-stranger-line",
    "imap-literal",
  ),
  tried(
    "CVE-2026-26312",
    "Stalwart",
    "malformed nested message/rfc822 takes memory without end",
    "mime-letters",
    "mime-depth",
  ),
  // Haraka
  tried(
    "CVE-2026-34752",
    "Haraka",
    "a header field named __proto__ ends the process",
    "header-prototype",
    "lookup-injection",
  ),
  tried(
    "CVE-2016-1000282",
    "Haraka",
    "names in attached archives run commands",
    "lookup-injection",
    "report-bomb",
  ),
  // James
  tried("CVE-2023-51747", "James", "SMTP smuggling", "smuggling", "stray-octets"),
  tried(
    "CVE-2024-21742",
    "James",
    "line ends in composed headers (Mime4J)",
    "parameter-injection",
    "stray-octets",
    "imap-name-injection",
  ),
  tried(
    "CVE-2024-37358",
    "James",
    "IMAP literals of any size, before the login and after",
    "imap-stranger-literal",
    "imap-literal",
  ),
  tried("CVE-2024-45626", "James", "HTML to text takes memory without end", "html-bomb"),
  notHere("CVE-2023-26269", "James", "JMX without a password", "no such door"),
  notHere("CVE-2023-51518", "James", "JMX takes foreign objects", "no such door"),
  notHere(
    "CVE-2022-45935",
    "James",
    "temporary files readable by others (published 2023)",
    "seen from this machine only: data-mode of wachpost doctor",
  ),
  notHere(
    "CVE-2022-45787",
    "James",
    "temporary files readable by others (published 2023)",
    "seen from this machine only: data-mode of wachpost doctor",
  ),
  tried("CVE-2022-28220", "James", "words behind STARTTLS", "starttls-injection"),
  // Others that the same attacks are about
  tried("CVE-2011-0411", "Postfix and many", "words behind STARTTLS", "starttls-injection"),
  tried("CVE-2021-38371", "Exim", "words behind STARTTLS", "starttls-injection"),
  tried("CVE-2024-34055", "Cyrus", "IMAP literals take memory", "imap-literal"),
  tried("CVE-2025-49812", "Apache httpd", "Opossum: TLS upgrade mixes sessions up", "web-upgrade"),
];

/** Published holes that an attack tries. */
export const advisoriesOf = (check: string): readonly string[] =>
  ADVISORIES.flatMap((one) => ("tried" in one && one.tried.includes(check) ? [one.id] : []));
