/** Certificates good and bad, made at run time: no private key is kept. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { createAuthority, issueCertificate, type KeyAndCertificate } from "../../src/tls/certificate.ts";
import * as der from "../../src/tls/der.ts";

const DAY_MS = 86_400_000;
const AUTHORITY_SUBJECT = "Test CA";

export const AUTHORITY: KeyAndCertificate = createAuthority({
  subject: AUTHORITY_SUBJECT,
  names: [],
  notBefore_ms: Date.now() - DAY_MS,
  notAfter_ms: Date.now() + 3650 * DAY_MS,
});

/** From the test authority, ECDSA P-256, SHA-256. */
export const issued = (names: readonly string[], from_days: number, to_days: number): KeyAndCertificate =>
  issueCertificate(
    {
      subject: names[0] ?? "",
      names,
      notBefore_ms: Date.now() + from_days * DAY_MS,
      // An hour more, so that a test near midnight counts the same days.
      notAfter_ms: Date.now() + to_days * DAY_MS + 3_600_000,
    },
    AUTHORITY,
    AUTHORITY_SUBJECT,
  );

const HASH_OIDS = { sha256: "1.2.840.113549.1.1.11", sha1: "1.2.840.113549.1.1.5" } as const;

/** Self-signed RSA: what the authority of this project never makes. RFC 5280 §4.1 */
export function rsaCertificate(
  name: string,
  bits: number,
  hash: keyof typeof HASH_OIDS,
  otherNames: readonly string[] = [],
): KeyAndCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(randomBytes(15)),
    algorithm(hash),
    subject(name),
    der.sequence(der.time(Date.now() - DAY_MS), der.time(Date.now() + 90 * DAY_MS)),
    subject(name),
    publicKey.export({ type: "spki", format: "der" }),
    der.explicit(3, der.sequence(alternativeNames([name, ...otherNames]))),
  );
  const certificate = der.sequence(body, algorithm(hash), der.bitString(signed(hash, body, privateKey)));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

const signed = (hash: keyof typeof HASH_OIDS, body: Buffer, key: KeyObject): Buffer => sign(hash, body, key);
const algorithm = (hash: keyof typeof HASH_OIDS): Buffer =>
  der.sequence(der.objectId(HASH_OIDS[hash]), Buffer.from([5, 0]));
const subject = (name: string): Buffer =>
  der.sequence(der.set(der.sequence(der.objectId("2.5.4.3"), der.utf8String(name))));
const alternativeNames = (names: readonly string[]): Buffer =>
  der.sequence(
    der.objectId("2.5.29.17"),
    der.octetString(der.sequence(...names.map((name) => der.implicit(2, Buffer.from(name, "latin1"))))),
  );

/** `3 1 1` of a public key in SubjectPublicKeyInfo form. */
export const tlsaDigest = (spki: Buffer): string => createHash("sha256").update(spki).digest("hex");
