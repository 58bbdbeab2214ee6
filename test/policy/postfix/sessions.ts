/** Random rules and sessions that mean the same to Postfix and to us. */
import fc from "fast-check";
import type { TableKind } from "../../../src/policy/tables.ts";

export const DOMAIN = "example.org";
export const USERS = ["you@example.org", "me@example.org", "list@example.org"];
export const NETWORKS = "127.0.0.0/8 192.0.2.0/28";

export const CLASSES: Readonly<Record<string, string>> = {
  strict: "reject_non_fqdn_sender, reject_unknown_helo_hostname",
  lax: "permit_mynetworks, check_helo_access hash:helos, dunno_class",
  dunno_class: "reject_unauth_destination",
};

/** Address codes of RFC 3463 §3.2, which mean another thing for senders than for recipients. */
const DETAILS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

export const TABLES: Readonly<Record<string, { readonly kind: TableKind; readonly text: string }>> = {
  clients: {
    kind: "indexed",
    text: `192.0.2.2 REJECT
192.0.2.3 OK
198.51 REJECT 5.7.2 a whole net
203.0.113 DUNNO
bad.example.net 554 no
good.example.net OK
later.example.net DEFER come back
soon.example.net 450 4.7.9 not now
maybe.example.net DEFER_IF_PERMIT
hardly.example.net DEFER_IF_REJECT 4.7.3 perhaps
rules.example.net reject_non_fqdn_sender, permit
class.example.net strict
number.example.net 550
digits.example.net 12345
warn.example.net WARN seen
info.example.net INFO seen
milder.example.net DEFER_IF_PERMIT 4.7.2 perhaps later
code.example.net 450 no enhanced code
net REJECT 5.7.8 a top level
`,
  },
  helos: {
    kind: "indexed",
    text: "example.com REJECT 5.7.4 no\nmx.example.com DUNNO\nlocalhost 501 not you\n192.0.2.99 OK\nshort strict\n",
  },
  senders: {
    kind: "indexed",
    text: `<> DUNNO
pest@example.com REJECT 5.1.1 unknown
spam.example.com REJECT
user@example.com DEFER_IF_PERMIT 4.1.7 moved
user+tag@example.com DUNNO
info@ 553 5.1.8 no info
x@a.example.com OK
${DETAILS.map((detail) => `code${detail}@ REJECT 5.1.${detail} code\n`).join("")}`,
  },
  recipients: {
    kind: "indexed",
    text: "you@example.org DUNNO\nme@example.org permit_mynetworks, strict\nlist@ REJECT 5.2.1 closed\nexample.org DUNNO\n",
  },
  servers: {
    kind: "indexed",
    text: "192.0.2.67 REJECT mx\nns.bad.example REJECT ns\n192.0.2.66 450 address\nmx.slow.example DEFER_IF_PERMIT\n",
  },
  networks: {
    kind: "cidr",
    text: "192.0.2.4/31 REJECT pair\n203.0.113.7 DUNNO\n203.0.113.0/24 550 5.7.1 listed\n!0.0.0.0/0 REJECT\n",
  },
  patterns: {
    kind: "pattern",
    text: `/^(dyn|dial)[0-9-]+\\./ REJECT dial-up: $1
if /\\.net$/
!/^(mx|mail|bad|good)/ 450 4.7.1 only exchangers
endif
/^(.*)@spam\\.(.*)$/ REJECT $1 at $2
/^pest/i OK
`,
  },
};

export const ZONE = `
mx.example.com A 192.0.2.10
mx.example.com AAAA 2001:db8::10
example.com MX 10 mx.example.com
example.com NS ns.example.com
ns.example.com A 192.0.2.11
mail.example.org A 192.0.2.25
a.example.com A 192.0.2.12
spam.example.com MX 10 mx.bad.example
mx.bad.example A 192.0.2.67
null.example.com MX 0 .
org NS ns.bad.example
txt.example.com TXT words
broken.example.com SERVFAIL
slow.example.com MX 10 mx.slow.example
mx.slow.example A 192.0.2.13
bad.example.net A 192.0.2.66
bad.example.net NS ns.bad.example
ns.bad.example A 192.0.2.68
good.example.net A 192.0.2.3
2.2.0.192.bl.example.net A 127.0.0.2
2.2.0.192.bl.example.net TXT listed for a reason
4.2.0.192.bl.example.net A 127.0.0.9
5.2.0.192.bl.example.net SERVFAIL
7.113.0.203.bl.example.net A 127.0.0.5
9.100.51.198.bl.example.net A 127.0.0.2
3.2.0.192.wl.example.net A 127.0.0.2
2.2.0.192.wl.example.net SERVFAIL
7.113.0.203.wl.example.net A 127.0.5.3
bad.example.net.dbl.example.net A 127.0.1.2
spam.example.com.dbl.example.net A 127.0.1.3
mx.example.com.dbl.example.net A 127.0.1.99
example.net.dbl.example.net SERVFAIL
40.2.0.192.zen.spamhaus.org A 127.0.0.4
40.2.0.192.zen.spamhaus.org TXT see https://check.spamhaus.org/
8.113.0.203.zen.spamhaus.org A 127.0.0.11
8.113.0.203.list.dnswl.org A 127.0.5.2
9.100.51.198.list.dnswl.org SERVFAIL
9.100.51.198.psbl.surriel.com A 127.0.0.2
7.113.0.203.bl.spamcop.net SERVFAIL
7.113.0.203.dyna.spamrats.com A 127.0.0.36
`;

/** Postfix wants it in one of two lists; where it is the first rule, a permit behind it opens nothing to strangers. */
export const RELAY = "reject_unauth_destination";

/** The sample of the brief, with the tables that are here. */
export const SAMPLE: Rules = {
  client: "",
  helo: "",
  sender:
    "permit_mynetworks, permit_sasl_authenticated, reject_unknown_sender_domain, reject_non_fqdn_sender",
  relay: RELAY,
  recipient: `permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, reject_unauth_pipelining,
    check_client_access hash:clients, check_sender_access hash:senders, reject_unknown_helo_hostname,
    reject_invalid_hostname, reject_non_fqdn_hostname, reject_non_fqdn_recipient, permit_dnswl_client list.dnswl.org,
    reject_rbl_client ix.dnsbl.manitu.net, reject_rbl_client zen.spamhaus.org, reject_rbl_client b.barracudacentral.org,
    reject_rbl_client bl.spamcop.net, reject_rbl_client psbl.surriel.com, reject_rbl_client noptr.spamrats.com,
    reject_rbl_client dyna.spamrats.com, reject_rbl_client dnsbl.sorbs.net`,
  data: "",
};

const plain = fc.constantFrom(
  "permit_mynetworks",
  "permit_auth_destination",
  "reject_unauth_destination",
  "defer_unauth_destination",
  "reject_unknown_client_hostname",
  "reject_unknown_reverse_client_hostname",
  "permit_sasl_authenticated",
  "reject_invalid_helo_hostname",
  "reject_non_fqdn_helo_hostname",
  "reject_unknown_helo_hostname",
  "reject_invalid_hostname",
  "reject_non_fqdn_hostname",
  "reject_unknown_hostname",
  "reject_non_fqdn_sender",
  "reject_unknown_sender_domain",
  "reject_non_fqdn_recipient",
  "reject_unknown_recipient_domain",
  "reject_unlisted_sender",
  "reject_unlisted_recipient",
  "reject_multi_recipient_bounce",
  "reject_plaintext_session",
  "reject_unauth_pipelining",
  "strict",
  "lax",
);
const ending = fc.constantFrom("permit", "reject", "defer", "defer_if_permit", "defer_if_reject");
const listed = fc
  .tuple(
    fc.constantFrom("reject_rbl_client", "permit_dnswl_client"),
    fc.constantFrom(
      "bl.example.net",
      "bl.example.net=127.0.0.[2..5]",
      "wl.example.net=127.0.[0..255].[2;3]",
      "wl.example.net",
    ),
  )
  .map((words) => words.join(" "));
const domains = fc
  .tuple(
    fc.constantFrom(
      "reject_rhsbl_client",
      "reject_rhsbl_reverse_client",
      "reject_rhsbl_helo",
      "reject_rhsbl_sender",
      "reject_rhsbl_recipient",
      "permit_rhswl_client",
    ),
    fc.constantFrom("dbl.example.net", "dbl.example.net=127.0.1.[2..50]"),
  )
  .map((words) => words.join(" "));
const access = fc
  .tuple(
    fc.constantFrom(
      ["check_client_access", "hash:clients"],
      ["check_reverse_client_hostname_access", "hash:clients"],
      ["check_helo_access", "hash:helos"],
      ["check_sender_access", "hash:senders"],
      ["check_recipient_access", "hash:recipients"],
      ["check_client_access", "cidr:networks"],
    ),
    fc.constantFrom("", "", "regexp:patterns"),
  )
  .map(([[check, table], other]) => `${check} ${other === "" ? table : other}`);
const servers = fc
  .tuple(
    fc.constantFrom("client", "reverse_client_hostname", "helo", "sender", "recipient"),
    fc.constantFrom("a", "mx", "ns"),
    fc.constantFrom("hash:servers", "hash:servers", "hash:clients", "cidr:networks", "regexp:patterns"),
  )
  .map(([who, type, table]) => `check_${who}_${type}_access ${table}`);
const rule = fc.oneof(
  { weight: 8, arbitrary: plain },
  { weight: 2, arbitrary: ending },
  { weight: 3, arbitrary: listed },
  { weight: 2, arbitrary: domains },
  { weight: 5, arbitrary: access },
  { weight: 3, arbitrary: servers },
);
const maybeShadow = fc
  .tuple(fc.boolean(), fc.boolean(), rule)
  .map(([a, b, text]) => (a && b ? `warn_if_reject ${text}` : text));
const list = fc.array(maybeShadow, { maxLength: 4 }).map((rules) => rules.join(", "));

export type Rules = Readonly<Record<"client" | "helo" | "sender" | "relay" | "recipient" | "data", string>>;
export const randomRules: fc.Arbitrary<Rules> = fc.record({
  client: list,
  helo: list,
  sender: list,
  relay: fc.array(maybeShadow, { maxLength: 2 }).map((rules) => [RELAY, ...rules].join(", ")),
  recipient: fc.array(maybeShadow, { minLength: 1, maxLength: 6 }).map((rules) => rules.join(", ")),
  data: fc.constantFrom(
    "",
    "",
    "reject_multi_recipient_bounce",
    "permit_mynetworks, defer",
    "warn_if_reject reject",
    "reject_unauth_pipelining, check_sender_mx_access hash:servers",
  ),
});

const host = fc.constantFrom(
  "mx.example.com",
  "bad.example.net",
  "good.example.net",
  "later.example.net",
  "soon.example.net",
  "maybe.example.net",
  "hardly.example.net",
  "rules.example.net",
  "class.example.net",
  "number.example.net",
  "digits.example.net",
  "warn.example.net",
  "info.example.net",
  "milder.example.net",
  "code.example.net",
  "LATER.Example.NET",
  "dial-17.example.com",
  "web.example.net",
);
export type Session = {
  readonly address: string;
  /** Confirmed, only reverse, none, or not learned. */
  readonly named: "ok" | "reverse" | "none" | "tempfail";
  readonly name: string;
  readonly helo: string;
  readonly sender: string;
  readonly recipients: readonly string[];
};
const ADDRESSES = [
  "192.0.2.1",
  "192.0.2.2",
  "192.0.2.3",
  "192.0.2.4",
  "192.0.2.5",
  "192.0.2.40",
  "198.51.100.9",
  "203.0.113.7",
  "203.0.113.8",
  "127.0.0.1",
];

/** A client without fault but for its address: what lists and tables say of that comes to the fore. */
export const cleanSessions: readonly Session[] = ADDRESSES.map((address) => ({
  address,
  named: "ok",
  name: "mx.example.com",
  helo: "mx.example.com",
  sender: "x@example.com",
  recipients: ["you@example.org", "nobody@example.org"],
}));

export const randomSession: fc.Arbitrary<Session> = fc.record({
  address: fc.constantFrom(...ADDRESSES),
  named: fc.constantFrom("ok", "ok", "ok", "reverse", "none", "tempfail"),
  name: host,
  helo: fc.oneof(
    host,
    fc.constantFrom(
      "localhost",
      "short",
      "[192.0.2.1]",
      "[300.1.1.1]",
      "[nonsense]",
      "192.0.2.99",
      "a..b",
      "-x.example.com",
      "absent.example.com",
      "broken.example.com",
      "txt.example.com",
      "mx.example.com.",
      "foo_bar.example.com",
      "12345",
    ),
  ),
  sender: fc.constantFrom(
    "",
    "x@example.com",
    "pest@example.com",
    "user+tag@example.com",
    "user+other@example.com",
    "PEST@Example.COM",
    "X@Bad.Example.Net",
    "x@sub.bad.example.net",
    "info@anywhere.example",
    "y@spam.example.com",
    "z@sub.spam.example.com",
    "x@a.example.com",
    "x@null.example.com",
    "x@txt.example.com",
    "x@absent.example",
    "x@broken.example.com",
    "x@slow.example.com",
    "x@hardly.example.net",
    "x@absent.example.org",
    "x@localhost",
    "x",
    "you@example.org",
    "nobody@example.org",
    "x@[192.0.2.67]",
    ...DETAILS.map((detail) => `code${detail}@example.com`),
  ),
  recipients: fc.array(
    fc.constantFrom(
      "you@example.org",
      "me@example.org",
      "list@example.org",
      "you+tag@example.org",
      "YOU@Example.ORG",
      "nobody@example.org",
      "a@elsewhere.example",
      "you%elsewhere.example@example.org",
    ),
    { minLength: 1, maxLength: 3 },
  ),
});
