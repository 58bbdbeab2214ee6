/** Numbers of outgoing delivery, each with its reason. What an operator may choose is in `queue/schedule.ts`. */
export const OUTBOUND_LIMITS = {
  /** The command line changes the queue from another process; its user expects an effect within 5 s. */
  poll_ms: 3_000,
  /** Longer than almost every try; a try that takes longer is known to this process and not begun twice. */
  lease_ms: 900_000,
  /** Entries taken from the store at once. */
  leaseBatch: 50,
  /** Deliveries held in memory, waiting or under way: a few hundred KB, and enough that one slow destination hides no other. */
  jobsMax: 1_000,
  /** A connection stays open this long for the next message; servers dislike longer silence. */
  idle_ms: 4_000,
  /** One connection serves this many messages, so that load spreads over the addresses of a destination. */
  messagesPerSession: 100,
  /** And for this long, so that changes in the DNS are noticed. */
  session_ms: 300_000,
  /** Servers that answered and put the message off; a third one would say the same. Those that did not answer are not counted. */
  sessionsPerTry: 2,
  /** A message that waits this long behind another gets a connection of its own. */
  patience_ms: 5_000,
  /** Octets read from the store and handed to the connection at once. */
  chunk_octets: 256 * 1024,
  /** Octets of a message looked through for its trace fields; RFC 5321 §6.3 loops grow by far less. */
  header_octets: 256 * 1024,
  /** A host that chokes on post-quantum key shares is asked again after this: such servers are being mended. */
  classical_ms: 86_400_000,
  /** Such hosts remembered; the others cost one more connection. */
  classicalHostsMax: 1_000,
  /** Between two messages after a destination first asked for less: the queue is looked at as often. */
  gapMin_ms: 3_000,
  /** And at most: a dozen messages an hour tell whether it has changed its mind. */
  gapMax_ms: 300_000,
  /** Without another complaint the gap halves and a connection more is allowed, each time; providers count by the hour. */
  recover_ms: 600_000,
  /** After so many steps there is no restriction left. */
  recoverSteps: 6,
  /** Messages that wait for their turn are promised moments up to here, and ask again then. */
  promisedMax_ms: 3_600_000,
  /** Destinations remembered for nothing but their pace; an hour later it is over anyway. */
  pacedLanesMax: 1_000,
  /** A result that cannot be written is kept and tried again: forgetting it would deliver the message twice. */
  settleRetry_ms: 5_000,
} as const;
