/** Every number that bounds what one client may ask of this server, each with its reason. */
export const RATE_LIMITS = {
  /**
   * A network (IPv4 /24, IPv6 /56) gets this many times what one client (IPv4 address, IPv6 /64) gets: a provider's
   * farm of senders or a campus fits, a rented block counts as little more than one client (D-14).
   */
  networkFactor: 4,
  /**
   * Per client and minute (D-16). A bucket holds one minute's worth, so that a burst of that size passes at once.
   * Senders reuse connections: the busiest forwarders open a few a minute to a small server.
   */
  connections: 60,
  /** Mail programs open five to ten connections at a time, an office of twenty people starts work at the same hour. */
  userConnections: 200,
  /** A list server with a message for each of a hundred people here. */
  messages: 100,
  /** As many recipients as one message may have (RFC 5321 §4.5.3.1.8 asks for 100), five times over. */
  recipients: 500,
  /** Handshakes, over all ports. As many as connections on the ports of users. */
  handshakes: 200,
  /** Wrong logins a client may have looked at; right ones give their place back. The throttle counts further (D-26). */
  logins: 60,
  /** Handshakes under way at once from one client: each costs a signature, and waits up to ten seconds for its client. */
  handshakesAtOnce: 20,
  /** … and from everybody: two cores sign several hundred a second, so that more are not working but waiting. */
  handshakesAtOnceAll: 500,
  /**
   * When every place on port 25 is taken, a newcomer gets that of a client that has said nothing for this long:
   * Postfix's time-out under stress. The one sent away was told 421 and comes again.
   */
  idleWhenFull_ms: 10_000,
  /** Buckets kept, some 150 octets each. */
  buckets: 100_000,
  /** Visits to the web door last a second or less; more at once than this are a flood. */
  webSeats: 200,
  /** One line in the log for each client that is refused at the door, and then one a minute. */
  refusalLog_ms: 60_000,
  refusalLogClients: 10_000,
  /** Descriptors for the store, the queue, the spool, DNS and outgoing connections. */
  filesReserved: 256,
  /** A session on port 25 may need a second descriptor: its spool file, or a question to the DNS. */
  filesPerStranger: 2,
} as const;

/** What becomes of addresses that guess passwords or probe, each number with its reason. */
export const BAN_LIMITS = {
  /**
   * Different guesses (login and password) from one client in the window. A program with an old password makes one
   * guess over and over; a family makes a few; thirty different ones are a list.
   */
  guesses: 30,
  /** Attempts to relay through port 25: a misconfigured program tries one message again and again, a prober many addresses. */
  relays: 10,
  /** Recipients that do not exist: an old mailing list has some … */
  unknownRecipients: 30,
  /** … but then this share of its recipients at least exists. */
  unknownShare: 0.8,
  /** Talking before the banner; each time costs the client its session already. */
  earlyTalks: 5,
  /** Without an offence for this long, a client's count starts anew. */
  window_ms: 3_600_000,
  /** First ban; each further one within `memory_ms` lasts four times as long. */
  first_ms: 3_600_000,
  growth: 4,
  /** Addresses change hands: nobody pays longer than a day for who had it before. */
  longest_ms: 86_400_000,
  memory_ms: 7 * 86_400_000,
  /** A client that has logged in is throttled and never banned for guessing: others behind its address must not shut it out (D-28). */
  known_ms: 30 * 86_400_000,
  /** Bans and counters kept; a flood of addresses costs memory for these and no more. */
  bans: 20_000,
  counters: 20_000,
  /** Networks that an operator wrote into the table of bans himself. */
  networks: 1_000,
  /** How soon the server sees what the operator changed in the tables. */
  poll_ms: 5_000,
} as const;

/** The test before the banner (D-08, D-09); how long it takes stands in the limits of SMTP. */
export const GREETING_LIMITS = {
  /** A client that waited is not watched again for this long. */
  passed_ms: 86_400_000,
  clients: 50_000,
} as const;
