/** Bounds of the reports we send, each with its reason. */
export const REPORTS_LIMITS = {
  /** Different facts kept in memory between two flushes; what comes after is not counted. 10 MB. */
  waitingMax: 20_000,
  /** What a killed process may forget. Every flush is one more commit for the writer. */
  flush_ms: 30_000,
  /** Signatures told of one message; honest mail has up to four. */
  signaturesMax: 10,
  /** Characters of a name that others chose. */
  nameMax: 255,
  /** Places one report goes to. */
  destinationsMax: 5,
  /** TLS reports that one address or endpoint gets in a day: customers of a service that collects them here. */
  perPlaceMax: 100,
  /** And all of one registered domain together. */
  perDomainMax: 500,
  /** Different HTTPS endpoints in a day. */
  endpointsMax: 500,
  /** Reports of the last days that are counted: as many as the store keeps of both kinds. */
  settledMax: 80_000,
  /** Octets of one report's mail, whatever its reader would take. */
  mailOctetsMax: 10 * 1024 * 1024,
  /** Reports prepared side by side: name servers that never answer hold up one place, not everybody's report. */
  atOnce: 8,
  /** Reports looked at in one run. */
  dueMax: 20_000,
  /** Days after which a report nobody could be sent is forgotten: then its news is old. */
  dueDays: 3,
  /** Between two looks at the clock, and between two tries for a report whose destination the DNS did not tell. */
  look_ms: 60_000,
  again_ms: 3_600_000,
  /** RFC 8460 §4.1 asks senders to spread their reports over the first four hours of the day. */
  spreadMinutes: 240,
} as const;
