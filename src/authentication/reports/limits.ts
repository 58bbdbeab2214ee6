/** Bounds of reports others send us, each with its reason. Anybody can write to a report address. */
export const REPORT_LIMITS = {
  /** Compressed octets. Reports of the largest senders have some hundred KB. */
  packedOctetsMax: 10 * 1024 * 1024,
  /** Unpacked octets; what others allow too (T-52). */
  unpackedOctetsMax: 25 * 1024 * 1024,
  /** Repetitive XML shrinks to a fiftieth; 200 is not honest, once there is more than `unpackedAlways`. */
  ratioMax: 200,
  unpackedAlways: 1024 * 1024,
  /** Elements inside each other. Reports have six. */
  xmlDepthMax: 20,
  /** Elements of one record, or of one other child of the root. 100 signatures have 500. RFC 9990 §3.1.3 */
  xmlElementsMax: 2_000,
  /** Records of one report: 25 MB of real ones. */
  recordsMax: 50_000,
  /** Characters of one value that are kept. */
  textLengthMax: 1_000,
  /** Members of a zip directory that are looked at. */
  zipMembersMax: 20,
  /** Policies of one TLS report, and failures of one policy. */
  tlsPoliciesMax: 1_000,
  tlsFailuresMax: 1_000,
  /** Strings of one list in a TLS report (policy-string, mx-host). */
  tlsStringsMax: 100,
  /** Different sources of one summary; the rest is counted together. */
  sourcesMax: 1_000,
  /** Octets, packed and unpacked, that one run reads: seconds of work, and years of a large server's reports. */
  runOctetsMax: 512 * 1024 * 1024,
  /** Of them by one reporter, so that none crowds out the others. */
  reporterOctetsMax: 64 * 1024 * 1024,
  /** Mails of one reporter in a day: one for each domain of a large server. */
  reporterDayMails: 2_000,
  /** Reports of one reporter about one domain and day. Hourly ones are 24, and some providers have two systems. */
  reporterDayReports: 48,
  /** Pairs of a sender and a name above it that the DNS is asked about in one run. */
  organizationsMax: 30,
  /** Kinds of unproven mails told apart. */
  unprovenMax: 100,
  /** Octets of the machine-readable part of a feedback report. */
  feedbackOctetsMax: 64 * 1024,
  /** Values of a field that may be repeated. */
  feedbackValuesMax: 100,
} as const;
