/** How much went where today: domains that all name one stranger's address must not make a mail cannon of us. */
import { z } from "zod";
import { registrant } from "../../base/domain-name.ts";
import type { Store } from "../../store/store.ts";
import { REPORTS_LIMITS } from "./limits.ts";
import { dayOf } from "./tally.ts";

const DAY_MS = 86_400_000;
/** Where it is kept what was posted today; a report that no endpoint takes is settled nowhere. */
const POSTED = "tls-reports-posted";

type Memory = Pick<Store, "reports" | "directory">;

/**
 * Places of TLS reports need not say that they want them (RFC 8460 §3 has nothing like RFC 9990 §4): so each address, and all
 * addresses and endpoints of one registered domain together, get so many a day and no more.
 */
export class SentToday {
  readonly #counts = new Map<string, number>();
  readonly #posted = new Map<string, number>();

  /** What was sent since midnight UTC; by other processes too. */
  static async of({ reports, directory }: Memory, now_ms: number): Promise<SentToday> {
    const sent = new SentToday();
    const since_day = dayOf(now_ms - (REPORTS_LIMITS.dueDays + 1) * DAY_MS);
    const settled = await reports.reportsSettled({ since_day, limit: REPORTS_LIMITS.settledMax });
    const today = settled.filter((one) => one.kind === "tls" && dayOf(one.settled_ms) === dayOf(now_ms));
    for (const { id, to } of today.flatMap(({ sentTo }) => sentTo)) if (id !== "") sent.#note(to);
    for (const [url, count] of postedOn(dayOf(now_ms), await directory.setting(POSTED))) {
      sent.#posted.set(url, count);
      for (let i = 0; i < count; i++) sent.#note(url);
    }
    return sent;
  }

  /** Written down before it is posted, so that a process that is killed over it, or started every minute, counts too. */
  async posting(url: string, directory: Memory["directory"], now_ms: number): Promise<void> {
    this.#posted.set(url, (this.#posted.get(url) ?? 0) + 1);
    await directory.putSetting(POSTED, JSON.stringify({ day: dayOf(now_ms), posted: [...this.#posted] }));
  }

  /** Counts one more report to there; false: there were enough. */
  take(to: string): boolean {
    const { perPlaceMax, perDomainMax } = REPORTS_LIMITS;
    const count = (name: string): number => this.#counts.get(name) ?? 0;
    const isNewEndpoint = URL.canParse(to) && !this.#posted.has(to);
    if (isNewEndpoint && this.#posted.size >= REPORTS_LIMITS.endpointsMax) return false;
    if (count(to) >= perPlaceMax || count(`@${domainOf(to)}`) >= perDomainMax) return false;
    this.#note(to);
    return true;
  }

  #note(to: string): void {
    for (const name of [to, `@${domainOf(to)}`]) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

function postedOn(day: string, text: string | undefined): readonly (readonly [string, number])[] {
  const read = POSTINGS.safeParse(jsonOf(text ?? ""));
  return read.success && read.data.day === day ? read.data.posted : [];
}

const POSTINGS = z.object({
  day: z.string(),
  posted: z.array(z.tuple([z.string(), z.int().min(0).max(REPORTS_LIMITS.perDomainMax)])),
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of an address, or of the host of an HTTPS endpoint. */
function domainOf(to: string): string {
  const host = URL.canParse(to) ? new URL(to).hostname : to.slice(to.lastIndexOf("@") + 1);
  return registrant(host);
}
