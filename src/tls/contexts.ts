import { createSecureContext, type SecureContext, type TLSSocketOptions } from "node:tls";
import type { KeyAndCertificate } from "./certificate.ts";

/**
 * TLS 1.2 only with forward secrecy and AEAD; TLS 1.3 suites as OpenSSL has them, AES-256 first (T-35, T-36).
 * A floor, not a setting: Node's own defaults accept RSA key exchange and CBC.
 */
export const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
].join(":");

/** Hybrid post-quantum first, then the curves NCSC-NL calls sufficient (T-37). */
export const GROUPS = "X25519MLKEM768:X25519:P-256:P-384";

/** What we offer other mail servers without post-quantum shares, whose ClientHello some of them cannot take in. */
export const CLASSICAL_CLIENT_GROUPS = "X25519:P-256:P-384:P-521";
/** What we offer them first. */
export const CLIENT_GROUPS = `X25519MLKEM768:${CLASSICAL_CLIENT_GROUPS}`;

/** SHA-1 signatures are refused (T-40). */
const SIGNATURE_ALGORITHMS = [
  "ecdsa_secp256r1_sha256",
  "ecdsa_secp384r1_sha384",
  "ed25519",
  "rsa_pss_rsae_sha256",
  "rsa_pss_rsae_sha384",
  "rsa_pss_rsae_sha512",
  "rsa_pkcs1_sha256",
  "rsa_pkcs1_sha384",
  "rsa_pkcs1_sha512",
].join(":");

/**
 * TLS for one service. Each service has a context of its own, and with it ticket keys of its own, so that a
 * ticket from port 25 means nothing on 993 (T-41). `alpn`: ids the service answers to; others get an alert (T-42).
 */
export function serverTls(
  service: string,
  pair: KeyAndCertificate,
  alpn: readonly string[],
): TLSSocketOptions {
  return {
    secureContext: serverContext(pair, service),
    ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
  };
}

/**
 * SSL_OP_NO_RENEGOTIATION, which Node does not name. Node switches renegotiation by clients on (OpenSSL 3 has it off), and counts
 * it only where its own server accepts the connection: with STARTTLS a client could ask for handshakes without end.
 */
export const NO_RENEGOTIATION = 1 << 30;

function serverContext(pair: KeyAndCertificate, service: string): SecureContext {
  return createSecureContext({
    key: pair.key,
    cert: pair.certificate,
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    ecdhCurve: GROUPS,
    sigalgs: SIGNATURE_ALGORITHMS,
    honorCipherOrder: true,
    secureOptions: NO_RENEGOTIATION,
    sessionIdContext: service,
  });
}
