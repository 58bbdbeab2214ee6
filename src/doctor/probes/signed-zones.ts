import type { Domain } from "../../base/domain-name.ts";
import type { DnsAnswer, RecordData } from "../../dns/answer.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import { caaVerdict, issueRecords, strictIssue, unknownCritical, type CaaApplicant } from "../../tls/caa.ts";
import { DOCTOR_LIMITS } from "../limits.ts";
import type { DomainTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { reasonOf, resolverValidates } from "./answers.ts";
import { hostsOf } from "./mail-hosts.ts";
import { absent, seen } from "../words/seen.ts";

const NAME_SERVERS_MIN = 2;

/** Name servers, signatures, and who may issue certificates. */
export const signedZones: Probe<DomainTarget> = {
  id: "signed-zones",
  title: phrase("Name servers and DNSSEC", "Nameserver und DNSSEC"),
  source: "Internet.nl IPv6-1, DNSSEC-1 to DNSSEC-4, CAA-1",
  checks: ["ns-count", "ns-ipv6", "dnssec-domain", "dnssec-mx", "caa"],
  async run(target, net) {
    const { domain, ours } = target;
    const named = await hostsOf(domain, net);
    const hosts = named.ok ? named.value : [];
    const validates = await resolverValidates(net.dns);
    const findings = [...(await nameServers(domain, net))];
    findings.push(signature("dnssec-domain", domain, await net.dns.query(domain, "MX"), validates));
    for (const name of certifiedBeside(hosts, target)) findings.push(await issuers(name, ours?.issuers, net));
    if (!named.ok)
      return [
        ...findings,
        ...(["dnssec-mx", "caa"] as const).map((check) =>
          unknown(check, domain, "", "dns-failed", { name: domain, reason: named.error }),
        ),
      ];
    if (hosts.length === 0)
      return [
        ...findings,
        ...(["dnssec-mx", "caa"] as const).map((check) => fine(check, domain, seen("no-mail-host"))),
      ];
    for (const host of hosts) {
      findings.push(signature("dnssec-mx", host, await net.dns.query(host, "A"), validates));
      findings.push(await issuers(host, host === ours?.hostName ? ours.issuers : undefined, net));
    }
    return findings;
  },
};

/** What our certificate names in the domain; the next one is refused altogether where one name is. */
const certifiedBeside = (hosts: readonly Domain[], { domain, ours }: DomainTarget): readonly string[] =>
  (ours?.certified ?? []).filter(
    (name) => (name === domain || name.endsWith(`.${domain}`)) && !hosts.some((host) => host === name),
  );

async function nameServers(domain: Domain, net: Net): Promise<readonly Finding[]> {
  const zone = await zoneOf(domain, net);
  if (typeof zone === "string")
    return [unknown("ns-count", domain, "", "dns-failed", { name: domain, reason: zone })];
  const evidence = zone.servers.join(", ");
  const count = String(zone.servers.length);
  const withIpv6: Domain[] = [];
  let failed: { readonly name: Domain; readonly reason: string } | undefined;
  for (const name of zone.servers.slice(0, DOCTOR_LIMITS.hostsMax)) {
    const answer = await net.dns.query(name, "AAAA");
    if (answer.kind === "records") withIpv6.push(name);
    if (answer.kind === "failure") failed ??= { name, reason: answer.reason };
  }
  return [
    zone.servers.length >= NAME_SERVERS_MIN
      ? fine("ns-count", domain, evidence)
      : warning("ns-count", domain, evidence, "ns-few", { domain, count }),
    withIpv6.length >= NAME_SERVERS_MIN
      ? fine("ns-ipv6", domain, withIpv6.join(", "))
      : failed !== undefined
        ? unknown("ns-ipv6", domain, withIpv6.join(", "), "dns-failed", failed)
        : warning(
            "ns-ipv6",
            domain,
            withIpv6.length === 0 ? absent("AAAA") : withIpv6.join(", "),
            "ns-no-ipv6",
            { domain, count: String(withIpv6.length) },
          ),
  ];
}

/** `apex`: the name the zone begins at. */
export type Zone = { readonly apex: Domain; readonly servers: readonly Domain[] };

/** The name servers of the zone the name stands in; a text where the DNS failed. */
export async function zoneOf(domain: Domain, net: Net): Promise<Zone | string> {
  const labels = domain.split(".");
  for (let from = 0; from < labels.length - 1; from++) {
    const apex = labels.slice(from).join(".") as Domain;
    const answer = await net.dns.query(apex, "NS");
    if (answer.kind === "failure") return answer.reason;
    if (answer.kind === "records") return { apex, servers: answer.records };
  }
  return { apex: domain, servers: [] };
}

function signature(
  check: "dnssec-domain" | "dnssec-mx",
  name: Domain,
  answer: DnsAnswer<unknown>,
  validates: boolean,
): Finding {
  if (answer.kind === "failure")
    return unknown(check, name, "", "dns-failed", { name, reason: reasonOf(answer) });
  if (answer.authenticated) return fine(check, name, "AD");
  return validates
    ? warning(check, name, absent("AD"), "dnssec-off", { name })
    : unknown(check, name, absent("AD"), "resolver-blind");
}

/** CAA of the name or the nearest name above it; `ours`: who has to be let through. RFC 8659 §3, §4.2; RFC 8657 */
async function issuers(host: string, ours: CaaApplicant | undefined, net: Net): Promise<Finding> {
  const labels = host.replace(/^\*\./, "").split(".");
  for (let from = 0; from < labels.length - 1; from++) {
    const answer = await net.dns.query(labels.slice(from).join(".") as Domain, "CAA");
    if (answer.kind === "failure")
      return unknown("caa", host, "", "dns-failed", { name: host, reason: answer.reason });
    if (answer.kind !== "records") continue;
    const evidence = answer.records.map(({ flags, tag, value }) => `${flags} ${tag} "${value}"`).join(", ");
    const records = issueRecords(answer.records, host);
    const critical = unknownCritical(records);
    if (critical !== undefined)
      return failure("caa", host, evidence, "caa-critical", { name: host, tag: critical.tag });
    if (!records.some(({ tag }) => tag.toLowerCase() === "issue"))
      return warning("caa", host, evidence, "caa-no-issue", { name: host });
    return judged(host, records, evidence, ours);
  }
  return warning("caa", host, absent("CAA"), "caa-missing", { name: host });
}

/** Whether our next renewal gets through. */
function judged(
  host: string,
  records: readonly RecordData["CAA"][],
  evidence: string,
  ours: CaaApplicant | undefined,
): Finding {
  const [issuer] = ours?.identities ?? [];
  if (ours === undefined || issuer === undefined) return fine("caa", host, evidence);
  const verdict = caaVerdict(records, ours);
  if (verdict === "allowed") return fine("caa", host, evidence);
  const { account } = ours;
  if (verdict === "authority" || account === undefined)
    return failure("caa", host, evidence, "caa-forbids", { name: host, issuer });
  const values = { name: host, issuer, value: strictIssue(issuer, account), ...account };
  return verdict === "account"
    ? failure("caa", host, evidence, "caa-other-account", values)
    : failure("caa", host, evidence, "caa-other-proof", values);
}
