import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { extension, generalName } from "./certificate.ts";
import * as der from "./der.ts";

const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const SUBJECT_ALT_NAME = "2.5.29.17";
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const SHA256_WITH_RSA = "1.2.840.113549.1.1.11";

/**
 * A request to certify `names` for `key` (EC or RSA), DER. The subject stays empty: the names that count are in
 * subjectAltName, and a common name ends at 64 characters. RFC 2986 §4, RFC 8555 §7.4
 *
 *     CertificationRequestInfo ::= SEQUENCE { version INTEGER { v1(0) }, subject Name, subjectPKInfo,
 *                                             attributes [0] SET OF Attribute }
 */
export function certificateRequest(names: readonly string[], key: KeyObject): Buffer {
  const wanted = der.sequence(extension(SUBJECT_ALT_NAME, false, der.sequence(...names.map(generalName))));
  const info = der.sequence(
    der.integer(Buffer.from([0])),
    der.sequence(),
    createPublicKey(key).export({ type: "spki", format: "der" }),
    der.explicit(0, der.sequence(der.objectId(EXTENSION_REQUEST), der.set(wanted))),
  );
  return der.sequence(info, algorithmOf(key), der.bitString(sign("sha256", info, key)));
}

/** RSA names its algorithm with a NULL parameter, ECDSA with none. RFC 4055 §5, RFC 5758 §3.2 */
const algorithmOf = (key: KeyObject): der.Der =>
  key.asymmetricKeyType === "rsa"
    ? der.sequence(der.objectId(SHA256_WITH_RSA), Buffer.from([0x05, 0x00]))
    : der.sequence(der.objectId(ECDSA_WITH_SHA256));
