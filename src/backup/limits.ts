/** Bounds of archives: what is read before anything is authenticated, and how large a piece is. */
export const ARCHIVE_LIMITS = {
  /** Octets sealed at once: one tag each, memory of one piece. */
  chunk_octets: 256 * 1024,
  header_octets: 4096,
  /** Of one file inside: name, mode, size. */
  entryHead_octets: 16 * 1024,
  /** Cost of a passphrase that a header may ask for. */
  argon2Memory_kib: 1024 * 1024,
  argon2Passes: 20,
} as const;

/** What a new passphrase costs: a guess takes about a quarter of a second. */
export const PASSPHRASE_COST = { memory_kib: 65_536, passes: 3 } as const;
