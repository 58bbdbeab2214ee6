/** Cipher suites of SSL 2 to TLS 1.3 by number and IANA name, and what is wrong with each class. RFC 9325 §4, G-43 */

/** Why a suite should not be there; the classes of testssl.sh's `cipherlist_*`. */
export type WeakClass = "null" | "anon" | "export" | "low" | "3des" | "dhe" | "rsa" | "cbc";

export type Suite = { readonly code: number; readonly name: string };

const table = (text: string): readonly Suite[] =>
  text
    .trim()
    .split("\n")
    .map((line) => {
      const [code = "", name = ""] = line.trim().split(" ");
      return { code: Number.parseInt(code, 16), name: `TLS_${name}` };
    });

/** What a good server has, best first. */
export const STRONG_SUITES = table(`
  c02c ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
  c030 ECDHE_RSA_WITH_AES_256_GCM_SHA384
  cca9 ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
  cca8 ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
  c02b ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  c02f ECDHE_RSA_WITH_AES_128_GCM_SHA256`);

export const TLS13_SUITES = table(`
  1302 AES_256_GCM_SHA384
  1303 CHACHA20_POLY1305_SHA256
  1301 AES_128_GCM_SHA256`);

/**
 * Worst first, so that one who follows the client's order shows the worst; elliptic curves before finite fields, for which
 * some servers have no parameters and hang up.
 */
export const WEAK_SUITES = table(`
  0000 NULL_WITH_NULL_NULL
  0001 RSA_WITH_NULL_MD5
  0002 RSA_WITH_NULL_SHA
  003b RSA_WITH_NULL_SHA256
  c006 ECDHE_ECDSA_WITH_NULL_SHA
  c010 ECDHE_RSA_WITH_NULL_SHA
  c015 ECDH_anon_WITH_NULL_SHA
  0017 DH_anon_EXPORT_WITH_RC4_40_MD5
  0019 DH_anon_EXPORT_WITH_DES40_CBC_SHA
  0003 RSA_EXPORT_WITH_RC4_40_MD5
  0006 RSA_EXPORT_WITH_RC2_CBC_40_MD5
  0008 RSA_EXPORT_WITH_DES40_CBC_SHA
  0014 DHE_RSA_EXPORT_WITH_DES40_CBC_SHA
  0060 RSA_EXPORT1024_WITH_RC4_56_MD5
  0062 RSA_EXPORT1024_WITH_DES_CBC_SHA
  0064 RSA_EXPORT1024_WITH_RC4_56_SHA
  c016 ECDH_anon_WITH_RC4_128_SHA
  c017 ECDH_anon_WITH_3DES_EDE_CBC_SHA
  c018 ECDH_anon_WITH_AES_128_CBC_SHA
  c019 ECDH_anon_WITH_AES_256_CBC_SHA
  0018 DH_anon_WITH_RC4_128_MD5
  001a DH_anon_WITH_DES_CBC_SHA
  001b DH_anon_WITH_3DES_EDE_CBC_SHA
  0034 DH_anon_WITH_AES_128_CBC_SHA
  003a DH_anon_WITH_AES_256_CBC_SHA
  006c DH_anon_WITH_AES_128_CBC_SHA256
  006d DH_anon_WITH_AES_256_CBC_SHA256
  00a6 DH_anon_WITH_AES_128_GCM_SHA256
  00a7 DH_anon_WITH_AES_256_GCM_SHA384
  0004 RSA_WITH_RC4_128_MD5
  0005 RSA_WITH_RC4_128_SHA
  c007 ECDHE_ECDSA_WITH_RC4_128_SHA
  c011 ECDHE_RSA_WITH_RC4_128_SHA
  0007 RSA_WITH_IDEA_CBC_SHA
  0009 RSA_WITH_DES_CBC_SHA
  0015 DHE_RSA_WITH_DES_CBC_SHA
  0012 DHE_DSS_WITH_DES_CBC_SHA
  000a RSA_WITH_3DES_EDE_CBC_SHA
  0013 DHE_DSS_WITH_3DES_EDE_CBC_SHA
  0016 DHE_RSA_WITH_3DES_EDE_CBC_SHA
  c008 ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA
  c012 ECDHE_RSA_WITH_3DES_EDE_CBC_SHA
  002f RSA_WITH_AES_128_CBC_SHA
  0035 RSA_WITH_AES_256_CBC_SHA
  003c RSA_WITH_AES_128_CBC_SHA256
  003d RSA_WITH_AES_256_CBC_SHA256
  0041 RSA_WITH_CAMELLIA_128_CBC_SHA
  0084 RSA_WITH_CAMELLIA_256_CBC_SHA
  0096 RSA_WITH_SEED_CBC_SHA
  009c RSA_WITH_AES_128_GCM_SHA256
  009d RSA_WITH_AES_256_GCM_SHA384
  c09c RSA_WITH_AES_128_CCM
  c09d RSA_WITH_AES_256_CCM
  c09f DHE_RSA_WITH_AES_256_CCM
  c09e DHE_RSA_WITH_AES_128_CCM
  0033 DHE_RSA_WITH_AES_128_CBC_SHA
  0039 DHE_RSA_WITH_AES_256_CBC_SHA
  0032 DHE_DSS_WITH_AES_128_CBC_SHA
  0038 DHE_DSS_WITH_AES_256_CBC_SHA
  0067 DHE_RSA_WITH_AES_128_CBC_SHA256
  006b DHE_RSA_WITH_AES_256_CBC_SHA256
  0045 DHE_RSA_WITH_CAMELLIA_128_CBC_SHA
  0088 DHE_RSA_WITH_CAMELLIA_256_CBC_SHA
  009e DHE_RSA_WITH_AES_128_GCM_SHA256
  009f DHE_RSA_WITH_AES_256_GCM_SHA384
  ccaa DHE_RSA_WITH_CHACHA20_POLY1305_SHA256
  c009 ECDHE_ECDSA_WITH_AES_128_CBC_SHA
  c00a ECDHE_ECDSA_WITH_AES_256_CBC_SHA
  c013 ECDHE_RSA_WITH_AES_128_CBC_SHA
  c014 ECDHE_RSA_WITH_AES_256_CBC_SHA
  c023 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
  c024 ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
  c027 ECDHE_RSA_WITH_AES_128_CBC_SHA256
  c028 ECDHE_RSA_WITH_AES_256_CBC_SHA384
  c072 ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256
  c076 ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256`);

/** The worst that can be said of a suite; undefined for a good one. */
export function weaknessOf({ name }: Suite): WeakClass | undefined {
  if (name.includes("_NULL")) return "null";
  if (name.includes("EXPORT")) return "export";
  if (name.includes("_anon_")) return "anon";
  if (/_(?:RC4|RC2|DES|IDEA|SEED)_/.test(name)) return "low";
  if (name.includes("_3DES_")) return "3des";
  if (name.startsWith("TLS_DHE_")) return "dhe";
  if (name.startsWith("TLS_RSA_")) return "rsa";
  return name.includes("_CBC_") ? "cbc" : undefined;
}

/** The IANA name, or the number of one we do not know. */
export const suiteName = (code: number): string =>
  [...STRONG_SUITES, ...TLS13_SUITES, ...WEAK_SUITES].find((suite) => suite.code === code)?.name ??
  `0x${code.toString(16).padStart(4, "0")}`;
