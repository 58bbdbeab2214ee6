import type { CheckId } from "./checks.ts";
import type { Finding, Grade } from "./finding.ts";
import { phrase, type Phrase } from "./words/phrase.ts";

export type Category = "IPv6" | "DNSSEC" | "DMARC, DKIM and SPF" | "STARTTLS and DANE" | "RPKI";

/** One subtest of the Internet.nl mail test 1.11 under its own name. */
export type Subtest = {
  readonly id: string;
  readonly category: Category;
  readonly name: string;
  /** The checks here that answer it, the worst of them; none: not looked at, and counted nowhere. */
  readonly checks: readonly CheckId[];
  /** Points for what is a warning here, of ten; a failure has none. */
  readonly warn: 0 | 2 | 5 | 10;
  /** Internet.nl mentions it and takes no points. */
  readonly isNotice?: true;
  /** Internet.nl knows it and does not run it for mail: shown, and counted nowhere. */
  readonly isNotRun?: true;
  /** Why nothing here can answer it. */
  readonly notLookedAt?: Phrase;
};

const subtest = (
  category: Category,
  id: string,
  name: string,
  checks: readonly CheckId[],
  warn: Subtest["warn"] = 0,
): Subtest => ({ id, category, name, checks, warn });
const notice = (category: Category, id: string, name: string, checks: readonly CheckId[]): Subtest => ({
  ...subtest(category, id, name, checks, 10),
  isNotice: true,
});
/**
 * Team Cymru's origin.asn zone names the AS of an address over DNS, unsigned, and no ROA; with ROAs guessed from it a stolen
 * route would be called valid, which is what the subtest is there to find.
 */
const NO_ROUTES = phrase(
  "route origin authorisations stand in no DNS: they are read by a validator (RFC 6480), and announcements in BGP",
  "Route Origin Authorisations stehen in keinem DNS: Ein Validator liest sie (RFC 6480), und Ankündigungen stehen in BGP",
);

const [AUTH, TLS] = ["DMARC, DKIM and SPF", "STARTTLS and DANE"] as const;

/** All of them, in the order of its report (G-33 to G-50). */
export const SUBTESTS: readonly Subtest[] = [
  subtest("IPv6", "IPv6-1", "IPv6 addresses for name servers", ["ns-ipv6"]),
  subtest("IPv6", "IPv6-2", "IPv6 reachability of name servers", ["ns-ipv6-reach"], 2),
  subtest("IPv6", "IPv6-3", "IPv6 addresses for mail servers", ["mx-ipv6"]),
  subtest("IPv6", "IPv6-4", "IPv6 reachability of mail servers", ["mx-ipv6-reach"]),
  subtest("DNSSEC", "DNSSEC-1", "DNSSEC existence, address domain", ["dnssec-domain"], 2),
  subtest("DNSSEC", "DNSSEC-2", "DNSSEC validity, address domain", ["dnssec-domain"], 2),
  subtest("DNSSEC", "DNSSEC-3", "DNSSEC existence, mail server domains", ["dnssec-mx"], 2),
  subtest("DNSSEC", "DNSSEC-4", "DNSSEC validity, mail server domains", ["dnssec-mx"], 2),
  subtest(AUTH, "AUTH-1", "DMARC existence", ["dmarc-record"]),
  subtest(AUTH, "AUTH-2", "DMARC policy", ["dmarc-policy", "dmarc-reports"], 2),
  subtest(AUTH, "AUTH-3", "DKIM existence", ["dkim-namespace"]),
  subtest(AUTH, "AUTH-4", "SPF existence", ["spf-record"]),
  subtest(AUTH, "AUTH-5", "SPF policy", ["spf-ending", "spf-syntax", "spf-lookups"], 2),
  subtest(TLS, "TLS-1", "STARTTLS available", ["starttls"]),
  subtest(TLS, "TLS-2", "TLS version", ["ssl2", "ssl3", "tls-1-0", "tls-1-1", "tls-version"], 10),
  subtest(
    TLS,
    "TLS-3",
    "Ciphers",
    [
      "tls-cipher",
      "cipher-null",
      "cipher-anon",
      "cipher-export",
      "cipher-low",
      "cipher-3des",
      "cipher-rsa",
      "cipher-cbc",
    ],
    5,
  ),
  subtest(TLS, "TLS-4", "Cipher order", ["cipher-order"]),
  subtest(TLS, "TLS-5", "Key exchange parameters", ["tls-group", "dh-group", "weak-curves"], 5),
  notice(TLS, "TLS-6", "Hash function for key exchange", ["key-exchange-hash"]),
  subtest(TLS, "TLS-7", "TLS compression", ["tls-compression"]),
  subtest(TLS, "TLS-8", "Secure renegotiation", ["secure-renegotiation"]),
  notice(TLS, "TLS-9", "Client-initiated renegotiation", ["client-renegotiation"]),
  subtest(TLS, "TLS-10", "Extended Master Secret", ["extended-master-secret"]),
  { ...notice(TLS, "TLS-11", "0-RTT", ["early-data"]), isNotRun: true },
  notice(TLS, "CERT-1", "Trust chain of certificate", ["cert-trust"]),
  subtest(TLS, "CERT-2", "Public key of certificate", ["cert-key"], 5),
  subtest(TLS, "CERT-3", "Signature of certificate", ["cert-signature"]),
  notice(TLS, "CERT-4", "Domain name on certificate", ["cert-name"]),
  notice(TLS, "CAA-1", "CAA records", ["caa"]),
  subtest(TLS, "DANE-1", "DANE existence", ["dane-exists"]),
  subtest(TLS, "DANE-2", "DANE validity", ["dane-matches"]),
  notice(TLS, "DANE-3", "DANE rollover scheme", ["dane-rollover"]),
  { ...subtest("RPKI", "RPKI-1", "Route Origin Authorisation existence", []), notLookedAt: NO_ROUTES },
  { ...subtest("RPKI", "RPKI-2", "Route announcement validity", []), notLookedAt: NO_ROUTES },
];

/** Subtests of a mail test that no check here answers. */
export const NOT_LOOKED_AT: readonly (Subtest & { readonly notLookedAt: Phrase })[] = SUBTESTS.flatMap(
  (one) => (one.notLookedAt === undefined ? [] : [{ ...one, notLookedAt: one.notLookedAt }]),
);

export type InternetNl = {
  /** 0 to 100: the mean of the categories that were looked at, rounded down. */
  readonly percent: number;
  readonly subtests: readonly { readonly subtest: Subtest; readonly grade: Grade; readonly points: number }[];
};

const WORST: readonly Grade[] = ["ok", "warn", "unknown", "fail"];
/** Internet.nl looks at port 25 only; what is about a domain or an address has no port. */
const OTHER_PORT = /:(?:443|465|587|993|995|143|110)$/;

/** What Internet.nl would give, as far as its subtests are looked at here; undefined where no domain was. */
export function internetNl(findings: readonly Finding[]): InternetNl | undefined {
  const relevant = findings.filter(({ subject }) => !OTHER_PORT.test(subject));
  const subtests = SUBTESTS.flatMap((subtest) => {
    const here = relevant.filter(({ check }) => subtest.checks.includes(check));
    if (here.length === 0) return [];
    const grade = WORST[Math.max(...here.map((one) => WORST.indexOf(one.grade)))] as Grade;
    return [{ subtest, grade, points: pointsOf(subtest, grade) }];
  });
  const run = subtests.filter(({ subtest: { isNotRun } }) => isNotRun !== true);
  const categories = [...Map.groupBy(run, ({ subtest: { category } }) => category).values()];
  // It tests domains; hosts alone are none.
  if (!subtests.some(({ subtest: { category } }) => category === AUTH)) return undefined;
  const shares = categories.map(
    (all) => all.reduce((sum, { points }) => sum + points, 0) / (all.length * FULL),
  );
  return { percent: Math.floor((100 * shares.reduce((sum, one) => sum + one, 0)) / shares.length), subtests };
}

const FULL = 10;
function pointsOf({ warn, isNotice }: Subtest, grade: Grade): number {
  if (grade === "ok" || (isNotice === true && grade !== "unknown")) return FULL;
  return grade === "warn" ? warn : 0;
}
