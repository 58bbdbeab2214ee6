/** The log as the rooms see it: typed events with fields, never free text with data inside (STYLE 11). */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;
export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Log {
  /** `event` is a constant like `smtp.connect`; `fields` hold what varies. */
  write(level: LogLevel, event: string, fields: LogFields): void;
  /** A log that adds `fields` to every event: `log.with({ session })`. */
  with(fields: LogFields): Log;
}

export const silentLog: Log = { write: () => {}, with: () => silentLog };

/** Collects events in memory, for tests that assert on them. */
export class MemoryLog implements Log {
  readonly events: { level: LogLevel; event: string; fields: LogFields }[];
  readonly #fields: LogFields;

  constructor(fields: LogFields = {}, events: MemoryLog["events"] = []) {
    this.#fields = fields;
    this.events = events;
  }

  write(level: LogLevel, event: string, fields: LogFields): void {
    this.events.push({ level, event, fields: { ...this.#fields, ...fields } });
  }

  with(fields: LogFields): Log {
    return new MemoryLog({ ...this.#fields, ...fields }, this.events);
  }
}
