import { createHash, createPublicKey, sign, type KeyObject } from "node:crypto";

/** A P-256 public key as JSON. RFC 7517 §4, RFC 7518 §6.2 */
export type EcJwk = {
  readonly crv: "P-256";
  readonly kty: "EC";
  readonly x: string;
  readonly y: string;
};

/** JWS Flattened JSON Serialization, the body of every ACME request. RFC 7515 §7.2.2, RFC 8555 §6.2 */
export type Jws = { readonly protected: string; readonly payload: string; readonly signature: string };

export type JwsRequest = {
  readonly key: KeyObject;
  /** The account's URL; without it the key itself goes along, as newAccount asks. RFC 8555 §6.2 */
  readonly accountUrl?: string;
  readonly nonce: string;
  readonly url: string;
  /** JSON text; empty for POST-as-GET. RFC 8555 §6.3 */
  readonly payload: string;
};

/** A request signed by the account's key (ES256). RFC 8555 §6.2 */
export function signRequest({ key, accountUrl, nonce, url, payload }: JwsRequest): Jws {
  const identity = accountUrl === undefined ? { jwk: publicJwk(key) } : { kid: accountUrl };
  return signJws(JSON.stringify({ alg: "ES256", ...identity, nonce, url }), payload, key);
}

/** Signs a protected header and a payload as they stand, octet for octet. ES256: RFC 7515 §5.1, RFC 7518 §3.4 */
export function signJws(header: string, payload: string, key: KeyObject): Jws {
  const protectedPart = base64url(header);
  const payloadPart = base64url(payload);
  const signature = sign("sha256", Buffer.from(`${protectedPart}.${payloadPart}`, "latin1"), {
    key,
    dsaEncoding: "ieee-p1363",
  });
  return { protected: protectedPart, payload: payloadPart, signature: signature.toString("base64url") };
}

/** The public half of a P-256 key, members in the order the thumbprint wants them. RFC 7638 §3.2 */
export function publicJwk(key: KeyObject): EcJwk {
  const { x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  return { crv: "P-256", kty: "EC", x, y };
}

/** Digest that names a key. RFC 7638 §3 */
export const thumbprint = (jwk: EcJwk): string => sha256(JSON.stringify(jwk)).toString("base64url");

/** What a challenge has to show: token and key, bound together. RFC 8555 §8.1 */
export const keyAuthorization = (token: string, key: KeyObject): string =>
  `${token}.${thumbprint(publicJwk(key))}`;

/** Digest of a key authorization, for TLS-ALPN-01 and DNS-01. RFC 8737 §3, RFC 8555 §8.4 */
export const authorizationDigest = (authorization: string): Buffer => sha256(authorization);

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
const base64url = (text: string): string => Buffer.from(text, "utf8").toString("base64url");
