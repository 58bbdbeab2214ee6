/** Zones that are wrong in one way each, with what the doctor has to say about it (G-64). */
import type { CheckId } from "../../src/doctor/checks.ts";
import type { Grade } from "../../src/doctor/finding.ts";
import type { NoteId } from "../../src/doctor/words/notes.ts";

export type Control = { readonly check: CheckId; readonly grade: Grade; readonly note: NoteId };
export type ZoneControl = Control & {
  readonly name: string;
  /** Lines of the good zone that begin like this are left out. */
  readonly without: readonly string[];
  readonly plus: readonly string[];
  /** Names a validating resolver finds unsigned. */
  readonly unsigned?: readonly string[];
  /** The resolver does not validate at all. */
  readonly blind?: boolean;
  /** Looked at as a stranger's domain with these selectors. */
  readonly foreign?: readonly string[];
  /** What mta-sts.example.org serves; no policy is a failure to fetch. */
  readonly policy?: string;
  /** How our addresses answer, and what this machine has itself. */
  readonly world?: { readonly banner?: string; readonly hasIpv6?: boolean; readonly behindRouter?: boolean };
  /** What the second name server has instead of a line of the zone. */
  readonly second?: readonly [line: string, instead: string];
};

const many = (count: number, of: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => of(i)).join(" ");
const SPF = ["example.org TXT"];
const HOST_SPF = "mail.example.org TXT";
const DMARC = ["_dmarc.example.org"];
const DKIM = ["ed._domainkey"];
const row = (
  name: string,
  check: CheckId,
  grade: Grade,
  note: NoteId,
  without: readonly string[],
  plus: readonly string[],
  more: Partial<ZoneControl> = {},
): ZoneControl => ({ name, check, grade, note, without, plus, ...more });
const spf = (
  name: string,
  check: CheckId,
  grade: Grade,
  note: NoteId,
  record: string,
  plus: readonly string[] = [],
) => row(name, check, grade, note, SPF, [`example.org TXT ${record}`, ...plus]);
const dmarc = (name: string, check: CheckId, grade: Grade, note: NoteId, record: string) =>
  row(name, check, grade, note, DMARC, [`_dmarc.example.org TXT ${record}`]);

export const zoneControls = (rsa1024: string): readonly ZoneControl[] => [
  row("no MX", "mx-exists", "fail", "mx-missing", ["example.org MX"], []),
  row("the DNS fails", "mx-exists", "unknown", "dns-failed", ["example.org "], ["example.org SERVFAIL x"]),
  row("null MX", "mx-exists", "warn", "mx-null", ["example.org MX"], ["example.org MX 0 ."]),
  row("null MX and another", "mx-exists", "fail", "mx-null-and-more", [], ["example.org MX 0 ."]),
  row(
    "MX is an alias",
    "mx-no-alias",
    "fail",
    "mx-alias",
    ["mail.example.org"],
    ["mail.example.org CNAME other.example.org", "other.example.org A 93.184.216.34"],
  ),
  row("MX without address", "mx-address", "fail", "mx-no-address", ["mail.example.org A"], []),
  row(
    "MX is private",
    "mx-public",
    "fail",
    "mx-not-public",
    ["mail.example.org A "],
    ["mail.example.org A 10.1.2.3"],
  ),
  row(
    "MX of somebody else",
    "mx-ours",
    "fail",
    "mx-elsewhere",
    ["example.org MX"],
    ["example.org MX 10 mx.example.net", "mx.example.net A 93.184.216.34"],
  ),
  row("no A", "mx-address", "warn", "mx-no-ipv4", ["mail.example.org A "], []),
  row("nobody answers", "mx-reach", "fail", "mx-silent", [], [], { world: { banner: "closed" } }),
  row("somebody else answers", "mx-reach", "fail", "mx-stranger", [], [], {
    world: { banner: "220 mx.example.net ESMTP" },
  }),
  row("seen from behind a router", "mx-reach", "unknown", "mx-not-seen", [], [], {
    world: { banner: "closed", behindRouter: true },
  }),
  row("nobody answers", "mx-ipv6-reach", "fail", "mx-silent", [], [], { world: { banner: "closed" } }),
  row("no IPv6 here", "mx-ipv6-reach", "unknown", "no-ipv6-here", [], [], { world: { hasIpv6: false } }),
  row("no AAAA", "mx-ipv6", "warn", "mx-no-ipv6", ["mail.example.org AAAA"], []),
  row("one name server", "ns-count", "warn", "ns-few", ["example.org NS ns2"], []),
  row(
    "name servers without IPv6",
    "ns-ipv6",
    "warn",
    "ns-no-ipv6",
    ["ns1.example.net", "ns2.example.net"],
    [],
  ),
  row("unsigned domain", "dnssec-domain", "warn", "dnssec-off", [], [], { unsigned: ["example.org"] }),
  row("unsigned host", "dnssec-mx", "warn", "dnssec-off", [], [], { unsigned: ["mail.example.org"] }),
  row("blind resolver", "dnssec-domain", "unknown", "resolver-blind", [], [], { blind: true }),
  row("no CAA", "caa", "warn", "caa-missing", ["mail.example.org CAA"], []),
  row(
    "CAA without issue",
    "caa",
    "warn",
    "caa-no-issue",
    ["mail.example.org CAA"],
    ["mail.example.org CAA 0 iodef mailto:postmaster@example.org"],
  ),
  row(
    "CAA for another authority",
    "caa",
    "fail",
    "caa-forbids",
    ["mail.example.org CAA"],
    ["mail.example.org CAA 0 issue other.example"],
  ),
  row(
    "CAA for another account",
    "caa",
    "fail",
    "caa-other-account",
    ["mail.example.org CAA"],
    ["mail.example.org CAA 0 issue letsencrypt.org; accounturi=https://acme.example/acct/2"],
  ),
  row(
    "CAA for another proof",
    "caa",
    "fail",
    "caa-other-proof",
    ["mail.example.org CAA"],
    ["mail.example.org CAA 0 issue letsencrypt.org; validationmethods=dns-01,tls-alpn-01"],
  ),
  row(
    "CAA against a name of our certificate",
    "caa",
    "fail",
    "caa-forbids",
    ["shop.example.org CAA"],
    ["shop.example.org CAA 0 issue letsencrypt.org", "shop.example.org CAA 0 issuewild ;"],
  ),
  row(
    "CAA with an unknown critical property",
    "caa",
    "fail",
    "caa-critical",
    [],
    ["mail.example.org CAA 128 tbs unknown"],
  ),
  row("no PTR", "ptr-exists", "fail", "ptr-missing", ["34.216"], []),
  row(
    "PTR to another",
    "ptr-confirmed",
    "fail",
    "ptr-unconfirmed",
    ["34.216"],
    ["34.216.184.93.in-addr.arpa PTR dialup.example.net"],
  ),
  row("no PTR of an address that only sends", "ptr-exists", "fail", "ptr-missing", ["40.216"], []),
  row(
    "the greeting leads elsewhere",
    "source-name",
    "fail",
    "source-elsewhere",
    ["out.example.org"],
    ["out.example.org A 93.184.216.41"],
  ),
  row(
    "the name in the greeting is not answered for",
    "source-name",
    "unknown",
    "dns-failed",
    ["out.example.org"],
    ["out.example.org SERVFAIL x"],
  ),

  row("no SPF", "spf-record", "fail", "spf-missing", SPF, []),
  row("two SPF records", "spf-record", "fail", "spf-several", [], ["example.org TXT v=spf1 +all"]),
  spf("unreadable", "spf-syntax", "fail", "spf-unreadable", "v=spf1 mxx -all"),
  spf(
    "include of nothing",
    "spf-syntax",
    "fail",
    "spf-include-gone",
    "v=spf1 include:none.example.net mx -all",
  ),
  spf(
    "unreadable include",
    "spf-syntax",
    "fail",
    "spf-unreadable",
    "v=spf1 mx include:bad.example.net -all",
    ["bad.example.net TXT v=spf1 ip4:300.1.2.3"],
  ),
  spf("+all", "spf-ending", "fail", "spf-open", "v=spf1 mx +all"),
  spf("?all", "spf-ending", "fail", "spf-neutral", "v=spf1 mx ?all"),
  spf("no all", "spf-ending", "fail", "spf-neutral", "v=spf1 mx"),
  spf("redirect to +all", "spf-ending", "fail", "spf-open", "v=spf1 mx redirect=r.example.net", [
    "r.example.net TXT v=spf1 all",
  ]),
  spf("11 terms", "spf-lookups", "fail", "spf-too-many", `v=spf1 ${many(11, () => "mx")} -all`),
  spf(
    "11 terms in an include",
    "spf-lookups",
    "fail",
    "spf-too-many",
    "v=spf1 mx include:i.example.net -all",
    [`i.example.net TXT v=spf1 ${many(9, () => "a:mail.example.org")} -all`],
  ),
  spf(
    "3 void names",
    "spf-voids",
    "fail",
    "spf-voids",
    `v=spf1 mx ${many(3, (i) => `a:x${i}.example.org`)} -all`,
  ),
  spf("1 void name", "spf-voids", "warn", "spf-voids", "v=spf1 mx a:gone.example.org -all"),
  spf("ptr", "spf-ptr", "warn", "spf-ptr", "v=spf1 mx ptr -all"),
  spf("not the address that only sends", "spf-ours", "fail", "spf-not-us", "v=spf1 mx -all"),
  spf("not us", "spf-ours", "fail", "spf-not-us", "v=spf1 ip4:192.0.2.1 -all"),
  row("the host name has no SPF", "spf-host", "warn", "spf-host-missing", [HOST_SPF], []),
  row("the host name has two", "spf-host", "fail", "spf-several", [], ["mail.example.org TXT v=spf1 a -all"]),
  row(
    "the host name lets everybody",
    "spf-host",
    "fail",
    "spf-open",
    [HOST_SPF],
    ["mail.example.org TXT v=spf1 a +all"],
  ),
  row(
    "the host name forgets an address",
    "spf-host",
    "fail",
    "spf-not-us",
    [HOST_SPF],
    ["mail.example.org TXT v=spf1 a -all"],
  ),
  row(
    "the host name's SPF unreadable",
    "spf-host",
    "fail",
    "spf-unreadable",
    [HOST_SPF],
    ["mail.example.org TXT v=spf1 aa -all"],
  ),

  row("nothing below _domainkey", "dkim-namespace", "fail", "dkim-nothing", DKIM, []),
  row("key not published", "dkim-key", "fail", "dkim-missing", DKIM, [
    "other._domainkey.example.org TXT v=DKIM1; p=",
  ]),
  row("another key", "dkim-key", "fail", "dkim-different", DKIM, [
    "ed._domainkey.example.org TXT v=DKIM1; k=ed25519; p=3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=",
  ]),
  row("revoked key", "dkim-key", "fail", "dkim-bad", [], ["s1._domainkey.example.org TXT v=DKIM1; p="], {
    foreign: ["s1"],
  }),
  row(
    "key of 1024 bits",
    "dkim-key",
    "warn",
    "dkim-short",
    [],
    [`s1._domainkey.example.org TXT v=DKIM1; p=${rsa1024}`],
    {
      foreign: ["s1"],
    },
  ),
  row(
    "test key",
    "dkim-key",
    "warn",
    "dkim-testing",
    [],
    ["s1._domainkey.example.org TXT v=DKIM1; t=y; k=ed25519; p=3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="],
    { foreign: ["s1"] },
  ),
  row("no selector known", "dkim-key", "unknown", "dkim-no-selector", [], [], { foreign: [] }),

  row("no DMARC", "dmarc-record", "fail", "dmarc-missing", DMARC, []),
  row(
    "two DMARC records",
    "dmarc-record",
    "fail",
    "dmarc-several",
    [],
    ["_dmarc.example.org TXT v=DMARC1; p=none"],
  ),
  dmarc(
    "unknown policy",
    "dmarc-record",
    "fail",
    "dmarc-unreadable",
    "v=DMARC1; p=refuse; rua=mailto:a@example.org",
  ),
  dmarc("p=none", "dmarc-policy", "warn", "dmarc-none", "v=DMARC1; p=none; rua=mailto:a@example.org"),
  dmarc(
    "quarantine as a test",
    "dmarc-policy",
    "warn",
    "dmarc-none",
    "v=DMARC1; p=quarantine; t=y; rua=mailto:a@example.org",
  ),
  dmarc("no rua", "dmarc-reports", "warn", "dmarc-no-reports", "v=DMARC1; p=reject"),
  dmarc(
    "rua elsewhere",
    "dmarc-reports",
    "fail",
    "dmarc-unauthorised",
    "v=DMARC1; p=reject; rua=mailto:a@reports.example.net",
  ),
  row("no TLSRPT", "tlsrpt", "warn", "tlsrpt-missing", ["_smtp._tls"], []),
  row(
    "TLSRPT without rua",
    "tlsrpt",
    "fail",
    "tlsrpt-bad",
    ["_smtp._tls"],
    ["_smtp._tls.example.org TXT v=TLSRPTv1; x=y"],
  ),
  row(
    "domain does not exist",
    "mx-exists",
    "fail",
    "domain-gone",
    [
      "example.org",
      "mail.",
      "out.",
      "ed.",
      "_dmarc",
      "_smtp",
      "_mta-sts",
      "_imaps",
      "_submissions",
      "alias.",
      "shop.",
    ],
    [],
  ),
  row("a second server lags", "ns-agree", "fail", "ns-differ", [], [], {
    second: ["example.org MX 10 mail.example.org", "example.org MX 10 old.example.org"],
  }),
  row(
    "a silent name server",
    "ns-answers",
    "warn",
    "ns-silent",
    ["ns2.example.net A "],
    ["ns2.example.net A 127.0.0.3"],
  ),
  row(
    "all name servers silent",
    "ns-answers",
    "unknown",
    "ns-silent",
    ["ns1.example.net A ", "ns2.example.net A "],
    ["ns1.example.net A 127.0.0.3", "ns2.example.net A 127.0.0.3"],
  ),
  row(
    "a name server silent over IPv6",
    "ns-ipv6-reach",
    "warn",
    "ns-silent-ipv6",
    ["ns2.example.net AAAA "],
    ["ns2.example.net AAAA 2a00:1450::dead"],
  ),
  row("no IPv6 here", "ns-ipv6-reach", "unknown", "ns-no-ipv6-here", [], [], { world: { hasIpv6: false } }),
  ...(
    [
      ["signatures that ended yesterday", "fail", "signature-expired", "-15 -1"],
      ["a signer that stopped: hours left", "fail", "signature-soon", "-13 0.5"],
      ["a signer that stopped: two days left", "warn", "signature-soon", "-12 2"],
      ["a signer for two days that stopped", "warn", "signature-soon", "-1.7 0.3"],
    ] as const
  ).map(([name, grade, note, times]) =>
    row(name, "dnssec-expiry", grade, note, ["example.org RRSIG"], [`example.org RRSIG MX ${times}`]),
  ),
  ...(
    [
      ["the SOA", "example.org SOA", []],
      ["the keys of the zone", "example.org DNSKEY", ["example.org DNSKEY 257 13"]],
      ["the mail host's address", "mail.example.org A", []],
      ["the mail host's IPv6 address", "mail.example.org AAAA", []],
      [
        "the TLSA record",
        "_25._tcp.mail.example.org TLSA",
        [`_25._tcp.mail.example.org TLSA 3 1 1 ${"ab".repeat(32)}`],
      ],
      [
        "a mail host of another zone",
        "mx.example.com A",
        [
          "example.org MX 20 mx.example.com",
          "mx.example.com A 93.184.216.34",
          "example.com NS ns1.example.net",
        ],
      ],
    ] as const
  ).map(([name, signed, plus]) => {
    const [owner = "", type = ""] = signed.split(" ");
    const lines = signed.endsWith(" SOA") ? ["example.org SOA x"] : plus;
    return row(
      `signatures of ${name} that ended`,
      "dnssec-expiry",
      "fail",
      "signature-expired",
      [],
      [...lines, `${owner} RRSIG ${type} -15 -1`],
    );
  }),
  row(
    "the domain is an alias",
    "domain-no-alias",
    "fail",
    "domain-alias",
    [],
    ["example.org CNAME www.example.net"],
  ),
  row("no SRV, no autoconfig", "client-setup", "warn", "srv-missing", ["_imaps", "_submissions"], []),
  row(
    "SRV to nowhere",
    "client-setup",
    "fail",
    "srv-nowhere",
    ["_imaps"],
    ["_imaps._tcp.example.org SRV 0 1 993 gone.example.org"],
  ),
  row(
    "address on a blocklist",
    "address-listed",
    "fail",
    "listed",
    [],
    ["34.216.184.93.zen.spamhaus.org A 127.0.0.4"],
  ),
  row(
    "a list refuses",
    "address-listed",
    "unknown",
    "lists-silent",
    [],
    ["34.216.184.93.zen.spamhaus.org A 127.255.255.254"],
  ),
  row("a list without test point", "address-listed", "unknown", "lists-silent", ["2.0.0.127.psbl"], []),
  row(
    "domain on a blocklist",
    "domain-listed",
    "fail",
    "listed",
    [],
    ["example.org.dbl.spamhaus.org A 127.0.1.2"],
  ),
  row(
    "a list of domains refuses",
    "domain-listed",
    "unknown",
    "lists-silent",
    [],
    ["example.org.multi.surbl.org A 127.0.0.1"],
  ),
  row("no MTA-STS", "mta-sts-record", "warn", "sts-missing", ["_mta-sts"], []),
  row(
    "two MTA-STS records",
    "mta-sts-record",
    "fail",
    "sts-record-bad",
    [],
    ["_mta-sts.example.org TXT v=STSv1; id=2"],
  ),
  row(
    "id of an earlier policy",
    "mta-sts-record",
    "warn",
    "sts-id-stale",
    ["_mta-sts"],
    ["_mta-sts.example.org TXT v=STSv1; id=0"],
  ),
  row("policy cannot be had", "mta-sts-policy", "fail", "sts-unreachable", [], [], { policy: "" }),
  row("policy names another host", "mta-sts-policy", "fail", "sts-unnamed", [], [], {
    policy: "version: STSv1\nmode: enforce\nmx: *.example.net\nmax_age: 86400",
  }),
  row("policy only tests", "mta-sts-policy", "warn", "sts-lenient", [], [], {
    policy: "version: STSv1\nmode: testing\nmx: mail.example.org\nmax_age: 86400",
  }),
  row(
    "BIMI without https",
    "bimi",
    "warn",
    "bimi-bad",
    [],
    ["default._bimi.example.org TXT v=BIMI1; l=http://example.org/logo.svg"],
  ),
];
