/** DANE for SMTP: does what a server showed match what its zone says? RFC 7672 §3, RFC 7671, RFC 6698; T-47 */
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { err, ok, type Result } from "../base/result.ts";
import type { TlsaRecord } from "../dns/answer.ts";
import { subjectPublicKeyInfo } from "./spki.ts";

const DANE_TA = 2;
const DANE_EE = 3;
const WHOLE_CERTIFICATE = 0;
const FULL = 0;
const SHA2_256 = 1;
const SHA2_512 = 2;
const DIGEST_OCTETS: Readonly<Record<number, number>> = { [SHA2_256]: 32, [SHA2_512]: 64 };
/** Chains are two to four long; whoever sends more wants our time. */
const CHAIN_MAX = 10;
/** Records looked at; a rollover has four. */
const RECORDS_MAX = 32;

/**
 * The records that can authenticate a mail server: DANE-TA and DANE-EE with a selector and a matching type we know, and of
 * the digests per usage and selector only the strongest (RFC 7671 §9). The PKIX usages are unusable (RFC 7672 §3.1.3).
 */
export function usableTlsa(records: readonly TlsaRecord[]): readonly TlsaRecord[] {
  const known = records.slice(0, RECORDS_MAX).filter(isUsable);
  return known.filter(
    ({ usage, selector, matching }) =>
      matching !== SHA2_256 ||
      !known.some(
        (other) => other.usage === usage && other.selector === selector && other.matching === SHA2_512,
      ),
  );
}

function isUsable({ usage, selector, matching, data }: TlsaRecord): boolean {
  if ((usage !== DANE_TA && usage !== DANE_EE) || selector > 1) return false;
  if (matching !== FULL) return DIGEST_OCTETS[matching] === data.length;
  return selector === WHOLE_CERTIFICATE ? certificateOf(data) !== undefined : isPublicKey(data);
}

export type DaneRefusal = {
  /** As TLSRPT calls it. RFC 8460 §4.3 */
  readonly fault: "validation-failure" | "certificate-host-mismatch" | "certificate-expired";
  readonly detail: string;
};

/**
 * Which usage vouches for the server. `chain`: what it showed, its own certificate first. DANE-EE looks at the key or
 * certificate alone, not at names or dates (RFC 7672 §3.1.1); DANE-TA wants a sound chain up to the anchor and one of
 * `names` in the server's certificate (§3.1.2, §3.2.3). `records`: what `usableTlsa` left.
 *
 * Deviation: path length and name constraints inside a DANE-TA chain are not looked at; the anchor is the domain's own choice.
 */
export function verifyDane(
  records: readonly TlsaRecord[],
  chain: readonly X509Certificate[],
  names: readonly string[],
  now_ms: number,
): Result<"dane-ee" | "dane-ta", DaneRefusal> {
  const [own, ...sent] = chain.slice(0, CHAIN_MAX);
  if (own === undefined) return refuse("validation-failure", "the server showed no certificate");
  const ee = records.filter(({ usage }) => usage === DANE_EE);
  if (ee.some((record) => matches(record, own))) return ok("dane-ee");
  const anchors = records.filter(({ usage }) => usage === DANE_TA);
  if (anchors.length === 0) return refuse("validation-failure", "no TLSA record matches the certificate");
  const path = pathToAnchor(own, sent, anchors);
  if (!path.ok) return path;
  const late = path.value.find((one) => !isCurrent(one, now_ms));
  if (late !== undefined)
    return refuse("certificate-expired", `a certificate of the chain is not valid today: ${late.validTo}`);
  if (!names.some((name) => own.checkHost(name, NAME_RULES) !== undefined))
    return refuse("certificate-host-mismatch", `the certificate names none of ${names.join(", ")}`);
  return ok("dane-ta");
}

/** RFC 7672 §3.2.3: the common name counts where there is no subjectAltName; a wildcard is a whole label. */
const NAME_RULES = { subject: "default", partialWildcards: false } as const;

const refuse = (fault: DaneRefusal["fault"], detail: string): Result<never, DaneRefusal> =>
  err({ fault, detail });

/** From the server's certificate up to the one a record names, each signed by the next. */
function pathToAnchor(
  own: X509Certificate,
  sent: readonly X509Certificate[],
  anchors: readonly TlsaRecord[],
): Result<readonly X509Certificate[], DaneRefusal> {
  // An anchor that stands in the DNS as a whole need not be sent.
  const published = anchors.flatMap(({ selector, matching, data }) =>
    matching === FULL && selector === WHOLE_CERTIFICATE ? (certificateOf(data) ?? []) : [],
  );
  const path = [own];
  for (let last = own; path.length <= CHAIN_MAX;) {
    const issuer = [...sent, ...published].find((one) => !path.includes(one) && hasIssued(one, last));
    if (issuer === undefined) break;
    path.push(issuer);
    if (anchors.some((record) => matches(record, issuer))) return ok(path);
    last = issuer;
  }
  return refuse("validation-failure", "no chain leads to a trust anchor of the TLSA records");
}

/** OpenSSL throws at keys it does not know; such a certificate has issued nothing. */
function hasIssued(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return issuer.ca && !isWeak(subject) && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** T-40: a signature over SHA-1 or MD5 proves nothing. */
const isWeak = ({ signatureAlgorithm }: X509Certificate): boolean =>
  /md[245]|sha1(?![0-9])/i.test(signatureAlgorithm ?? "");

const isCurrent = ({ validFromDate, validToDate }: X509Certificate, now_ms: number): boolean =>
  validFromDate.getTime() <= now_ms && now_ms <= validToDate.getTime();

function matches({ selector, matching, data }: TlsaRecord, certificate: X509Certificate): boolean {
  const selected = selector === WHOLE_CERTIFICATE ? certificate.raw : subjectPublicKeyInfo(certificate.raw);
  if (selected === undefined) return false;
  const presented =
    matching === FULL
      ? selected
      : createHash(matching === SHA2_512 ? "sha512" : "sha256")
          .update(selected)
          .digest();
  return presented.equals(data);
}

function certificateOf(data: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(data);
  } catch {
    return undefined;
  }
}

function isPublicKey(data: Uint8Array): boolean {
  try {
    createPublicKey({ key: Buffer.from(data), format: "der", type: "spki" });
    return true;
  } catch {
    return false;
  }
}
