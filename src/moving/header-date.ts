import { parseDate } from "../message/date.ts";
import { scan } from "../message/mime.ts";

/** The date the message itself bears, where nobody knows when it came; 1970 where it bears none. */
export function headerDate(octets: Uint8Array): number {
  const { date } = scan(octets).envelope;
  return (date === undefined ? undefined : parseDate(date)?.epoch_ms) ?? 0;
}
