import type { Domain } from "../../base/domain-name.ts";
import { parseIp } from "../../base/ip.ts";
import { addressLabels, judgeCodes, parseSite } from "../../policy/dnsbl.ts";
import type { CheckId } from "../checks.ts";
import { failure, fine, unknown, type Finding } from "../finding.ts";
import type { DomainTarget, HostTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { below } from "./answers.ts";
import { seen } from "../words/seen.ts";

/** Lists that many mail servers heed and that answer without a contract. */
const ADDRESS_LISTS = ["zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com", "bl.mailspike.net"];
const DOMAIN_LISTS = ["dbl.spamhaus.org", "multi.surbl.org"];
/** What every list has to list (RFC 5782 §5, §6); one that does not knows nothing. */
const ADDRESS_TEST = "2.0.0.127";
const DOMAIN_TEST = "test";
/** SURBL and Spamhaus have test names of their own. */
const DOMAIN_TESTS: Readonly<Record<string, string>> = {
  "dbl.spamhaus.org": "dbltest.com",
  "multi.surbl.org": "test.surbl.org",
};

/** Is the address of a mail host on a list by which others refuse mail? */
export const addressLists: Probe<HostTarget> = {
  id: "address-lists",
  title: phrase("Blocklists of addresses", "Sperrlisten für Adressen"),
  source: "RFC 5782, MXToolbox",
  checks: ["address-listed"],
  async run({ address }, net) {
    const ip = parseIp(address);
    return ip === undefined
      ? []
      : [await onLists("address-listed", address, addressLabels(ip), ADDRESS_LISTS, net)];
  },
};

export const domainLists: Probe<DomainTarget> = {
  id: "domain-lists",
  title: phrase("Blocklists of domains", "Sperrlisten für Domains"),
  source: "RFC 5782, MXToolbox",
  checks: ["domain-listed"],
  async run({ domain }, net) {
    return [await onLists("domain-listed", domain, domain, DOMAIN_LISTS, net)];
  },
};

async function onLists(
  check: CheckId,
  subject: string,
  labels: string,
  lists: readonly string[],
  net: Net,
): Promise<Finding> {
  const listed: string[] = [];
  const clean: string[] = [];
  const silent: string[] = [];
  for (const list of lists) {
    const answer = await ask(list, labels, net);
    if (answer === "listed") listed.push(list);
    else if (answer === undefined) {
      const test = check === "address-listed" ? ADDRESS_TEST : (DOMAIN_TESTS[list] ?? DOMAIN_TEST);
      if ((await ask(list, test, net)) === "listed") clean.push(list);
      else silent.push(list);
    } else silent.push(`${list} (${answer})`);
  }
  if (listed.length > 0)
    return failure(check, subject, listed.join(", "), "listed", { subject, lists: listed.join(", ") });
  return silent.length > 0
    ? unknown(
        check,
        subject,
        seen(clean.length === 0 ? "lists-silent" : "lists-some", {
          clean: clean.join(", "),
          silent: silent.join(", "),
        }),
        "lists-silent",
        {
          lists: silent.join(", "),
        },
      )
    : fine(check, subject, clean.join(", "));
}

/** `listed`, undefined for not, or why the list says nothing: a refused answer looks like a hit to the naive. */
async function ask(list: string, labels: string, net: Net): Promise<string | undefined> {
  const site = parseSite(list);
  const name = below(labels, list as Domain);
  if (!site.ok || name === undefined) return "name too long";
  const answer = await net.dns.query(name, "A");
  if (answer.kind === "failure") return answer.reason;
  if (answer.kind !== "records") return undefined;
  const said = judgeCodes(answer.records, site.value);
  if (said.kind === "listed") return "listed";
  return said.kind === "error" ? said.why : undefined;
}
