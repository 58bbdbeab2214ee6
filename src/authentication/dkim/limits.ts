/** Every bound of signature checks with its reason; also those of ARC. */
export const DKIM_LIMITS = {
  /** Signatures looked at; honest mail that passed two lists has four. RFC 6376 §8.4; C-10 */
  signaturesMax: 10,
  /** Signatures named in the result; more are nobody's honest mail. */
  reportedMax: 50,
  /** Keys, hashes and waiting together. C-10 */
  budget_ms: 20_000,
  /** Octets of one header; beyond, no signature is looked at. Header fields are hashed once for every signature. */
  headerOctetsMax: 1024 * 1024,
  /** Fields of one header; long Received and ARC chains of real mail reach 300. */
  headerFieldsMax: 10_000,
  /** Octets of one tag list: an RSA signature of 8,192 bits with hundreds of signed names takes some 12,000. */
  tagListOctetsMax: 65_536,
  tagsMax: 100,
  /** Names in h=. */
  signedNamesMax: 1_000,
  /** Characters of i=: an address of RFC 5321 §4.5.3.1 and its escapes. */
  identityMax: 1_024,
  /** Below, nobody believes a key. RFC 8301 §3.2 */
  rsaBitsMin: 1_024,
  /** Above, verifying costs milliseconds that the sender chose. RFC 8301 wants 4,096. */
  rsaBitsMax: 8_192,
  /** A key of 8,192 bits takes 1,060 octets. */
  keyOctetsMax: 1_200,
  /** OpenSSL refuses larger ones for long keys only; every real key has 65,537. */
  rsaExponentMax: 2n ** 32n,
  /** TXT records at one key name that are tried. RFC 6376 §6.1.2 */
  keyRecordsMax: 4,
  /** A key of 8,192 bits in base64 with its tags takes 1,500. */
  keyRecordOctetsMax: 4_096,
  /** Clocks of senders that run ahead of ours. */
  futureTolerance_s: 3_600,
  /** Digits of t= and x=: the year 30,000. */
  timestampDigitsMax: 12,
  /** Octets hashed before others get their turn. */
  turnOctets: 4 * 1024 * 1024,
  /** Octets of a header that is hashed at once: two milliseconds. */
  turnHeaderOctets: 64 * 1024,
  /** Octets of all ARC fields together; each seal signs all those before it. */
  arcOctetsMax: 256 * 1024,
} as const;
