import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { cachedDns } from "../dns/cache.ts";
import { freshResolver } from "../dns/configured.ts";
import { ExaminedDns } from "../dns/examined.ts";
import { HeardDns } from "../dns/heard.ts";
import { repeat } from "./repeat.ts";

/** A resolver that stops or begins to validate is noticed within this time. */
const EXAMINED_MS = 3_600_000;
/** So long after its last answer to anything it counts as cut off: the examination alone asks as often. */
const HEARD_MS = 2 * EXAMINED_MS;

/** The server's way to the DNS: examined now and every hour. A question that nobody waits for ends with `over`. */
export async function startResolver(
  { dns: { servers, signed_name: signed, bogus_name: bogus } }: Config,
  over: AbortSignal,
  opened: AsyncDisposableStack,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<ExaminedDns & { readonly isHeard: () => boolean }> {
  const fresh = new HeardDns(await freshResolver(servers, over), clock);
  const examined = new ExaminedDns(cachedDns(fresh, clock), fresh, { signed, bogus }, { clock, log });
  opened.use(repeat("resolver", EXAMINED_MS, () => examined.examine(over), { clock, log }));
  return Object.assign(examined, { isHeard: () => fresh.heardWithin(HEARD_MS) });
}
