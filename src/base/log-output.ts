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
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(level: LogLevel, event: string, fields: LogFields): void {
    this.#logger[level](fields, event);
  }

  with(fields: LogFields): Log {
    return new PinoLog(this.#logger.child(fields));
  }
}
