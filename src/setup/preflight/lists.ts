import { parseDomain } from "../../base/domain-name.ts";
import type { IpAddress } from "../../base/ip.ts";
import { verbatim } from "../../doctor/words/seen.ts";
import { addressLabels, judgeCodes, parseSite } from "../../policy/dnsbl.ts";
import { isPublicAddress } from "../../tls/public-address.ts";
import {
  bad,
  good,
  unsure,
  warned,
  type Ground,
  type PreflightCheck,
  type PreflightFinding,
} from "./finding.ts";

/** Lists that many servers ask and that anybody may ask (S-53 to S-61). */
const LISTS = ["zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com", "bl.mailspike.net"];

/** Are we on a list before we have sent anything? A list that refuses to answer has said nothing. RFC 5782 */
export const listsCheck: PreflightCheck = async (ground) => {
  const findings: PreflightFinding[] = [];
  for (const address of ground.addresses.filter(isPublicAddress))
    findings.push(...(await Promise.all(LISTS.map((list) => ask(list, address, ground)))));
  const fine = findings.filter(({ grade }) => grade === "ok");
  return [
    ...(fine.length === 0 ? [] : [good("lists", fine.map(({ evidence }) => evidence).join(", "))]),
    ...findings.filter(({ grade }) => grade !== "ok"),
  ];
};

async function ask(list: string, ip: IpAddress, { net: { dns } }: Ground): Promise<PreflightFinding> {
  const address = ip.text;
  const lost = unsure("lists", verbatim(list, address), "list-unknown", { list, address });
  const name = parseDomain(`${addressLabels(ip)}.${list}`);
  const site = parseSite(list);
  if (name === undefined || !site.ok) return lost;
  const answer = await dns.query(name, "A");
  if (answer.kind === "failure") return lost;
  if (answer.kind !== "records") return good("lists", list);
  const codes = answer.records.join(" ");
  const judged = judgeCodes(answer.records, site.value);
  if (judged.kind === "not-listed") return good("lists", list);
  if (judged.kind === "listed")
    return bad("lists", verbatim(list, codes), "list-listed", { address, list, codes });
  return warnedOrUnsure(judged.why, list, codes) ?? lost;
}

const warnedOrUnsure = (why: string, list: string, codes: string): PreflightFinding | undefined =>
  why === "refused" || why === "foreign-answer"
    ? unsure("lists", verbatim(list, codes), "list-refused", { list, codes })
    : why === "unknown-code"
      ? warned("lists", verbatim(list, codes), "list-refused", { list, codes })
      : undefined;
