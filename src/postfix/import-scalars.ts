import { note, type Importing } from "./importing.ts";

/** A number of Postfix that has its equal here. Bounds are those of `config/schema.ts`. */
type Scalar = {
  readonly setting: string;
  readonly ours: string;
  readonly unit: "octets" | "count" | "s" | "h" | "d";
  readonly min: number;
  readonly max: number;
  /** What 0 means to Postfix, where that is no number. */
  readonly zero?: "unlimited";
};

const MIB = 1024 * 1024;
const SCALARS: readonly Scalar[] = [
  {
    setting: "message_size_limit",
    ours: "limits.message_size_octets",
    unit: "octets",
    min: 64 * 1024,
    max: 1024 * MIB,
    zero: "unlimited",
  },
  {
    setting: "smtpd_client_connection_count_limit",
    ours: "limits.connections_per_client",
    unit: "count",
    min: 1,
    max: 10_000,
    zero: "unlimited",
  },
  { setting: "minimal_backoff_time", ours: "queue.first_retry_s", unit: "s", min: 10, max: 3600 },
  { setting: "maximal_backoff_time", ours: "queue.retry_max_s", unit: "s", min: 60, max: 86_400 },
  { setting: "maximal_queue_lifetime", ours: "queue.expire_s", unit: "d", min: 600, max: 30 * 86_400 },
  { setting: "delay_warning_time", ours: "queue.delay_notice_s", unit: "h", min: 0, max: 5 * 86_400 },
  {
    setting: "default_destination_concurrency_limit",
    ours: "queue.concurrency_per_destination",
    unit: "count",
    min: 1,
    max: 100,
    zero: "unlimited",
  },
];

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400 } as const;

/** Limits and times: kept within our bounds, and said so where they were outside. */
export function importScalars(importing: Importing): void {
  for (const scalar of SCALARS) {
    if (importing.postfix.setting(scalar.setting) !== undefined) importScalar(importing, scalar);
  }
}

function importScalar(importing: Importing, { setting, ours, unit, min, max, zero }: Scalar): void {
  const text = importing.postfix.value(setting);
  const number = numberOf(text, unit);
  if (number === undefined) {
    return note(importing, setting, [
      "not-carried-over",
      "",
      `${quoted(text)} is no number; ours stays at its default`,
    ]);
  }
  if (number === 0 && zero !== undefined) {
    return note(importing, setting, [
      "changed-for-safety",
      "",
      "no limit at all is not possible here; our default counts",
    ]);
  }
  const kept = Math.min(Math.max(number, min), max);
  importing.settings.set(ours, kept);
  const words = `${ours} = ${kept}`;
  if (kept === number) return note(importing, setting, ["carried-over", words, "the same number"]);
  note(importing, setting, ["changed-for-safety", words, `${number} is outside ${min} to ${max}`]);
}

/** `5d`, `300s`, `20480000`: seconds, octets or a count; without a unit in that of the setting. */
export function numberOf(text: string, unit: "octets" | "count" | "s" | "h" | "d"): number | undefined {
  const found = /^([0-9]{1,12})([smhdw]?)$/.exec(text);
  if (found === null) return undefined;
  const digits = Number(found[1]);
  if (unit === "octets" || unit === "count") return found[2] === "" ? digits : undefined;
  return digits * SECONDS[(found[2] === "" ? unit : found[2]) as keyof typeof SECONDS];
}

export const quoted = (text: string): string => `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
