/** Date fields. RFC 5322 §3.3, obsolete forms §4.3 */
import { asciiLower } from "../base/ascii.ts";
import { withoutComments } from "./parameter.ts";

/** An instant and the offset from UTC it was written with. */
export type DateTime = { readonly epoch_ms: number; readonly zone_minutes: number };

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** Hours of the North American zones; all other letters count as UTC, for they were used with both signs. §4.3 */
const ZONE_HOURS: ReadonlyMap<string, number> = new Map([
  ["edt", -4],
  ["est", -5],
  ["cdt", -5],
  ["cst", -6],
  ["mdt", -6],
  ["mst", -7],
  ["pdt", -7],
  ["pst", -8],
]);

/** Longest text looked at: a date has about 31 characters, comments may follow. */
const DATE_LENGTH_MAX = 1_000;

/**
 * Reads a date; undefined where it is none. Lenient: a wrong day name, a missing zone (UTC), two- and three-digit
 * years, spaces around colons, comments anywhere.
 *
 *   date-time = [day-of-week ","] date time [CFWS]
 *   date      = day month year
 *   time      = hour ":" minute [":" second] zone
 */
export function parseDate(text: string): DateTime | undefined {
  const plain = withoutComments(text.slice(0, DATE_LENGTH_MAX))
    .replace(/[\s]+/g, " ")
    .replace(/ ?: ?/g, ":")
    .trim();
  const match =
    /^(?:[A-Za-z]{1,12}\.? ?,? ?)?(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{2,6}),? (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,9})?)?(?: ?([+-]\d{4}|[A-Za-z]{1,9}))?\b/.exec(
      plain,
    );
  if (!match) return undefined;
  const [, day = "", month = "", year = "", hour = "", minute = "", second = "0", zone = ""] = match;
  const monthIndex = MONTHS.findIndex((name) => asciiLower(month).startsWith(asciiLower(name)));
  const zone_minutes = zoneMinutes(zone);
  const isTime = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 60;
  if (monthIndex < 0 || !isTime || zone_minutes === undefined) return undefined;
  const midnight_ms = dayStart(fullYear(year), monthIndex, Number(day));
  if (midnight_ms === undefined) return undefined;
  const clock_ms = ((Number(hour) * 60 + Number(minute) - zone_minutes) * 60 + Number(second)) * 1000;
  return { epoch_ms: midnight_ms + clock_ms, zone_minutes };
}

/** Two digits: 1950 to 2049; three digits: years since 1900. RFC 5322 §4.3 */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

/** Undefined where the month has no such day or the year is out of reach. */
function dayStart(year: number, monthIndex: number, day: number): number | undefined {
  if (year < 1900 || year > 9999) return undefined;
  const date = new Date(Date.UTC(year, monthIndex, day));
  return date.getUTCMonth() === monthIndex && date.getUTCDate() === day ? date.getTime() : undefined;
}

function zoneMinutes(zone: string): number | undefined {
  if (!/^[+-]/.test(zone)) return (ZONE_HOURS.get(asciiLower(zone)) ?? 0) * 60;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3));
  if (minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) + 0;
}

/** `Fri, 21 Nov 1997 09:55:06 -0600`. RFC 5322 §3.3 */
export function formatDate(epoch_ms: number, zone_minutes = 0): string {
  const local = new Date(epoch_ms + zone_minutes * 60_000);
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(twoDigits).join(":");
  const date = `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${String(local.getUTCFullYear()).padStart(4, "0")}`;
  const offset = Math.abs(zone_minutes);
  const zone = `${zone_minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(offset / 60))}${twoDigits(offset % 60)}`;
  return `${DAYS[local.getUTCDay()]}, ${date} ${time} ${zone}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");
