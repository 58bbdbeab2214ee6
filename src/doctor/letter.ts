import type { CheckId } from "./checks.ts";
import type { Finding } from "./finding.ts";

/** A letter in the manner of testssl.sh (SSL Labs' guide 2009r, G-53): the caps it puts, worst first. */
const CAPS: readonly (readonly [letter: string, ...checks: CheckId[]])[] = [
  ["F", "ssl2", "cipher-null", "cipher-anon", "cipher-export", "secure-renegotiation", "starttls-injection"],
  ["T", "cert-trust", "cert-days", "cert-signature"],
  ["M", "cert-name"],
  ["C", "ssl3", "cipher-low", "cipher-3des", "tls-compression", "tls-1-2"],
  ["B", "tls-1-0", "tls-1-1", "tls-cipher", "tls-group", "cipher-rsa", "dh-group", "weak-curves"],
];

export type Letter = { readonly letter: string; readonly why: readonly CheckId[] };

/**
 * The letter of a host, or of all; undefined where no TLS was seen. Unlike testssl.sh, STARTTLS is not capped at T.
 * A warning about the certificate caps as well: testssl knows no port where it would not matter.
 */
export function letterOf(findings: readonly Finding[]): Letter | undefined {
  if (!findings.some(({ check, grade }) => check === "tls-version" && grade !== "unknown")) return undefined;
  for (const [letter, ...checks] of CAPS) {
    const why = checks.filter((check) =>
      findings.some(
        (one) => one.check === check && (one.grade === "fail" || (one.grade === "warn" && letter !== "B")),
      ),
    );
    if (why.length > 0) return { letter, why };
  }
  return { letter: "A", why: [] };
}
