/** Bounds of reading somebody else's Postfix, each with its reason. */
export const POSTFIX_LIMITS = {
  /** Octets of one file; the largest real main.cf is 30 KB, tables reach some megabytes. */
  fileOctetsMax: 16 * 1024 * 1024,
  /** Logical lines of one file; what is beyond is a fault, never silently gone. */
  linesMax: 200_000,
  /** Characters of one logical line, continuation lines included (Postfix: 2048 a line, no limit on the whole). */
  lineMax: 100_000,
  /** `$name` inside the value of `$name`: Postfix gives up at 100; nobody nests more than four. */
  expansionDepthMax: 20,
  /** Characters one expansion may grow to: `a = $b$b`, `b = $c$c`, … doubles at each step. */
  expansionMax: 100_000,
  /** References one expansion may follow, for the same reason where the names are empty. */
  expansionStepsMax: 10_000,
  /** `:include:` inside an included file. */
  includeDepthMax: 5,
  /** Targets of one alias; ours holds fewer than Postfix's 1000. */
  targetsMax: 1000,
  /** Files of a directory that are looked at by name. */
  filesMax: 5000,
  /** Entries of one kind in an import; more belongs to a data base, not to a text file. */
  entriesMax: 100_000,
} as const;
