import { createPrivateKey, X509Certificate } from "node:crypto";
import { err, ok, type Result } from "../base/result.ts";
import { renewalIdentity } from "./certificate-identity.ts";
import type { KeyAndCertificate } from "./certificate.ts";

/** What the first certificate of a chain says. */
export type CertificateFacts = {
  readonly notBefore_ms: number;
  readonly notAfter_ms: number;
  /** RFC 9773 §4.1 */
  readonly renewalIdentity: string | undefined;
  covers(name: string): boolean;
};

/** Fewer bits are not even "phase out" any more (T-38). */
const RSA_BITS_MIN = 2048;

/** Reads a pair before it is served: PEM, key and certificate of one another, a key that is strong enough (T-38, T-39). */
export function checkPair(pair: KeyAndCertificate): Result<CertificateFacts, string> {
  try {
    const leaf = new X509Certificate(pair.certificate);
    const key = createPrivateKey(pair.key);
    if (!leaf.checkPrivateKey(key)) return err("the key is not the certificate's");
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (bits !== undefined && bits < RSA_BITS_MIN) return err(`an RSA key of ${bits} bits is too weak`);
    return ok({
      notBefore_ms: leaf.validFromDate.getTime(),
      notAfter_ms: leaf.validToDate.getTime(),
      renewalIdentity: renewalIdentity(leaf.raw),
      covers: (name) => leaf.checkHost(name.replace(/^\*\./, "x.")) !== undefined,
    });
  } catch (error) {
    return err(`not a PEM key with its certificate (${(error as Error).message})`);
  }
}
