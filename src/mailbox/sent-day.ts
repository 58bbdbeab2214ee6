import type { Envelope } from "../message/outline.ts";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY = /(?:^|[\s,])([0-9]{1,2})[\s-]{1,8}([A-Za-z]{3})[a-z]{0,6}[\s-]{1,8}([0-9]{2,4})(?![0-9])/;
/** A date that does not show its day within so many characters has none. */
const DATE_LENGTH_MAX = 200;

/**
 * The day in the Date field as its writer saw it, `YYYY-MM-DD`: SENTON and its like disregard time and zone.
 * RFC 9051 §6.4.4, RFC 5322 §3.3, §4.3 (years of two and three digits)
 */
export function sentDay({ date }: Pick<Envelope, "date">): string | undefined {
  const [, day = "", name = "", year = ""] = DAY.exec((date ?? "").slice(0, DATE_LENGTH_MAX)) ?? [];
  const month = MONTHS.indexOf(name.toLowerCase()) + 1;
  if (month === 0 || Number(day) < 1 || Number(day) > 31) return undefined;
  return `${fullYear(year)}-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}`;
}

function fullYear(digits: string): string {
  if (digits.length === 4) return digits;
  const year = Number(digits);
  return String(digits.length === 2 && year < 50 ? year + 2000 : year + 1900);
}
