import { parseDmarcRecord, type DmarcRecord } from "../../authentication/dmarc/record.ts";
import { parseDomain, type Domain } from "../../base/domain-name.ts";
import type { Dns } from "../../dns/answer.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import type { DomainTarget, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { below, reasonOf, recordsOf } from "./answers.ts";
import { absent, verbatim } from "../words/seen.ts";

/** RFC 9989 §4.10: names asked, the domain itself included. */
const STEPS_MAX = 8;

/** What a domain asks of those who get forged mail, and where it wants to hear of it. RFC 9989; Internet.nl AUTH-1, AUTH-2 */
export const dmarc: Probe<DomainTarget> = {
  id: "dmarc",
  title: phrase("DMARC", "DMARC"),
  source: "RFC 9989, RFC 9990, Internet.nl AUTH-1, AUTH-2",
  checks: ["dmarc-record", "dmarc-policy", "dmarc-reports"],
  async run({ domain }, net) {
    const found = await nearest(domain, net.dns);
    if (typeof found === "string")
      return [unknown("dmarc-record", domain, "", "dns-failed", { name: `_dmarc.${domain}`, reason: found })];
    const [text] = found.texts;
    const record = text === undefined ? undefined : parseDmarcRecord(text);
    if (text === undefined || record === undefined)
      return [failure("dmarc-record", domain, absent("v=DMARC1"), "dmarc-missing", { domain })];
    const evidence = found.texts.join(" | ");
    if (found.texts.length > 1)
      return [
        failure("dmarc-record", domain, evidence, "dmarc-several", { count: String(found.texts.length) }),
      ];
    if (record.assumedNone) return [failure("dmarc-record", domain, evidence, "dmarc-unreadable")];
    return [
      fine("dmarc-record", domain, verbatim(`_dmarc.${found.at}:`, text)),
      policy(domain, found.at, record),
      ...(await reports(domain, record, net.dns)),
    ];
  },
};

type Nearest = { readonly at: Domain; readonly texts: readonly string[] };

/** The record of the domain or of the nearest above; a text where the DNS failed. */
async function nearest(domain: Domain, dns: Dns): Promise<Nearest | string> {
  const labels = domain.split(".");
  for (let from = 0; from < labels.length && from < STEPS_MAX; from++) {
    const at = labels.slice(from).join(".") as Domain;
    const name = below("_dmarc", at);
    const answer = name && (await dns.query(name, "TXT"));
    if (answer?.kind === "failure") return reasonOf(answer);
    const texts = (answer ? (recordsOf(answer) ?? []) : []).filter(
      (text) => parseDmarcRecord(text) !== undefined,
    );
    if (texts.length > 0) return { at, texts };
  }
  return { at: domain, texts: [] };
}

function policy(domain: Domain, at: Domain, record: DmarcRecord): Finding {
  const asked = at === domain ? record.p : (record.sp ?? record.p);
  const evidence = `p=${asked}${record.testing ? "; t=y" : ""}`;
  // G-38: t=y counts one level lower.
  const isStrong = asked === "reject" || (asked === "quarantine" && !record.testing);
  return isStrong
    ? fine("dmarc-policy", domain, evidence)
    : warning("dmarc-policy", domain, evidence, "dmarc-none", {
        policy: asked,
        testing: record.testing ? "; t=y" : "",
      });
}

/** RFC 9990 §4: another organisation has to agree to get our reports. */
async function reports(domain: Domain, { rua, ruf }: DmarcRecord, dns: Dns): Promise<readonly Finding[]> {
  if (rua.length === 0)
    return [warning("dmarc-reports", domain, absent("rua="), "dmarc-no-reports", { domain })];
  const findings: Finding[] = [];
  for (const uri of [...rua, ...ruf]) {
    const target = parseDomain(/^mailto:[^@]+@(.+)$/i.exec(uri)?.[1] ?? "");
    if (target === undefined || isWithin(target, domain)) continue;
    const name = below(`${domain}._report._dmarc`, target);
    const answer = name && (await dns.query(name, "TXT"));
    if (name === undefined || answer?.kind === "failure") {
      const reason = answer === undefined ? "name too long" : reasonOf(answer);
      findings.push(unknown("dmarc-reports", domain, uri, "dns-failed", { name: name ?? target, reason }));
    } else if (!(answer ? (recordsOf(answer) ?? []) : []).some((text) => /^v=DMARC1(?:[ ;]|$)/.test(text)))
      findings.push(failure("dmarc-reports", domain, uri, "dmarc-unauthorised", { target, name, domain }));
  }
  return findings.length > 0 ? findings : [fine("dmarc-reports", domain, rua.join(", "))];
}

/** One below the other; the organisation of both is the same then. */
const isWithin = (one: Domain, other: Domain): boolean =>
  one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
