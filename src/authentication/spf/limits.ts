/** Every bound of an SPF check with its reason. */
export const SPF_LIMITS = {
  /** `include`, `a`, `mx`, `ptr`, `exists`, `redirect` and `%{p}` that may ask the DNS. RFC 7208 §4.6.4 */
  lookupTermsMax: 10,
  /** Questions of such terms that found nothing; more is a typing error or an attack. RFC 7208 §4.6.4 */
  voidLookupsMax: 2,
  /** Hosts of one `mx`. RFC 7208 §4.6.4 */
  mxHostsMax: 10,
  /** The whole check. RFC 7208 §4.6.4: at least 20 seconds; C-04 */
  budget_ms: 20_000,
  /** A record this long fills several DNS answers; the longest honest ones have some 4,000 octets. */
  recordOctetsMax: 16_384,
  /** What of `exp=` may stand in a reply: two lines of SMTP. */
  explanationOctetsMax: 255,
  /** Local part and HELO name enter macros; RFC 5321 §4.5.3.1 allows 64 and 255 octets. */
  identityOctetsMax: 320,
  /** Of a term shown to people. */
  termShownMax: 120,
} as const;
