/** Bounds of the queue, each with its reason. What an operator may choose is in `schedule.ts`. */
export const QUEUE_LIMITS = {
  /** MX records looked at, best preference first. Large providers have five; more is a mistake or an attack. */
  mailHostsMax: 10,
  /** Addresses of one host, so that a backup MX is reached even when the first one lists dozens. */
  addressesPerHostMax: 8,
  /** Addresses tried for one message at one time: 20 connects of 30 s each are ten minutes. */
  addressesMax: 20,
  /** Recipients of one transaction; every server must take 100 (RFC 5321 §4.5.3.1.8). */
  recipientsPerTransaction: 100,
  /** A whole message goes back with its notice up to here; of a larger one only the header. */
  returnedMessage_octets: 1024 * 1024,
  /** Header octets that go back; cut at the end of a line. */
  returnedHeader_octets: 64 * 1024,
  /** Longest line we send without an encoding. RFC 5322 §2.1.1 */
  line_octets: 998,
  /** Lines of a remote reply that are quoted. The first ones say it. */
  diagnosticLinesMax: 10,
  /** Characters of each of them, so that no line of a notice grows long. */
  diagnosticLine_chars: 400,
  /** Characters of a reply kept with the recipient for the command line and the log. */
  lastReply_chars: 512,
} as const;
