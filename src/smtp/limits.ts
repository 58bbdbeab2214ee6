/** Every number an SMTP or LMTP session is held to. A caller may pass others; nothing here is read at import time. */
export type SmtpLimits = {
  readonly commandLine_octets: number;
  readonly authLine_octets: number;
  readonly command_ms: number;
  readonly greeting_ms: number;
  readonly handshake_ms: number;
  readonly message_ms: number;
  readonly message_octetsPerSecond: number;
  readonly dataLine_octets: number;
  readonly excess_octets: number;
  readonly chunks: number;
  readonly recipients: number;
  readonly recipientsOvershoot: number;
  readonly errorsSoft: number;
  readonly errorsHard: number;
  readonly errorDelay_ms: number;
  readonly junkCommands: number;
  readonly authAttempts: number;
  readonly finishOnShutdown_ms: number;
  readonly unsentReplies_octets: number;
};

export const defaultLimits: SmtpLimits = {
  /** RFC 5321 §4.5.3.1.4 asks 512 and extensions add to it; 2048 is what senders with long parameters meet elsewhere (T-06). */
  commandLine_octets: 2048,
  /** RFC 4954 §4: 12288 holds the largest Kerberos ticket in base64 (D-30). */
  authLine_octets: 12_288,
  /** RFC 5321 §4.5.3.2.7: a server waits at least five minutes for the next command. Bounds the whole line (D-19). */
  command_ms: 300_000,
  /**
   * How long a client that nobody knows waits for the end of the banner. Programs that do not wait talk in the first
   * moment; an honest server pays this once a day and would wait five minutes (D-08, RFC 5321 §4.5.3.2.1).
   */
  greeting_ms: 2_000,
  /** One round trip and a slow phone (D-19). */
  handshake_ms: 10_000,
  /** Credit a message starts with, and the most it ever has: RFC 5321 §4.5.3.2.5 allows three minutes between blocks. */
  message_ms: 300_000,
  /** Each octet earns 2 ms: slower than a 1980s modem is an attack (D-19). */
  message_octetsPerSecond: 500,
  /**
   * RFC 5321 §4.5.3.1.6 says 998. Deviation: careless programs write whole HTML pages on one line and their
   * users want to be read; nobody writes 64 KiB by accident (T-06).
   */
  dataLine_octets: 65_536,
  /** How much of a message that is refused already we read to its end; more costs the sender the connection. */
  excess_octets: 256 * 1024 * 1024,
  /** 10,000 chunks hold any message in 16 KiB pieces; smaller pieces are an attack (T-20). */
  chunks: 10_000,
  /** RFC 5321 §4.5.3.1.8 asks 100; 1000 is what list servers split at (D-20). */
  recipients: 1000,
  /** A pipelining client cannot know the limit: this many refusals over it are no errors (D-20). */
  recipientsOvershoot: 1000,
  /** A typing error or two per session is human, a dozen is a dictionary (D-17). */
  errorsSoft: 10,
  errorsHard: 20,
  errorDelay_ms: 1000,
  /** NOOP, RSET, VRFY, HELP and repeated greetings without a delivery: keep-alive is fine, a hundred is not (D-18). */
  junkCommands: 100,
  /** A person mistypes; a program that guesses five times per connection pays a new connection for more (D-26 counts the rest). */
  authAttempts: 5,
  /** A message under way at shutdown is finished if it can be in this time (G-09). */
  finishOnShutdown_ms: 30_000,
  /** Replies waiting in our memory for a client that does not read them. */
  unsentReplies_octets: 16_384,
};

/** Under overload: no patience with errors or silence (D-17, D-19). */
export const stressLimits: SmtpLimits = {
  ...defaultLimits,
  command_ms: 10_000,
  greeting_ms: 1_000,
  message_ms: 60_000,
  errorsSoft: 1,
  errorsHard: 1,
  junkCommands: 1,
};
