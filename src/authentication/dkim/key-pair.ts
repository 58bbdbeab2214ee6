import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { parseDomain, type Domain } from "../../base/domain-name.ts";
import type { SigningAlgorithm } from "./algorithm.ts";

/** What one domain signs with under one selector. */
export type SigningKey = {
  readonly domain: Domain;
  readonly selector: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
};

/** Every verifier takes 2,048, and its record fits one UDP answer. RFC 8301 §3.2; C-07 */
const RSA_BITS = 2_048;
/** RFC 1035 §3.3.14 */
const CHARACTER_STRING_OCTETS_MAX = 255;

const generate = promisify(generateKeyPair);

/** A new private key as PKCS#8 PEM, the form in which keys are stored. RFC 8301 §3.2, RFC 8463 §2 */
export async function generatePrivateKey(algorithm: SigningAlgorithm): Promise<string> {
  const { privateKey } =
    algorithm === "rsa-sha256"
      ? await generate("rsa", { modulusLength: RSA_BITS })
      : await generate("ed25519", {});
  return privateKey.export({ type: "pkcs8", format: "pem" });
}

/**
 * A stored or imported key, ready to sign. Undefined where the PEM is no private key of that algorithm, the RSA key is
 * shorter than 1,024 bits, or selector and domain make no name. RFC 8301 §3.2
 */
export function readSigningKey(stored: {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: string;
}): SigningKey | undefined {
  const domain = parseDomain(stored.domain);
  if (domain === undefined || parseDomain(`${stored.selector}._domainkey.${domain}`) === undefined) {
    return undefined;
  }
  const privateKey = readPem(stored.privateKey);
  const type = stored.algorithm === "rsa-sha256" ? "rsa" : "ed25519";
  if (privateKey?.asymmetricKeyType !== type) return undefined;
  if ((privateKey.asymmetricKeyDetails?.modulusLength ?? RSA_BITS) < 1_024) return undefined;
  return { domain, selector: stored.selector, algorithm: stored.algorithm, privateKey };
}

/** OpenSSL tells by an exception that a text is no key. */
function readPem(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Where the key is published and the text of its TXT record. RFC 6376 §3.6.1, RFC 8463 §4 */
export function keyRecord(key: SigningKey): { readonly name: Domain; readonly text: string } {
  const name = parseDomain(`${key.selector}._domainkey.${key.domain}`);
  if (name === undefined) throw new Error("a signing key has a name");
  const spki = createPublicKey(key.privateKey).export({ type: "spki", format: "der" });
  // The last 32 octets of the structure are the key itself. RFC 8410 §4
  const octets = key.algorithm === "rsa-sha256" ? spki : spki.subarray(-32);
  const type = key.algorithm === "rsa-sha256" ? "rsa" : "ed25519";
  return { name, text: `v=DKIM1; k=${type}; p=${octets.toString("base64")}` };
}

/** The character strings a TXT record is made of. RFC 1035 §3.3.14, RFC 6376 §3.6.2.2 */
export function characterStrings(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${CHARACTER_STRING_OCTETS_MAX}}`, "g")) ?? [""];
}
