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
  checks: [
    "spf-record",
    "spf-syntax",
    "spf-ending",
    "spf-lookups",
    "spf-voids",
    "spf-ptr",
    "spf-ours",
    "spf-host",
  ],
  applies: (check, { domain, ours }) =>
    check === "spf-ours"
      ? ours !== undefined
      : check !== "spf-host" || (ours !== undefined && ours.hostName !== domain),
  run: async (target, net) => [...(await ofDomain(target, net)), ...(await ofHost(target, net))],
};

async function ofDomain(target: DomainTarget, net: Net): Promise<readonly Finding[]> {
  const { domain, ours } = target;
  const only = await onlyRecord("spf-record", domain, net);
  if (typeof only === "object")
    return [only ?? failure("spf-record", domain, absent("v=spf1"), "spf-missing", { domain })];
  const found = fine("spf-record", domain, only);
  const record = parseSpfRecord(only);
  if (!record.ok)
    return [
      found,
      failure("spf-syntax", domain, only, "spf-unreadable", { name: domain, term: record.error.term }),
    ];
  const cost = await spfCost(domain, record.value, net.dns);
  const allowed = ours === undefined ? [] : await whetherOurs("spf-ours", domain, ours, net);
  return [found, ...judge(domain, cost), ...allowed];
}

/** The record of the name we greet by, and that stands in for the empty sender of our notices. RFC 7208 §2.3, §2.4; C-05 */
async function ofHost({ domain, ours }: DomainTarget, net: Net): Promise<readonly Finding[]> {
  if (ours === undefined || ours.hostName === domain) return [];
  const { hostName: name } = ours;
  const only = await onlyRecord("spf-host", name, net);
  if (typeof only === "object")
    return [only ?? warning("spf-host", name, absent("v=spf1"), "spf-host-missing", { name })];
  const record = parseSpfRecord(only);
  if (!record.ok)
    return [failure("spf-host", name, only, "spf-unreadable", { name, term: record.error.term })];
  const last = record.value.directives.find(({ kind }) => kind === "all");
  if (last?.qualifier === "pass") return [failure("spf-host", name, only, "spf-open", { ending: last.text })];
  const bad = (await whetherOurs("spf-host", name, ours, net)).filter(({ grade }) => grade !== "ok");
  return bad.length > 0 ? bad : [fine("spf-host", name, only)];
}

/** The one SPF record of a name; else what is wrong, or null where there is none. */
async function onlyRecord(
  check: "spf-record" | "spf-host",
  name: Domain,
  net: Net,
): Promise<string | Finding | null> {
  const answer = await net.dns.query(name, "TXT");
  const texts = recordsOf(answer)?.filter(isSpfRecord);
  if (texts === undefined) return unknown(check, name, "", "dns-failed", { name, reason: reasonOf(answer) });
  if (texts.length > 1)
    return failure(check, name, texts.join(" | "), "spf-several", { count: String(texts.length) });
  return texts[0] ?? null;
}

function judge(domain: Domain, cost: SpfCost): readonly Finding[] {
  return [
    syntax(domain, cost),
    ending(domain, cost),
    lookups(domain, cost),
    voids(domain, cost),
    ptr(domain, cost),
  ];
}

function syntax(domain: Domain, { unreadable, gone, ...cost }: SpfCost): Finding {
  const [bad] = unreadable;
  const [missing] = gone;
  if (bad !== undefined) return failure("spf-syntax", domain, bad.term, "spf-unreadable", bad);
  return missing === undefined
    ? (unread("spf-syntax", domain, cost) ?? fine("spf-syntax", domain, seen("terms-readable")))
    : failure("spf-syntax", domain, missing, "spf-include-gone", { name: missing });
}

/** What nobody has read may say anything. */
function unread(
  check: "spf-syntax" | "spf-voids" | "spf-ptr",
  domain: Domain,
  { failed: [lost], cut }: Pick<SpfCost, "failed" | "cut">,
): Finding | undefined {
  if (lost !== undefined)
    return unknown(check, domain, "", "dns-failed", { name: lost, reason: "no answer" });
  return cut ? unknown(check, domain, "", "not-looked", { reason: "spf-lookups" }) : undefined;
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

function voids(domain: Domain, { voids: names, ...cost }: SpfCost): Finding {
  const evidence = names.join(", ");
  if (names.length > DOCTOR_LIMITS.spfVoidsMax)
    return failure("spf-voids", domain, evidence, "spf-voids", { count: String(names.length) });
  if (names.length > 0)
    return warning("spf-voids", domain, evidence, "spf-voids", { count: String(names.length) });
  return unread("spf-voids", domain, cost) ?? fine("spf-voids", domain, seen("none"));
}

const ptr = (domain: Domain, { usesPtr, ...cost }: SpfCost): Finding =>
  usesPtr
    ? warning("spf-ptr", domain, "PTR", "spf-ptr")
    : (unread("spf-ptr", domain, cost) ?? fine("spf-ptr", domain, absent("ptr")));

/** Would a receiver let mail of ours pass that comes from the addresses it is set to, or those of our host name? */
async function whetherOurs(
  check: "spf-ours" | "spf-host",
  domain: Domain,
  ours: NonNullable<DomainTarget["ours"]>,
  net: Net,
): Promise<readonly Finding[]> {
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
        ? fine(check, domain, evidence)
        : result === "temperror"
          ? unknown(check, domain, evidence, "dns-failed", { name: domain, reason: "no answer" })
          : failure(check, domain, evidence, "spf-not-us", { domain, address, result }),
    );
  }
  const failed = answers.find(({ kind }) => kind === "failure");
  // Mail may leave from an address that nobody has named here.
  if (failed === undefined && findings.length > 0) return findings;
  const reason = failed === undefined ? "no address" : reasonOf(failed);
  return [...findings, unknown(check, domain, "", "dns-failed", { name: ours.hostName, reason })];
}
