import { logicalLines, type Fault } from "../logical-lines.ts";

/** A user of dovecot's passwd-file. */
export type PasswdEntry = {
  readonly user: string;
  /** `BLF-CRYPT`, `SHA512-CRYPT`, …; of the `$n$` prefix where none is named. */
  readonly scheme: string;
  /** Without its `{SCHEME}`. Empty where the field is. */
  readonly hash: string;
  readonly line: number;
};

/** Reads `user:{SCHEME}hash:uid:gid:gecos:home:shell:extra`; a line that is not so is a fault. Total. dovecot auth-passwd-file */
export function parsePasswdFile(text: string): {
  readonly entries: readonly PasswdEntry[];
  readonly faults: readonly Fault[];
} {
  const { lines, faults: lineFaults } = logicalLines(text);
  const faults = [...lineFaults];
  const entries: PasswdEntry[] = [];
  for (const { line, text: content } of lines) {
    const [user = "", secret] = content.split(":");
    if (user === "" || secret === undefined) {
      faults.push({ line, column: 1, message: "no `user:password`" });
      continue;
    }
    const named = /^\{([A-Za-z0-9.-]{1,40})\}/.exec(secret);
    const hash = named === null ? secret : secret.slice(named[0].length);
    const scheme = named?.[1]?.toUpperCase() ?? "CRYPT";
    // CRYPT is whatever crypt(3) knows: the hash itself says which.
    entries.push({ user, scheme: scheme === "CRYPT" ? schemeOf(hash) : scheme, hash, line });
  }
  return { entries, faults };
}

const PREFIXES: readonly (readonly [prefix: string, scheme: string])[] = [
  ["$2", "BLF-CRYPT"],
  ["$6$", "SHA512-CRYPT"],
  ["$5$", "SHA256-CRYPT"],
  ["$1$", "MD5-CRYPT"],
  ["$argon2id$", "ARGON2ID"],
  ["$argon2i$", "ARGON2I"],
  ["$y$", "YESCRYPT"],
  ["$7$", "SCRYPT"],
];
const schemeOf = (hash: string): string =>
  PREFIXES.find(([prefix]) => hash.startsWith(prefix))?.[1] ?? "CRYPT";

/** Schemes that keep the password readable, or so weakly that the hash is as good as the password. */
const WEAK =
  /^(?:PLAIN|CLEARTEXT|CLEAR|PLAIN-MD5|LDAP-MD5|SHA|SHA1|SHA256|SHA512|SSHA|SMD5|MD5|MD5-CRYPT|CRYPT|DES-CRYPT|LANMAN|NTLM|CRAM-MD5|DIGEST-MD5|HMAC-MD5|RPA|OTP)(?:\.|$)/;

/** True where the file must be treated as if it held the passwords themselves. */
export const isWeakScheme = (scheme: string): boolean => WEAK.test(scheme);

/** Schemes whose hashes are good for a login here (`accounts/foreign-hash.ts`). */
const TAKEN = /^(?:SHA256-CRYPT|SHA512-CRYPT|BLF-CRYPT|ARGON2I|ARGON2ID|PBKDF2|SSHA256|SSHA512)(?:\.|$)/;

/** True where the hash can come along; the hash itself is looked at when it is loaded. */
export const isTakenScheme = (scheme: string): boolean => TAKEN.test(scheme);
