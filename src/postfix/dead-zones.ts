import { parseDomain } from "../base/domain-name.ts";
import { deadList } from "../dns/dead-lists.ts";

/** Lists that answer only those who registered or hold a key (S-54, S-57, S-58). */
const NEEDS: readonly (readonly [zone: string, needs: string])[] = [
  ["barracudacentral.org", "your server's address must be registered with Barracuda"],
  ["spamrats.com", "wants a key in front of the zone"],
];

const under = (zone: string, list: string): boolean => zone === list || zone.endsWith(`.${list}`);

/** What became of a list that is no more; `site` may carry a filter and a weight (`zone=127.0.0.2*3`). */
export const deadZone = (site: string): string | undefined => deadList(zoneOf(site));

/** What a list asks of its users. */
export const zoneNeeds = (site: string): string | undefined => find(NEEDS, site);

function find(rows: readonly (readonly [zone: string, text: string])[], site: string): string | undefined {
  const zone = zoneOf(site);
  return rows.find(([row]) => under(zone, row))?.[1];
}

/** The zone of `zone=filter*weight`, lower case. */
export const zoneOf = (site: string): string =>
  (site.split(/[=*]/)[0] ?? "").toLowerCase().replace(/\.$/, "");

/** True for `zone`, `zone=127.0.0.[2..11;30]` and, with `*weight`, for a site of postscreen. Postfix postscreen_dnsbl_sites */
export function isListSite(site: string, weighted: boolean): boolean {
  const found = /^([^=*]+)(?:=([0-9.[\];]{1,200}))?(\*[+-]?[0-9]{1,6})?$/.exec(site);
  if (found === null || (found[3] !== undefined && !weighted)) return false;
  const domain = parseDomain(found[1] as string);
  return domain?.includes(".") === true && (found[2] === undefined || isFilter(found[2]));
}

function isFilter(text: string): boolean {
  const octets = text.match(/\[[^\]]*\]|[0-9]+/g) ?? [];
  return octets.length === 4 && octets.join(".") === text && octets.every(isOctetFilter);
}

function isOctetFilter(text: string): boolean {
  const ranges = text.replace(/^\[|\]$/g, "").split(";");
  return ranges.every((range) => {
    const [low = "", high = low, ...more] = range.split("..");
    const numbers = [low, high].every((each) => /^[0-9]{1,3}$/.test(each) && Number(each) <= 255);
    return more.length === 0 && numbers && Number(low) <= Number(high);
  });
}
