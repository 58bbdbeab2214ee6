import { steadyClock, type Clock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { cachedDns } from "../dns/cache.ts";
import { freshResolver } from "../dns/configured.ts";
import { ExaminedDns } from "../dns/examined.ts";
import { DnsHearing } from "../dns/heard.ts";
import { repeat } from "./repeat.ts";

/** A resolver that stops or begins to validate, or to hear anything, is noticed within this time. */
const EXAMINED_MS = 3_600_000;

/** The server's way to the DNS: examined now and every hour. A question that nobody waits for ends with `over`. */
export async function startResolver(
  { dns: { servers, signed_name: signed, bogus_name: bogus } }: Config,
  over: AbortSignal,
  opened: AsyncDisposableStack,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<ExaminedDns & { readonly isHeard: () => Promise<boolean> }> {
  const fresh = await freshResolver(servers, over);
  const hearing = new DnsHearing(fresh, signed, { clock: steadyClock, newId: randomId });
  const examined = new ExaminedDns(cachedDns(fresh, clock), fresh, { signed, bogus }, { clock, log });
  const look = async (): Promise<void> => void (await Promise.all([examined.examine(over), hearing.ask()]));
  opened.use(repeat("resolver", EXAMINED_MS, look, { clock, log }));
  return Object.assign(examined, { isHeard: () => hearing.isHeard() });
}
