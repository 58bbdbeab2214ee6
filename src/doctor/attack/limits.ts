/** What an attack on our own server may cost, each number with its reason. */
export const ATTACK_LIMITS = {
  /** All cases together need some 250; the server has places for a thousand. */
  connectionsMax: 600,
  /** The bombs are small before they explode: 12 MB together. */
  octetsMax: 48 * 1024 * 1024,
  /** A minute for those who wait for slow senders to be sent away, and some for the rest. */
  duration_ms: 180_000,
  /** One case with its connections; the longest waits for a login that never comes (a minute). */
  case_ms: 90_000,
  /** What the server may say in one visit: the outline of a bomb is some hundred KB. */
  inputOctetsMax: 8 * 1024 * 1024,
  /** After octets that must not be an answer's cause; what comes, comes at once. */
  silence_ms: 1_500,
  /** The bystander greets the server this often and remembers how long it waited. */
  bystander_ms: 500,
  /** Rounds of the login oracle, each one login for every kind; below the five after which the throttle slows down. */
  timingRounds: 4,
  /** Argon2id takes 30 ms and more, a look-up 1 ms: an oracle is a factor of ten, a busy machine one of two. */
  timingFactor: 4,
  /** … and below this no difference is told from noise. */
  timingNoise_ms: 15,
  /** A slow sender is sent away within this: a minute before login, and the machine may be busy. */
  slowLogin_ms: 80_000,
  slowHandshake_ms: 25_000,
  slowRequest_ms: 35_000,
  /** How often it says an octet meanwhile. */
  trickle_ms: 1_000,
} as const;
