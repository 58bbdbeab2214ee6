import { InvalidArgumentError, Option } from "commander";

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** A time span on the command line: `30m`, `12h`, `7d`, `4w`. */
export function duration_ms(text: string): number {
  const [, count = "", unit = ""] = /^([0-9]{1,6})([mhdw])$/.exec(text) ?? [];
  const unit_ms = UNITS_MS[unit];
  if (unit_ms === undefined)
    throw new InvalidArgumentError("Write a number and m, h, d or w, e.g. 12h or 7d.");
  return Number(count) * unit_ms;
}

/** An option whose default is shown as one would write it. */
export const durationOption = (flags: string, description: string, unsaid: string): Option =>
  new Option(flags, description).argParser(duration_ms).default(duration_ms(unsaid), unsaid);
