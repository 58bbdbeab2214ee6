/** Destinations at one operator share his limits: who hosts many domains counts what comes from us, not for whom. */
import type { RoutedHost } from "../queue/route.ts";
import { sourceKey, type Source } from "../queue/source.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { Pace } from "./outbound-pace.ts";

/** The pace of each set of mail hosts, as far as they see us: mail from another address is somebody else's to them. */
export class Operators {
  readonly #paces = new Map<string, Pace>();

  paceOf(hosts: readonly RoutedHost[], source?: Source): Pace {
    const key = `${operatorOf(hosts.map(({ name }) => name))} from ${sourceKey(source)}`;
    const known = this.#paces.get(key);
    if (known !== undefined) return known;
    const pace = new Pace();
    this.#paces.set(key, pace);
    return pace;
  }

  /** Those who take mail as fast as ever and have none under way; beyond the limit the oldest of the others too. */
  forget(now_ms: number): void {
    for (const [key, pace] of this.#paces) {
      const tooMany = this.#paces.size > OUTBOUND_LIMITS.pacedLanesMax;
      if (pace.active === 0 && (tooMany || pace.isFull(now_ms))) this.#paces.delete(key);
    }
  }
}

/**
 * The set of hosts by name. Some operators name one for each customer (`customer.mail.operator.example`): of four labels and
 * more only the rest counts. A wrong guess makes us slow where we need not be, and nothing else.
 */
const operatorOf = (names: readonly string[]): string => {
  const kinds = names.map((name) => (name.split(".").length >= 4 ? name.slice(name.indexOf(".") + 1) : name));
  return [...new Set(kinds)].toSorted().join(" ");
};
