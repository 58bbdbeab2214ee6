import type { Cursor } from "./cursor.ts";
import { MONTHS } from "./response.ts";

/**
 *     date = date-text / DQUOTE date-text DQUOTE;  date-text = date-day "-" date-month "-" date-year
 *
 * As `YYYY-MM-DD`. RFC 9051 §9
 */
export function date(cursor: Cursor): string {
  const quoted = cursor.take('"');
  const parts = /^([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})$/.exec(
    cursor.match(/[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}/y) ?? "",
  );
  if (quoted) cursor.expect('"');
  const month = monthOf(parts?.[2]);
  const day = Number(parts?.[1]);
  if (!parts || month === 0 || day < 1 || day > 31) cursor.fail("a date like 24-Nov-2026");
  return `${parts?.[3] ?? "1970"}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

const monthOf = (name: string | undefined): number =>
  MONTHS.findIndex((month) => month.toUpperCase() === name?.toUpperCase()) + 1;

/**
 *     date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
 *
 * As milliseconds since 1970. RFC 9051 §9
 */
export function dateTime(cursor: Cursor): number {
  const text = cursor.match(/"[ 0-9][0-9]-[A-Za-z]{3}-[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}"/y);
  const parts = /^"([ 0-9][0-9])-([A-Za-z]{3})-([0-9]{4}) (..):(..):(..) ([+-])(..)(..)"$/.exec(text ?? "");
  const month = monthOf(parts?.[2]);
  if (!parts || month === 0) {
    cursor.fail('a date and time like "24-Nov-2026 10:00:00 +0100"');
    return 0;
  }
  const [day, year, hour, minute, second, zoneHour, zoneMinute] = [1, 3, 4, 5, 6, 8, 9].map((i) =>
    Number(parts[i]),
  );
  const zone_minutes = ((zoneHour ?? 0) * 60 + (zoneMinute ?? 0)) * (parts[7] === "-" ? -1 : 1);
  return Date.UTC(year ?? 1970, month - 1, day, hour, minute, second) - zone_minutes * 60_000;
}
