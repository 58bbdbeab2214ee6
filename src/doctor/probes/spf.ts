import { checkHost } from "../../authentication/spf/verify.ts";
import { isSpfRecord, parseSpfRecord } from "../../authentication/spf/parse.ts";
import type { Domain } from "../../base/domain-name.ts";
import { parseIp } from "../../base/ip.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import { DOCTOR_LIMITS } from "../limits.ts";
import type { DomainTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { reasonOf, recordsOf } from "./answers.ts";
import { spfCost, type SpfCost } from "./spf-cost.ts";
import { absent, seen, verbatim } from "../words/seen.ts";

/** Who may send for a domain: the record, its cost, its ending, and whether it lets us. RFC 7208 */
export const spf: Probe<DomainTarget> = {
  id: "spf",
  title: phrase("SPF", "SPF"),
  source: "RFC 7208, Internet.nl AUTH-4, AUTH-5",
  checks: ["spf-record", "spf-syntax", "spf-ending", "spf-lookups", "spf-voids", "spf-ptr", "spf-ours"],
  applies: (check, { ours }) => check !== "spf-ours" || ours !== undefined,
  async run(target, net) {
    const { domain } = target;
    const answer = await net.dns.query(domain, "TXT");
    const texts = recordsOf(answer)?.filter(isSpfRecord);
    if (texts === undefined)
      return [unknown("spf-record", domain, "", "dns-failed", { name: domain, reason: reasonOf(answer) })];
    const [text] = texts;
    if (text === undefined)
      return [failure("spf-record", domain, absent("v=spf1"), "spf-missing", { domain })];
    if (texts.length > 1)
      return [
        failure("spf-record", domain, texts.join(" | "), "spf-several", { count: String(texts.length) }),
      ];
    const found = fine("spf-record", domain, text);
    const record = parseSpfRecord(text);
    if (!record.ok)
      return [
        found,
        failure("spf-syntax", domain, text, "spf-unreadable", { name: domain, term: record.error.term }),
      ];
    const cost = await spfCost(domain, record.value, net.dns);
    return [found, ...judge(domain, cost), ...(await whetherOurs(target, net))];
  },
};

function judge(domain: Domain, cost: SpfCost): readonly Finding[] {
  return [
    syntax(domain, cost),
    ending(domain, cost),
    lookups(domain, cost),
    voids(domain, cost),
    ptr(domain, cost),
  ];
}

function syntax(domain: Domain, { unreadable, gone }: SpfCost): Finding {
  const [bad] = unreadable;
  const [missing] = gone;
  if (bad !== undefined) return failure("spf-syntax", domain, bad.term, "spf-unreadable", bad);
  return missing === undefined
    ? fine("spf-syntax", domain, seen("terms-readable"))
    : failure("spf-syntax", domain, missing, "spf-include-gone", { name: missing });
}

function ending(domain: Domain, { ending: { qualifier, text }, failed, gone, unreadable }: SpfCost): Finding {
  const evidence = text === "" ? absent("all") : text;
  if (qualifier === "fail" || qualifier === "softfail") return fine("spf-ending", domain, evidence);
  // RFC 7208 §4.7: without an end, as if it were this one.
  const values = { ending: text === "" ? "?all" : text };
  if (qualifier === "pass") return failure("spf-ending", domain, evidence, "spf-open", values);
  // The end may stand in a record that could not be read.
  if (failed.length + gone.length + unreadable.length > 0)
    return unknown("spf-ending", domain, evidence, "dns-failed", {
      name: failed[0] ?? gone[0] ?? unreadable[0]?.name ?? "",
      reason: "no record",
    });
  return failure("spf-ending", domain, evidence, "spf-neutral", values);
}

function lookups(domain: Domain, { lookups: count, failed, cut }: SpfCost): Finding {
  const evidence = seen("of", { count: String(count), max: String(DOCTOR_LIMITS.spfLookupsMax) });
  if (count > DOCTOR_LIMITS.spfLookupsMax || cut)
    return failure("spf-lookups", domain, evidence, "spf-too-many", { count: String(count) });
  const [lost] = failed;
  return lost === undefined
    ? fine("spf-lookups", domain, evidence)
    : unknown("spf-lookups", domain, evidence, "dns-failed", { name: lost, reason: "no answer" });
}

function voids(domain: Domain, { voids: names, failed }: SpfCost): Finding {
  const evidence = names.join(", ");
  if (names.length > DOCTOR_LIMITS.spfVoidsMax)
    return failure("spf-voids", domain, evidence, "spf-voids", { count: String(names.length) });
  if (names.length > 0)
    return warning("spf-voids", domain, evidence, "spf-voids", { count: String(names.length) });
  const [lost] = failed;
  return lost === undefined
    ? fine("spf-voids", domain, seen("none"))
    : unknown("spf-voids", domain, "", "dns-failed", { name: lost, reason: "no answer" });
}

const ptr = (domain: Domain, { usesPtr }: SpfCost): Finding =>
  usesPtr ? warning("spf-ptr", domain, "PTR", "spf-ptr") : fine("spf-ptr", domain, absent("ptr"));

/** Would a receiver let mail of ours pass that comes from the addresses it is set to, or those of our host name? */
async function whetherOurs({ domain, ours }: DomainTarget, net: Net): Promise<readonly Finding[]> {
  if (ours === undefined) return [];
  const answers = [await net.dns.query(ours.hostName, "A"), await net.dns.query(ours.hostName, "AAAA")];
  const published = answers.flatMap((answer) => recordsOf(answer) ?? []);
  const addresses = [...new Set([...(ours.sources ?? []), ...published])];
  const findings: Finding[] = [];
  for (const address of addresses.slice(0, DOCTOR_LIMITS.hostsMax)) {
    const client = parseIp(address);
    if (client === undefined) continue;
    const question = {
      client,
      heloName: ours.hostName,
      from: { localPart: "postmaster", domain },
      receiver: ours.hostName,
      now_ms: net.clock.now(),
    };
    const { result, mechanism = "", problem = "" } = await checkHost(question, net.dns);
    const evidence = verbatim(`${address}:`, result, mechanism, problem);
    findings.push(
      result === "pass"
        ? fine("spf-ours", domain, evidence)
        : result === "temperror"
          ? unknown("spf-ours", domain, evidence, "dns-failed", { name: domain, reason: "no answer" })
          : failure("spf-ours", domain, evidence, "spf-not-us", { domain, address, result }),
    );
  }
  if (findings.length > 0) return findings;
  const reason = answers.some(({ kind }) => kind === "failure") ? "no answer" : "no address";
  return [unknown("spf-ours", domain, "", "dns-failed", { name: ours.hostName, reason })];
}
