/** How much went where today: domains that all name one stranger's address must not make a mail cannon of us. */
import { registrant } from "../../base/domain-name.ts";
import type { ReportReads } from "../../store/report-counts.ts";
import { REPORTS_LIMITS } from "./limits.ts";
import { dayOf } from "./tally.ts";

const DAY_MS = 86_400_000;

/**
 * Places of TLS reports need not say that they want them (RFC 8460 §3 has nothing like RFC 9990 §4): so each address, and all
 * addresses and endpoints of one registered domain together, get so many a day and no more.
 */
export class SentToday {
  readonly #counts = new Map<string, number>();

  /** What was sent since midnight UTC; by other processes too. */
  static async of(reports: ReportReads, now_ms: number): Promise<SentToday> {
    const sent = new SentToday();
    const since_day = dayOf(now_ms - (REPORTS_LIMITS.dueDays + 1) * DAY_MS);
    const settled = await reports.reportsSettled({ since_day, limit: REPORTS_LIMITS.dueMax });
    const today = settled.filter((one) => one.kind === "tls" && dayOf(one.settled_ms) === dayOf(now_ms));
    for (const { to } of today.flatMap(({ sentTo }) => sentTo)) sent.#note(to);
    return sent;
  }

  /** Counts one more report to there; false: there were enough. */
  take(to: string): boolean {
    const { perPlaceMax, perDomainMax } = REPORTS_LIMITS;
    const count = (name: string): number => this.#counts.get(name) ?? 0;
    if (count(to) >= perPlaceMax || count(`@${domainOf(to)}`) >= perDomainMax) return false;
    this.#note(to);
    return true;
  }

  #note(to: string): void {
    for (const name of [to, `@${domainOf(to)}`]) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

/** Of an address, or of the host of an HTTPS endpoint. */
function domainOf(to: string): string {
  const host = URL.canParse(to) ? new URL(to).hostname : to.slice(to.lastIndexOf("@") + 1);
  return registrant(host);
}
