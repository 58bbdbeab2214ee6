/** Setting of the store the running server keeps this in. */
export const SCHEDULE_SETTING = "doctor-schedule";

/** What is remembered of examinations from one process to the next. */
export type ScheduleState = {
  /** 0 to 1, chosen once: not all servers of the world shall ask the same lists at the same minute. */
  readonly lot: number;
  /** When the server that writes this was started. */
  readonly begun_ms: number;
  readonly full_ms: number;
  readonly light_ms: number;
  /** Of version and configuration, as the last full examination saw them. */
  readonly digest: string;
  /** Of the last one that came to no end; 0: the last one did. */
  readonly failed_ms: number;
  /** How the last one went. */
  readonly outcome: string;
};

const PATIENCE_MS = 3_600_000;

/** Nobody has to have examined himself within his first hour. */
export const isYoung = ({ begun_ms, full_ms, failed_ms }: ScheduleState, now_ms: number): boolean =>
  full_ms === 0 && failed_ms === 0 && (begun_ms === 0 || now_ms - begun_ms < PATIENCE_MS);

/** What an earlier process wrote; a new lot where there is none that can be read. */
export function readState(text: string | undefined, random: () => number): ScheduleState {
  const fresh = {
    lot: random(),
    begun_ms: 0,
    full_ms: 0,
    light_ms: 0,
    digest: "",
    failed_ms: 0,
    outcome: "",
  };
  try {
    const known = JSON.parse(text ?? "{}") as Partial<Record<keyof ScheduleState, unknown>>;
    const number = (name: "lot" | "begun_ms" | "full_ms" | "light_ms" | "failed_ms"): number => {
      const value = known[name];
      return typeof value === "number" && Number.isFinite(value) ? value : fresh[name];
    };
    const word = (name: "digest" | "outcome"): string => {
      const value = known[name];
      return typeof value === "string" ? value : fresh[name];
    };
    return {
      lot: Math.min(1, Math.max(0, number("lot"))),
      begun_ms: number("begun_ms"),
      full_ms: number("full_ms"),
      light_ms: number("light_ms"),
      digest: word("digest"),
      failed_ms: number("failed_ms"),
      outcome: word("outcome"),
    };
  } catch {
    return fresh;
  }
}
