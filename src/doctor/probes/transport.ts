import { createHash } from "node:crypto";
import { isLocalName } from "../../base/domain-name.ts";
import type { TlsaRecord } from "../../dns/answer.ts";
import { subjectPublicKeyInfo } from "../../tls/spki.ts";
import { usableTlsa, verifyDane } from "../../tls/dane.ts";
import { dueTo, failure, fine, unknown, warning, type Finding } from "../finding.ts";
import type { Handshake, HostTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { below, reasonOf, recordsOf } from "./answers.ts";
import { judgeCertificate } from "./certificate.ts";
import { earlyData } from "./early-data.ts";
import { isWebName } from "../web-hosts.ts";
import { BEST } from "./offers.ts";
import { isImplicit, openTls, placeOf, type OpenFailure } from "./open-tls.ts";
import { absent, seen, seenReason, verbatim } from "../words/seen.ts";

/** One handshake with the best offer: version, cipher, key exchange, certificate, DANE. Internet.nl TLS-1 to CERT-4 */
export const transport: Probe<HostTarget> = {
  id: "transport",
  title: phrase("TLS", "TLS"),
  source: "RFC 9325, RFC 7672, Internet.nl TLS-1 to TLS-5, CERT-1 to CERT-4, DANE-1, DANE-2",
  checks: [
    "reachable",
    "starttls",
    "tls-version",
    "tls-cipher",
    "tls-group",
    "early-data",
    "cert-trust",
    "cert-name",
    "cert-days",
    "cert-key",
    "cert-signature",
    "dane-exists",
    "dane-matches",
    "dane-rollover",
  ],
  applies: (check, host) =>
    check.startsWith("dane-") ? hasDane(host) : check !== "starttls" || !isImplicit(host.service),
  async run(host, net) {
    const place = placeOf(host);
    const early: Finding[] = [];
    const opened = await openTls(host, net, BEST, async (handshake, visit) => {
      early.push(await earlyData(host, handshake, visit, net));
    });
    if (!opened.ok) return notOpened(host, opened.error);
    return [
      fine("reachable", place, host.address),
      ...(isImplicit(host.service) ? [] : [fine("starttls", place, "STARTTLS")]),
      ...judgeHandshake(place, opened.value),
      ...early,
      ...judgeCertificate(host, opened.value, net.clock.now()),
      ...(hasDane(host) ? await dane(host, opened.value, net) : []),
    ];
  },
};

/** A name of this machine is in no DNS, so nobody can publish a key for it. */
const hasDane = ({ service, name }: HostTarget): boolean => service === "smtp" && !isLocalName(name);

function notOpened(host: HostTarget, why: OpenFailure): readonly Finding[] {
  const place = placeOf(host);
  switch (why.at) {
    case "connect":
      return [unreachable(host, why.reason)];
    case "greeting":
      return [
        fine("reachable", place, host.address),
        unknown("starttls", place, seenReason(why.reason), "turned-away", { reply: why.reason }),
      ];
    case "starttls-missing":
      return [
        fine("reachable", place, host.address),
        failure("starttls", place, seenReason(why.reason), "starttls-missing"),
      ];
    case "handshake": {
      const reason = why.failure.detail;
      return [
        fine("reachable", place, host.address),
        isImplicit(host.service)
          ? failure("tls-version", place, seenReason(reason), "tls-broken", { reason })
          : failure("starttls", place, seenReason(reason), "starttls-broken", { reason }),
      ];
    }
  }
}

/** For a stranger's server the fault may be on our way there; our own has to answer. */
function unreachable(host: HostTarget, reason: string): Finding {
  const place = placeOf(host);
  if (host.ours && host.announced === true)
    return host.service === "web"
      ? failure("reachable", place, seenReason(reason), isWebName(host.name) ? "web-closed" : "jmap-closed", {
          host: place,
          reason,
        })
      : failure("reachable", place, seenReason(reason), "announced-closed", {
          host: place,
          reason,
          service: host.service,
        });
  return (host.ours ? failure : unknown)("reachable", place, seenReason(reason), "unreachable", {
    host: place,
    reason,
  });
}

function judgeHandshake(
  place: string,
  { protocol, cipher, group, groupBits }: Handshake,
): readonly Finding[] {
  const isModern = protocol === "TLSv1.3";
  const isGood = isModern || (/_ECDHE_/.test(cipher) && /GCM|POLY1305/.test(cipher));
  // Node tells no name for hybrids; all else that TLS 1.3 could have chosen has one.
  const named = group ?? (isModern ? "X25519MLKEM768" : "RSA");
  const evidence =
    groupBits === undefined ? verbatim(named) : seen("bits", { name: named, bits: String(groupBits) });
  return [
    isModern
      ? fine("tls-version", place, verbatim(protocol))
      : warning("tls-version", place, protocol, "tls-no-13", { version: protocol }),
    isGood
      ? fine("tls-cipher", place, cipher)
      : failure("tls-cipher", place, cipher, "tls-cipher-weak", { cipher }),
    named === "RSA" || named === "DH"
      ? failure("tls-group", place, evidence, "tls-group-weak", {
          group: verbatim(named, String(groupBits ?? "")),
        })
      : fine("tls-group", place, evidence),
  ];
}

/** RFC 7672: TLSA records of the port, believed only when signed. */
async function dane(host: HostTarget, { chain }: Handshake, net: Net): Promise<readonly Finding[]> {
  const place = placeOf(host);
  const name = below(`_${host.port}._tcp`, host.name);
  const answer = name && (await net.dns.query(name, "TLSA"));
  const records = answer && recordsOf(answer);
  if (name === undefined || answer === undefined || records === undefined)
    return [
      unknown("dane-exists", place, "", "dns-failed", {
        name: name ?? host.name,
        reason: answer === undefined ? "name too long" : reasonOf(answer),
      }),
    ];
  const key = chain[0] === undefined ? undefined : subjectPublicKeyInfo(chain[0].raw);
  const digest = key === undefined ? "…" : createHash("sha256").update(key).digest("hex");
  const evidence = records
    .map(
      ({ usage, selector, matching, data }) =>
        `${usage} ${selector} ${matching} ${Buffer.from(data).toString("hex")}`,
    )
    .join(", ");
  if (answer.kind !== "records")
    return withoutRecords(warning("dane-exists", place, absent("TLSA"), "dane-missing", { name, digest }));
  const fits = verifyDane(usableTlsa(records), chain, [host.name], net.clock.now());
  return [
    answer.authenticated
      ? fine("dane-exists", place, evidence)
      : failure("dane-exists", place, evidence, "dane-unsigned"),
    fits.ok
      ? fine("dane-matches", place, verbatim(fits.value))
      : failure("dane-matches", place, seenReason(fits.error.detail), "dane-mismatch", { name, digest }),
    hasRollover(records)
      ? fine("dane-rollover", place, evidence)
      : warning("dane-rollover", place, evidence, "dane-no-rollover"),
  ];
}

/** What is not there fits nothing and outlives nothing; that is said once. */
const withoutRecords = (missing: Finding): readonly Finding[] => [
  missing,
  ...(["dane-matches", "dane-rollover"] as const).map((check) =>
    dueTo(unknown(check, missing.subject, "", "not-looked", { reason: missing.check }), missing),
  ),
];

/** `3 1 1` for the key of today and for the next, or for the issuer: then a new certificate never stands without a match. RFC 7671 §8.1 */
function hasRollover(records: readonly TlsaRecord[]): boolean {
  const own = records.filter(({ usage }) => usage === 3).length;
  return own >= 2 || (own === 1 && records.some(({ usage }) => usage === 2));
}
