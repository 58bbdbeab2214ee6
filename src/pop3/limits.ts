/** Every limit of POP3, each with its reason. Octets and milliseconds as the names say. */
export const POP3_LIMITS = {
  /** RFC 2449 §4: a command is at most 255 octets with its CRLF. */
  command_octets: 253,
  /** Before login a line may carry a SASL response (RFC 4422 §4, RFC 4954 §4: 12288 octets), or an initial one after the verb. */
  authorization_octets: 12_288 + 64,
  /** A SASL response in base64 (D-30). */
  saslResponse_octets: 12_288,
  /** Whole time from greeting to login; a client that knows its password needs seconds (D-19). */
  authorization_ms: 60_000,
  /** RFC 1939 §3: the autologout timer is at least ten minutes. */
  idle_ms: 600_000,
  /** A handshake takes a few round trips (D-19). */
  handshake_ms: 10_000,
  /** Lines that are no command: a client has a few, something that is not a POP3 client has many (D-17). */
  faults: 10,
  /** Failed logins before the connection ends; the shared throttle counts on (D-26). */
  loginFailures: 5,
  /** TOP: more lines than any message may have; keeps the number an integer. */
  topLines: 1_000_000_000,
  /** TOP reads the body in growing steps, so that ten lines of a large message stay cheap. */
  topStep_octets: 16 * 1024,
  /** Input octets of a message handled at once when dots are doubled. */
  stuffing_octets: 64 * 1024,
  /** Replies queued before we wait for the client to take them: a pipeline must not fill our memory. */
  unflushed_octets: 32 * 1024,
} as const;
