/** Every bound of an examination with its reason. */
export const DOCTOR_LIMITS = {
  /** Greeting delays of honest servers end within 10 s; RFC 5321 §4.5.3.2 would allow minutes, a person at a terminal does not. */
  answer_ms: 15_000,
  connect_ms: 8_000,
  /** Of a token that permits closer looks; nobody guesses one. */
  tokenCharsMin: 16,
  /** After a false end of a message an answer comes at once or not at all; some octets later it would be one. */
  silence_ms: 2_000,
  /** Of an MTA-STS policy: shorter than its probe, so that a slow policy host does not hide what the record says. */
  policy_ms: 30_000,
  /** SRV records of a service that are followed; further ones are other servers of the same kind. */
  announcedMax: 4,
  /** One visit with a dozen commands. */
  probe_ms: 60_000,
  /** Between two visits to a host that is not ours: slower than any rate limit that is meant for abuse. */
  pause_ms: 2_000,
  /** Internet.nl looks at ten mail hosts (G2). */
  hostsMax: 10,
  /** Addresses of others that are visited; the rest is said to be unknown. */
  foreignAddressesMax: 4,
  /** Doors for mail programs of others (SRV) that are visited: one to send and one to read, as a rule. */
  foreignServicesMax: 2,
  /** Web servers of others: the one with the policy, the one with the settings. */
  foreignWebMax: 2,
  /** What one server may say in one visit; a banner of a gigabyte ends the visit. */
  inputOctetsMax: 64 * 1024,
  /** A reply of honest servers has some twenty lines. */
  replyLinesMax: 100,
  /** Certificates of a chain that are looked at. */
  chainMax: 10,
  /** Tickets of one visit that are looked at; a server sends two. */
  sessionsMax: 8,
  /** Of texts shown to people. */
  evidenceChars: 240,
  /** RFC 7208 §4.6.4 */
  spfLookupsMax: 10,
  spfVoidsMax: 2,
  /** Includes inside includes; the look-up limit ends honest ones much earlier. */
  spfQuestionsMax: 40,
  /** Failed renewals are noticed in time; a certificate of six days has a shorter time (T-56). */
  certificateDaysWarn: 14,
  certificateDaysFail: 3,
  /** DNSSEC signatures: G-12; signers at work renew at a quarter of the life (BIND), those that sign for two days more often. */
  signatureDaysWarn: 3,
  signatureDaysFail: 1,
  /** Mail hosts whose own signatures are looked at, and servers of each of their zones. */
  signedHostsMax: 3,
  signedServersMax: 2,
  /** Mail that waits longer has a reason worth knowing; notices to senders go out at four hours. */
  queueAgeWarn_ms: 4 * 3_600_000,
  queueAgeFail_ms: 24 * 3_600_000,
  /** A day and some: daily backups that ran late are not missing. */
  backupAgeWarn_ms: 26 * 3_600_000,
  backupAgeFail_ms: 7 * 24 * 3_600_000,
  /** A day and some: the minute wanders where the clock changes. */
  examinationAgeWarn_ms: 28 * 3_600_000,
  /** The feed of new versions is asked every day. */
  updateSilent_ms: 4 * 24 * 3_600_000,
  /** Where an interval is configured: late by less than this is only late. */
  backupLate_ms: 2 * 3_600_000,
  /** An administrator is reminded of his password at this age, where no other is configured (S-10). */
  adminPasswordDays: 180,
  /** Signatures, tickets and one-time passwords bear this (S-03); an HTTP date has whole seconds. */
  clockOffset_s: 5,
  /** Domains whose postmaster is asked for: one rule speaks of all, as a rule. */
  roleDomainsMax: 50,
  /** What the server is built for and tested with; earlier ones get no updates any more. */
  nodeMajorMin: 26,
} as const;

/** Days left at which a signature of the DNS is a warning and a failure, in proportion for those with a short life. */
export function signatureDays(life_days: number): { readonly warn: number; readonly fail: number } {
  const { signatureDaysWarn, signatureDaysFail } = DOCTOR_LIMITS;
  return {
    warn: Math.min(signatureDaysWarn, life_days / 5),
    fail: Math.min(signatureDaysFail, life_days / 10),
  };
}

/** The same for certificates. */
export function certificateDays(life_days: number): { readonly warn: number; readonly fail: number } {
  const { certificateDaysWarn, certificateDaysFail } = DOCTOR_LIMITS;
  return {
    warn: Math.min(certificateDaysWarn, life_days / 4),
    fail: Math.min(certificateDaysFail, life_days / 10),
  };
}
