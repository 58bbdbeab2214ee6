import pino, { type Logger } from "pino";
import type { Log, LogFields, LogLevel } from "./log.ts";

/** The log as JSON lines on a file or standard error; written at once, so that a crash loses nothing. */
export function jsonLog(options: { readonly level: LogLevel; readonly file: string | undefined }): Log {
  const destination = pino.destination(
    options.file === undefined
      ? { dest: 2, sync: true }
      : { dest: options.file, sync: true, mode: 0o600, mkdir: true },
  );
  return new PinoLog(
    pino(
      {
        level: options.level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        messageKey: "event",
        formatters: { level: (level) => ({ level }) },
      },
      destination,
    ),
  );
}

class PinoLog implements Log {
  readonly #parent: Logger;
  readonly #fields: LogFields | undefined;
  #child: Logger | undefined;

  constructor(parent: Logger, fields?: LogFields) {
    this.#parent = parent;
    this.#fields = fields;
  }

  write(level: LogLevel, event: string, fields: LogFields): void {
    if (this.#parent.isLevelEnabled(level)) this.#logger[level](fields, event);
  }

  with(fields: LogFields): Log {
    return new PinoLog(this.#parent, this.#fields === undefined ? fields : { ...this.#fields, ...fields });
  }

  /** Made when something is written: most sessions have nothing to say at the usual level. */
  get #logger(): Logger {
    if (this.#fields === undefined) return this.#parent;
    return (this.#child ??= this.#parent.child(this.#fields));
  }
}
