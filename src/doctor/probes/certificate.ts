import { X509Certificate } from "node:crypto";
import { failure, fine, warning, type Finding } from "../finding.ts";
import { certificateDays } from "../limits.ts";
import type { Handshake, HostTarget } from "../probe.ts";
import { placeOf } from "./open-tls.ts";
import { seen, verbatim } from "../words/seen.ts";

const DAY_MS = 86_400_000;
/** Internet.nl CERT-2: RSA of 3,072 bits is sufficient, of 2,048 to be phased out, less insufficient. */
const RSA_BITS_GOOD = 3_072;
const RSA_BITS_MIN = 2_048;
const EC_BITS: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

/** Trust, name, dates, key and signature of what the server showed. Internet.nl CERT-1 to CERT-4 */
export function judgeCertificate(host: HostTarget, handshake: Handshake, now_ms: number): readonly Finding[] {
  const place = placeOf(host);
  const [own] = handshake.chain;
  if (own === undefined)
    return [failure("cert-trust", place, seen("none"), "cert-untrusted", { reason: "no certificate" })];
  return [
    trust(host, handshake, own),
    name(host, own),
    days(place, own, now_ms),
    key(place, own),
    signature(place, own),
  ];
}

function trust(host: HostTarget, { distrust }: Handshake, own: X509Certificate): Finding {
  const place = placeOf(host);
  const issuer = own.issuer.replaceAll("\n", ", ");
  if (host.authorities !== undefined && own.checkIssued(new X509Certificate(host.authorities)))
    return warning("cert-trust", place, issuer, "cert-own-authority");
  if (distrust === undefined) return fine("cert-trust", place, issuer);
  // Dates are a finding of their own.
  if (distrust === "CERT_HAS_EXPIRED") return fine("cert-trust", place, issuer);
  // On port 25 senders encrypt whatever the certificate (RFC 7435); people's programs do not go on.
  return (host.service === "smtp" ? warning : failure)("cert-trust", place, issuer, "cert-untrusted", {
    reason: distrust,
  });
}

function name(host: HostTarget, own: X509Certificate): Finding {
  const place = placeOf(host);
  const names = (own.subjectAltName ?? own.subject).replaceAll("\n", ", ");
  if (own.checkHost(host.name, { partialWildcards: false }) !== undefined)
    return fine("cert-name", place, names);
  return (host.service === "smtp" ? warning : failure)("cert-name", place, names, "cert-wrong-name", {
    name: host.name,
    names,
  });
}

function days(place: string, own: X509Certificate, now_ms: number): Finding {
  const until = own.validToDate.toISOString().slice(0, 10);
  const left = Math.floor((own.validToDate.getTime() - now_ms) / DAY_MS);
  if (left < 0 || own.validFromDate.getTime() > now_ms)
    return failure(
      "cert-days",
      place,
      seen("from-to", { from: own.validFrom, to: own.validTo }),
      "cert-expired",
      { until },
    );
  const evidence = seen("days-until", { days: String(left), until });
  const limits = certificateDays((own.validToDate.getTime() - own.validFromDate.getTime()) / DAY_MS);
  const values = { days: String(left) };
  if (left < limits.fail) return failure("cert-days", place, evidence, "cert-soon", values);
  return left < limits.warn
    ? warning("cert-days", place, evidence, "cert-soon", values)
    : fine("cert-days", place, evidence);
}

function key(place: string, own: X509Certificate): Finding {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details } = own.publicKey;
  const bits = details?.modulusLength ?? EC_BITS[details?.namedCurve ?? ""];
  const shown = verbatim(type === "ec" ? (details?.namedCurve ?? type) : type, String(bits ?? ""));
  const isGood =
    type === "rsa" || type === "rsa-pss"
      ? (bits ?? 0) >= RSA_BITS_GOOD
      : type === "ed25519" || type === "ed448" || (type === "ec" && bits !== undefined);
  if (isGood) return fine("cert-key", place, shown);
  return (type === "rsa" && (bits ?? 0) >= RSA_BITS_MIN ? warning : failure)(
    "cert-key",
    place,
    shown,
    "cert-key-weak",
    { key: shown },
  );
}

function signature(place: string, own: X509Certificate): Finding {
  const algorithm = own.signatureAlgorithm ?? "unknown";
  return /md[245]|sha1(?![0-9])/i.test(algorithm)
    ? failure("cert-signature", place, algorithm, "cert-signature-weak", { algorithm })
    : fine("cert-signature", place, algorithm);
}
