/** The files of a Postfix configuration, wherever they lie. */
export type Sources = {
  /** Text of a file by the path that main.cf names, or relative to its directory; `undefined`: not there. */
  read(path: string): string | undefined;
  /** Paths that may be read, for finding what nothing names (dovecot's users). */
  list(): readonly string[];
};
