/** Numbers of alerts, each with its reason. */
export const ALERT_LIMITS = {
  /** How often everything is looked at. */
  look_ms: 60_000,
  /** Looks that must agree before something is told: what comes and goes within a minute is nobody's business. */
  rounds: 2,
  /** A longer queue is read no further; that it is long is the alert. */
  queueMessages: 1_000,
  /** A post, from the name to the end of the answer. */
  post_ms: 10_000,
  /** Of an answer; what it says does not matter. */
  answer_octets: 64 * 1024,
  /** Alerts remembered: one for each DNS list and a few more. */
  alertsMax: 100,
  /** Of the headline in a subject: what a list of mail shows. */
  subjectChars: 150,
  /** Of a value in a text: a DNS record to copy is long. */
  valueChars: 800,
} as const;
