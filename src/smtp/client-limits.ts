/** How long we wait for a remote server. RFC 5321 §4.5.3.2 names minimums; these are they unless said. */

/** Shorter than the RFC's five minutes for TCP: another host or the next try is better than waiting. */
export const CONNECT_MS = 30_000;
export const TLS_MS = 60_000;
export const GREETING_MS = 300_000;
export const COMMAND_MS = 300_000;
export const DATA_INITIATION_MS = 120_000;
export const FINAL_DOT_MS = 600_000;
/** A goodbye is a courtesy. */
export const QUIT_MS = 2_000;

/** A reply line of 512 octets is the rule (RFC 5321 §4.5.3.1.5); some servers are wordy. */
export const REPLY_LINE_OCTETS_MAX = 4096;
export const REPLY_LINES_MAX = 200;
/** Of a remote's text this much is kept for log, queue and DSN. */
export const REPLY_TEXT_MAX = 1000;
/** Recipients of one flight of commands; more would fill the remote's window before it answers. */
export const RECIPIENTS_PER_FLIGHT = 100;
