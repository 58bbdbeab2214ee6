/** Slips in the DNS. */
import { records, type Sabotage } from "./sabotage.ts";
import { ELSEWHERE, SERVER } from "./network.ts";
import { DOMAIN, HOST } from "./zones.ts";
import { reverseName } from "../../../src/dns/reverse.ts";
import { parseIp } from "../../../src/base/ip.ts";
import type { World } from "./world.ts";

const reverse = (address: string): string => {
  const ip = parseIp(address);
  if (ip === undefined) throw new Error(address);
  return reverseName(ip);
};
const ELSEWHERE_NAME = "mx.example.net";
const dns = ["dns"] as const;
const mail = ["authentication"] as const;
const quoted = (text: string): string => `"${text}"`;
const had = (world: World, key: string): readonly string[] => world.records.get(key) ?? [];
const [FOUR, SIX] = [reverse(SERVER.four), reverse(SERVER.six)];

const HOSTS: readonly Sabotage[] = [
  records(
    {
      what: "MX missing",
      check: "mx-exists",
      remedy: /MX 10 mail\.example\.test/,
      families: dns,
      consequences: [
        "mx-no-alias",
        "mx-address",
        "mx-public",
        "mx-ours",
        "mx-ipv6",
        "caa",
        "spf-voids",
        "spf-ours",
        "mta-sts-policy",
      ],
    },
    () => [[DOMAIN, "MX", []]],
  ),
  records(
    {
      what: "MX is an alias",
      check: "mx-no-alias",
      remedy: /Name mail\.example\.test in the MX/,
      families: dns,
      consequences: ["mx-ours", "mta-sts-policy", "spf-ours"],
    },
    () => [
      [`mx.${DOMAIN}`, "CNAME", [`${HOST}.`]],
      [DOMAIN, "MX", [`10 mx.${DOMAIN}.`]],
    ],
  ),
  records(
    {
      what: "MX of somebody else",
      check: "mx-ours",
      remedy: /MX 10 mail\.example\.test/,
      families: dns,
      consequences: ["dnssec-mx", "caa", "spf-ours", "mta-sts-policy"],
    },
    () => [
      [ELSEWHERE_NAME, "A", [ELSEWHERE.four]],
      [ELSEWHERE_NAME, "AAAA", [ELSEWHERE.six]],
      [DOMAIN, "MX", [`10 ${ELSEWHERE_NAME}.`]],
    ],
  ),
  records(
    {
      what: "a second MX without address",
      check: "mx-address",
      remedy: /A and an AAAA record for gone/,
      families: dns,
      consequences: ["mta-sts-policy", "caa", "dnssec-mx", "mx-ipv6", "spf-voids"],
    },
    () => [[DOMAIN, "MX", [`10 ${HOST}.`, `20 gone.${DOMAIN}.`]]],
  ),
  records({ what: "A missing", check: "mx-address", remedy: /Publish an A record/, families: dns }, () => [
    [HOST, "A", []],
  ]),
  records(
    {
      what: "A wrong",
      check: "mx-reach",
      remedy: /Correct the record of mail\.example\.test/,
      families: dns,
      consequences: ["ptr-exists", "ptr-confirmed"],
    },
    () => [[HOST, "A", [ELSEWHERE.four]]],
  ),
  records(
    {
      what: "A is private",
      check: "mx-public",
      remedy: /public address/,
      families: dns,
      consequences: ["mx-reach", "ptr-exists", "ptr-confirmed"],
    },
    () => [[HOST, "A", [SERVER.four, "10.1.2.3"]]],
  ),
  records({ what: "AAAA missing", check: "mx-ipv6", remedy: /Publish an AAAA record/, families: dns }, () => [
    [HOST, "AAAA", []],
  ]),
  records(
    {
      what: "AAAA wrong",
      check: "mx-ipv6-reach",
      remedy: /Correct the record of mail\.example\.test/,
      families: dns,
      consequences: ["ptr-exists", "ptr-confirmed"],
    },
    () => [[HOST, "AAAA", [ELSEWHERE.six]]],
  ),
  records(
    {
      what: "PTR missing",
      check: "ptr-exists",
      remedy: /\(PTR\) to mail\.example\.test/,
      families: dns,
      consequences: ["ptr-confirmed"],
    },
    () => [[FOUR, "PTR", []]],
  ),
  records(
    {
      what: "PTR of IPv6 wrong",
      check: "ptr-confirmed",
      remedy: /Set the PTR of 2a00.* to mail\.example\.test/,
      families: dns,
    },
    () => [[SIX, "PTR", ["host-34.example.net."]]],
  ),
  records(
    { what: "a name server is gone", check: "ns-answers", remedy: /Repair it, or remove it/, families: dns },
    () => [["ns2.example.net", "A", [ELSEWHERE.four]]],
  ),
  records(
    { what: "CAA forbids our authority", check: "caa", remedy: /CAA 0 issue "pebble\.test"/, families: dns },
    () => [[HOST, "CAA", ['0 issue "other.test"']]],
  ),
  records(
    {
      what: "CAA names another account",
      check: "caa",
      remedy: /CAA 0 issue "pebble\.test; validationmethods=dns-01; accounturi=https:/,
      families: dns,
    },
    () => [[HOST, "CAA", ['0 issue "pebble.test; accounturi=https://pebble.test/acct/other"']]],
  ),
  records(
    { what: "CAA names another proof", check: "caa", remedy: /a proof it names/, families: dns },
    () => [[HOST, "CAA", ['0 issue "pebble.test; validationmethods=http-01,tls-alpn-01"']]],
  ),
  records({ what: "CAA missing", check: "caa", remedy: /Publish which may/, families: dns }, () => [
    [HOST, "CAA", []],
  ]),
  records(
    {
      what: "address on a blocklist",
      check: "address-listed",
      remedy: /ask each list to remove it/,
      families: dns,
    },
    () => [[`${FOUR.replace(".in-addr.arpa", "")}.zen.spamhaus.org`, "A", ["127.0.0.4"]]],
  ),
  records(
    {
      what: "domain on a blocklist",
      check: "domain-listed",
      remedy: /ask each list to remove it/,
      families: dns,
    },
    () => [[`${DOMAIN}.dbl.spamhaus.org`, "A", ["127.0.1.2"]]],
  ),
  records(
    { what: "SRV leads nowhere", check: "client-setup", remedy: /Correct the SRV record/, families: dns },
    () => [[`_imaps._tcp.${DOMAIN}`, "SRV", [`0 1 993 gone.${DOMAIN}.`]]],
  ),
  records(
    {
      what: "SRV names a port that is shut",
      check: "reachable",
      remedy: /correct the SRV record/,
      families: ["transport"],
    },
    () => [[`_imaps._tcp.${DOMAIN}`, "SRV", [`0 1 9993 ${HOST}.`]]],
  ),
];

const spf = (what: string, check: Sabotage["check"], remedy: RegExp, texts: readonly string[]): Sabotage =>
  records(
    { what: `SPF ${what}`, check, remedy, families: mail, consequences: ["spf-voids", "spf-ours"] },
    () => [[DOMAIN, "TXT", texts.map(quoted)]],
  );
const dmarc = (what: string, check: Sabotage["check"], remedy: RegExp, texts: readonly string[]): Sabotage =>
  records({ what: `DMARC ${what}`, check, remedy, families: mail }, () => [
    [`_dmarc.${DOMAIN}`, "TXT", texts.map(quoted)],
  ]);
const many = Array.from({ length: 11 }, (_, i) => `a:a${i}.${DOMAIN}`).join(" ");
const RUA = `rua=mailto:postmaster@${DOMAIN}`;

/** The names our keys stand at. */
const selectors = (world: World): readonly string[] =>
  [...world.records.keys()]
    .filter((key) => key.includes("._domainkey."))
    .map((key) => key.split(" ")[0] ?? "");
const dkim = (
  what: string,
  check: Sabotage["check"],
  remedy: RegExp,
  data: (world: World, names: readonly string[]) => readonly (readonly [string, readonly string[]])[],
): Sabotage =>
  records({ what: `DKIM ${what}`, check, remedy, families: mail, consequences: ["dkim-key"] }, (world) =>
    data(world, selectors(world)).map(([name, texts]) => [name, "TXT", texts]),
  );

const SENDERS: readonly Sabotage[] = [
  spf("missing", "spf-record", /TXT "v=spf1 mx -all"/, []),
  spf("twice", "spf-record", /Join them/, ["v=spf1 mx -all", "v=spf1 a -all"]),
  spf("with too many look-ups", "spf-lookups", /ip4 and ip6/, [`v=spf1 mx ${many} -all`]),
  spf("lets everybody send", "spf-ending", /-all/, ["v=spf1 mx +all"]),
  spf("without us", "spf-ours", /Add the term `mx`/, ["v=spf1 ip4:192.0.2.1 -all"]),
  spf("unreadable", "spf-syntax", /Correct or remove that term/, ["v=spf1 mxx -all"]),
  dkim("key missing", "dkim-key", /Publish it: `wachpost dns example\.test`/, (_, [one = ""]) => [[one, []]]),
  dkim("key of somebody else", "dkim-key", /Replace the record: `wachpost dns/, (_, [one = ""]) => [
    [one, ['"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="']],
  ]),
  dkim("key revoked", "dkim-key", /Replace the record: `wachpost dns/, (_, [one = ""]) => [
    [one, ['"v=DKIM1; k=ed25519; p="']],
  ]),
  dkim("names gone", "dkim-namespace", /wachpost domain keys example\.test/, (_, names) =>
    names.map((name) => [name, []] as const),
  ),
  dmarc("missing", "dmarc-record", /TXT "v=DMARC1; p=none/, []),
  dmarc("twice", "dmarc-record", /Keep one/, [`v=DMARC1; p=reject; ${RUA}`, "v=DMARC1; p=none"]),
  dmarc("only watches", "dmarc-policy", /p=quarantine, then to p=reject/, [`v=DMARC1; p=none; ${RUA}`]),
  dmarc("reports to nobody who agreed", "dmarc-reports", /_report\._dmarc/, [
    "v=DMARC1; p=reject; rua=mailto:a@reports.example.net",
  ]),
  dmarc("reports to what is no address", "dmarc-reports", /mailto:postmaster@example\.test/, [
    `v=DMARC1; p=reject; rua=postmaster@${DOMAIN}`,
  ]),
  records(
    { what: "TLSRPT missing", check: "tlsrpt", remedy: /_smtp\._tls\.example\.test/, families: mail },
    () => [[`_smtp._tls.${DOMAIN}`, "TXT", []]],
  ),
  records(
    {
      what: "MTA-STS missing",
      check: "mta-sts-record",
      remedy: /wachpost dns example\.test/,
      families: mail,
      consequences: ["mta-sts-policy"],
    },
    () => [[`_mta-sts.${DOMAIN}`, "TXT", []]],
  ),
  records(
    {
      what: "MTA-STS id stale",
      check: "mta-sts-record",
      remedy: /TXT "v=STSv1; id=[0-9a-f]{20}"/,
      families: mail,
    },
    () => [[`_mta-sts.${DOMAIN}`, "TXT", ['"v=STSv1; id=20200101"']]],
  ),
  records(
    {
      what: "MTA-STS policy not served",
      check: "mta-sts-policy",
      remedy: /Serve https:\/\/mta-sts\.example\.test/,
      families: mail,
      // Without its alias the name, which the certificate bears, has no CAA.
      consequences: ["caa"],
    },
    () => [[`mta-sts.${DOMAIN}`, "CNAME", []]],
  ),
  records(
    {
      what: "MTA-STS policy does not know the second MX",
      check: "mta-sts-policy",
      remedy: /Add a line `mx: `/,
      families: mail,
      consequences: ["dnssec-mx", "caa"],
    },
    () => [
      [ELSEWHERE_NAME, "A", [ELSEWHERE.four]],
      [ELSEWHERE_NAME, "AAAA", [ELSEWHERE.six]],
      [DOMAIN, "MX", [`10 ${HOST}.`, `20 ${ELSEWHERE_NAME}.`]],
    ],
  ),
];

const TLSA = `_25._tcp.${HOST}`;
const DANE: readonly Sabotage[] = [
  records(
    {
      what: "TLSA missing",
      check: "dane-exists",
      remedy: /TLSA 3 1 1 [0-9a-f]{64}/,
      families: ["transport"],
    },
    () => [[TLSA, "TLSA", []]],
  ),
  records(
    {
      what: "TLSA of another key",
      check: "dane-matches",
      remedy: /TLSA 3 1 1 [0-9a-f]{64}|3 1 1/,
      families: ["transport"],
    },
    () => [[TLSA, "TLSA", [`3 1 1 ${"ab".repeat(32)}`, `3 1 1 ${"cd".repeat(32)}`]]],
  ),
  records(
    {
      what: "TLSA without the next key",
      check: "dane-rollover",
      remedy: /Publish a second one/,
      families: ["transport"],
    },
    (world) => [[TLSA, "TLSA", had(world, `${TLSA} TLSA`).slice(0, 1)]],
  ),
];

export const DNS_SABOTAGES: readonly Sabotage[] = [...HOSTS, ...SENDERS, ...DANE];
