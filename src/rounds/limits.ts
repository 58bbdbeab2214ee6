/** Numbers of what the server does to itself, each with its reason. */
export const ROUNDS_LIMITS = {
  /** Whether something is due is asked this often. */
  look_ms: 30_000,
  /** Sixty seconds a probe at most; a hundred domains with a dead resolver take half an hour. */
  full_ms: 60 * 60_000,
  light_ms: 20 * 60_000,
  /** Of a report; a hundred domains make one of two. */
  report_octets: 8 * 1024 * 1024,
  /** What a process that died had to say last. */
  lastWords_chars: 400,
  /** An examination takes some 100 MB; more is a fault. */
  memory_mib: 512,
  /** Where so much went wrong at once one thing is behind it, and nobody reads on. */
  newsOfLetter: 12,
  /** Rounds in a row in which something could not be learned, before it is told (G-02). */
  unknownRounds: 2,
  /** Rounds in a row in which what hangs on the network is bad, or well again, before it is told. */
  sameRounds: 2,
  /** Findings remembered: some 150 of a server with many domains would be bad. */
  standingMax: 2_000,
} as const;
