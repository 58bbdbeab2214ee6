import { parseIp } from "../base/ip.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer } from "../dns/answer.ts";
import type { ListState } from "./ask.ts";
import { addressLabels, judgeCodes, type ListAnswer, type ListSite } from "./dnsbl.ts";
import { knownList } from "./default-lists.ts";
import { POLICY_LIMITS } from "./limits.ts";

/** What a list's test points say about it. RFC 5782 §5, RFC 6471 §3.4; D-03 */
export type ZoneHealth =
  | { readonly state: "alive" }
  | { readonly state: "lists-everything" | "lists-nothing" | "refuses-us" | "silent" };

/** Labels of the entry every list must have, and of the one none may have. */
export function testPoints({ zone, about }: Pick<ListSite, "zone" | "about">): {
  readonly listed: string;
  readonly notListed: string;
} {
  const known = knownList(zone);
  if ((known?.about ?? about) !== "domain")
    return { listed: labelsOf("127.0.0.2"), notListed: labelsOf("127.0.0.1") };
  // SURBL and URIBL have no entry "test", but that of lists of addresses.
  return { listed: known?.links?.addresses ? labelsOf("127.0.0.2") : "test", notListed: "invalid" };
}

function labelsOf(address: string): string {
  const ip = parseIp(address);
  if (ip === undefined) throw new Error(`${address} is no address`);
  return addressLabels(ip);
}

/** Judges a zone by the answers for its two test points; the codes of an allow list's test entry do not matter. */
export function judgeZone(
  site: ListSite,
  listed: DnsAnswer<string>,
  notListed: DnsAnswer<string>,
): ZoneHealth {
  const yes = pointAnswer(site, listed);
  const no = pointAnswer(site, notListed);
  if (yes === "silent" || no === "silent") return { state: "silent" };
  if (yes === "refused" || no === "refused") return { state: "refuses-us" };
  if (no === "listed") return { state: "lists-everything" };
  return { state: yes === "listed" ? "alive" : "lists-nothing" };
}

function pointAnswer(site: ListSite, answer: DnsAnswer<string>): "listed" | "absent" | "refused" | "silent" {
  if (answer.kind === "failure") return "silent";
  if (answer.kind !== "records") return "absent";
  const judged: ListAnswer = judgeCodes(answer.records, site);
  return judged.kind === "error" && (judged.why === "refused" || judged.why === "foreign-answer")
    ? "refused"
    : "listed";
}

/** Keeps which zones are to be believed; starts by believing all of them. */
export class ZoneBook {
  readonly #health = new Map<string, ZoneHealth>();

  /** `off` for a zone that failed its last test. A silent one stays on: it costs patience, never mail (D-06). */
  state(zone: string): ListState {
    const health = this.#health.get(zone);
    return health === undefined || health.state === "alive" || health.state === "silent" ? "on" : "off";
  }

  /** The zones that are switched off, sorted. */
  off(): readonly string[] {
    return [...this.#health.keys()].filter((zone) => this.state(zone) === "off").toSorted();
  }

  /** Asks the test points of all zones; to be called at the start and every hour. Returns what has changed. */
  async check(
    sites: readonly ListSite[],
    dns: Dns,
  ): Promise<readonly { readonly zone: string; readonly health: ZoneHealth }[]> {
    const zones = new Map(sites.map((site) => [site.zone, site]));
    const results = await Promise.all(
      [...zones.values()].map(async (site) => ({ site, health: await ask(site, dns) })),
    );
    const changed: { zone: string; health: ZoneHealth }[] = [];
    for (const { site, health } of results) {
      const before = this.#health.get(site.zone)?.state ?? "alive";
      this.#health.set(site.zone, health);
      if (health.state !== before) changed.push({ zone: site.zone, health });
    }
    return changed;
  }
}

async function ask(site: ListSite, dns: Dns): Promise<ZoneHealth> {
  const { listed, notListed } = testPoints(site);
  const key = site.key === undefined ? "" : `${site.key}.`;
  const query = async (labels: string): Promise<DnsAnswer<string>> => {
    const name = parseDomain(`${labels}.${key}${site.zone}`);
    if (name === undefined) return { kind: "failure", reason: "malformed" };
    return dns.query(name, "A", AbortSignal.timeout(POLICY_LIMITS.listAnswer_ms));
  };
  const [yes, no] = await Promise.all([query(listed), query(notListed)]);
  return judgeZone(site, yes, no);
}
