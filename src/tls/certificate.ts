import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import { isIP } from "node:net";
import { parseIp } from "../base/ip.ts";
import * as der from "./der.ts";

/** A key with its certificate chain, PEM. */
export type KeyAndCertificate = { readonly key: string; readonly certificate: string };

export type CertificateRequest = {
  /** Shown as common name; the names that count are `names`. */
  readonly subject: string;
  /** DNS names and IP addresses for subjectAltName; empty for a CA. */
  readonly names: readonly string[];
  readonly notBefore_ms: number;
  readonly notAfter_ms: number;
};

const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  subjectKeyIdentifier: "2.5.29.14",
  authorityKeyIdentifier: "2.5.29.35",
} as const;

/** Makes a certificate authority of our own, ECDSA P-256, for `try` and tests. RFC 5280 §4 */
export function createAuthority(request: CertificateRequest): KeyAndCertificate {
  const pair = newKeyPair();
  return assemble(request, pair, { subject: request.subject, key: pair.privateKey }, true);
}

/**
 * Makes a server certificate signed by `authority`; the chain holds the leaf only. `key`: what it is for, PEM; a new one
 * is made without it. RFC 5280 §4
 */
export function issueCertificate(
  request: CertificateRequest,
  authority: KeyAndCertificate,
  authoritySubject: string,
  key?: string,
): KeyAndCertificate {
  const issuer = { subject: authoritySubject, key: createPrivateKey(authority.key) };
  return assemble(request, key === undefined ? newKeyPair() : pairOf(key), issuer, false);
}

const pairOf = (key: string): Pair => ({
  privateKey: createPrivateKey(key),
  publicKey: createPublicKey(key),
});

/** A certificate that vouches for itself, with `more` extensions beside the usual ones. */
export function selfSigned(request: CertificateRequest, more: readonly der.Der[]): KeyAndCertificate {
  const pair = newKeyPair();
  return assemble({ ...request, more }, pair, { subject: request.subject, key: pair.privateKey }, false);
}

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
type Issuer = { readonly subject: string; readonly key: KeyObject };

type Contents = CertificateRequest & { readonly more?: readonly der.Der[] };

const newKeyPair = (): Pair => generateKeyPairSync("ec", { namedCurve: "prime256v1" });

function assemble(request: Contents, pair: Pair, issuer: Issuer, isAuthority: boolean): KeyAndCertificate {
  const body = tbsCertificate(request, pair.publicKey, issuer, isAuthority);
  const signature = sign("sha256", body, issuer.key);
  const certificate = der.sequence(
    body,
    der.sequence(der.objectId(OID.ecdsaWithSha256)),
    der.bitString(signature),
  );
  return {
    key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: toPem("CERTIFICATE", certificate),
  };
}

function tbsCertificate(request: Contents, key: KeyObject, issuer: Issuer, isAuthority: boolean): der.Der {
  const version3 = der.explicit(0, der.integer(Buffer.from([2])));
  return der.sequence(
    version3,
    der.integer(randomBytes(16)),
    der.sequence(der.objectId(OID.ecdsaWithSha256)),
    name(issuer.subject),
    der.sequence(der.time(request.notBefore_ms), der.time(request.notAfter_ms)),
    name(request.subject),
    key.export({ type: "spki", format: "der" }),
    der.explicit(3, der.sequence(...extensions(request, key, issuer, isAuthority))),
  );
}

function extensions(request: Contents, key: KeyObject, issuer: Issuer, isAuthority: boolean): der.Der[] {
  const common = [
    extension(OID.subjectKeyIdentifier, false, der.octetString(keyIdentifier(key))),
    extension(
      OID.authorityKeyIdentifier,
      false,
      der.sequence(der.implicit(0, keyIdentifier(createPublicKey(issuer.key)))),
    ),
  ];
  if (isAuthority) {
    // keyCertSign and cRLSign: bits 5 and 6.
    return [
      extension(OID.basicConstraints, true, der.sequence(der.boolean(true))),
      extension(OID.keyUsage, true, der.bitString(Buffer.from([0b0000_0110]), 1)),
      ...common,
    ];
  }
  return [
    extension(OID.basicConstraints, true, der.sequence()),
    extension(OID.keyUsage, true, der.bitString(Buffer.from([0b1000_0000]), 7)),
    extension(OID.extendedKeyUsage, false, der.sequence(der.objectId(OID.serverAuth))),
    extension(OID.subjectAltName, false, der.sequence(...request.names.map(generalName))),
    ...common,
    ...(request.more ?? []),
  ];
}

/** One X.509 extension. RFC 5280 §4.1 */
export function extension(oid: string, critical: boolean, value: der.Der): der.Der {
  const flag = critical ? [der.boolean(true)] : [];
  return der.sequence(der.objectId(oid), ...flag, der.octetString(value));
}

/** A name of subjectAltName: an IP address or, for everything else, a DNS name. RFC 5280 §4.2.1.6 */
export function generalName(text: string): der.Der {
  const ip = isIP(text) ? parseIp(text) : undefined;
  if (ip === undefined) return der.implicit(2, Buffer.from(text, "latin1"));
  return der.implicit(7, Buffer.from(ip.family === 4 ? ip.octets.subarray(12) : ip.octets));
}

const name = (commonName: string): der.Der =>
  der.sequence(der.set(der.sequence(der.objectId(OID.commonName), der.utf8String(commonName))));

/** RFC 5280 §4.2.1.2 method 1 hashes the key bits; any stable digest serves, so the whole key info is hashed. */
const keyIdentifier = (key: KeyObject): Buffer =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 20);

/** RFC 7468 §2 */
function toPem(label: string, content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
