import type { Domain } from "../../base/domain-name.ts";
import { parseIp } from "../../base/ip.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { MxRecord } from "../../dns/answer.ts";
import { isPublicAddress } from "../../tls/public-address.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import { DOCTOR_LIMITS } from "../limits.ts";
import type { DomainTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { reasonOf, recordsOf } from "./answers.ts";
import { absent, seen, verbatim } from "../words/seen.ts";

/** Where the mail of a domain goes, by its MX records and their addresses. */
export const mailHosts: Probe<DomainTarget> = {
  id: "mail-hosts",
  title: phrase("Mail hosts", "Mailserver"),
  source: "RFC 5321 §5.1, RFC 7505, Internet.nl IPv6-3",
  checks: ["mx-exists", "mx-no-alias", "mx-address", "mx-public", "mx-ipv6", "mx-ours"],
  applies: (check, { ours }) => check !== "mx-ours" || ours !== undefined,
  async run(target, net) {
    const { domain } = target;
    const answer = await net.dns.query(domain, "MX");
    const records = recordsOf(answer);
    if (records === undefined)
      return [unknown("mx-exists", domain, "", "dns-failed", { name: domain, reason: reasonOf(answer) })];
    if (answer.kind === "nxdomain")
      return [failure("mx-exists", domain, "NXDOMAIN", "domain-gone", { domain })];
    const named = existence(target, records);
    if (records.length === 1 && records[0]?.exchange === "") return [named, ...nothingToSee(target)];
    const hosts = records
      .flatMap(({ exchange }) => (exchange === "" ? [] : [exchange]))
      .slice(0, DOCTOR_LIMITS.hostsMax);
    const looked: Finding[] = [];
    for (const host of new Set(hosts)) looked.push(...(await lookAt(host, net)));
    return [named, ...whetherOurs(target, hosts), ...looked];
  },
};

function existence({ domain, ours }: DomainTarget, records: readonly MxRecord[]): Finding {
  const evidence = records.map(({ preference, exchange }) => `${preference} ${exchange || "."}`).join(", ");
  const isNull = records.some(({ exchange }) => exchange === "");
  if (isNull && records.length > 1)
    return failure("mx-exists", domain, evidence, "mx-null-and-more", { domain });
  if (isNull) return warning("mx-exists", domain, evidence, "mx-null", { domain });
  const host = ours?.hostName ?? `mail.${domain}`;
  // Without MX the domain's own address counts (RFC 5321 §5.1), and no tester likes it (G-34).
  return records.length === 0
    ? failure("mx-exists", domain, absent("MX"), "mx-missing", { domain, host })
    : fine("mx-exists", domain, evidence);
}

/** A domain without mail has no hosts that could be wrong (G-51). */
const nothingToSee = ({ domain, ours }: DomainTarget): readonly Finding[] => [
  ...(["mx-no-alias", "mx-address", "mx-public", "mx-ipv6"] as const).map((check) =>
    fine(check, domain, seen("null-mx")),
  ),
  ...whetherOurs({ domain, selectors: [], ...(ours ? { ours } : {}) }, []),
];

function whetherOurs({ domain, ours }: DomainTarget, hosts: readonly Domain[]): Finding[] {
  if (ours === undefined) return [];
  const host = ours.hostName;
  return hosts.includes(host)
    ? [fine("mx-ours", domain, host)]
    : [
        failure(
          "mx-ours",
          domain,
          hosts.length === 0 ? seen("no-mail-host") : hosts.join(", "),
          "mx-elsewhere",
          { domain, host },
        ),
      ];
}

async function lookAt(host: Domain, net: Net): Promise<readonly Finding[]> {
  const alias = await net.dns.query(host, "CNAME");
  const target = recordsOf(alias)?.[0];
  const [a, aaaa] = [await net.dns.query(host, "A"), await net.dns.query(host, "AAAA")];
  const failed = [alias, a, aaaa].find(({ kind }) => kind === "failure");
  const lost = { name: host, reason: failed === undefined ? "" : reasonOf(failed) };
  const addresses = [...(recordsOf(a) ?? []), ...(recordsOf(aaaa) ?? [])];
  return [
    target !== undefined
      ? failure("mx-no-alias", host, verbatim("CNAME", target), "mx-alias", { name: host, target })
      : alias.kind === "failure"
        ? unknown("mx-no-alias", host, "", "dns-failed", lost)
        : fine("mx-no-alias", host, absent("CNAME")),
    addresses.length > 0 && a.kind !== "nodata"
      ? fine("mx-address", host, addresses.join(", "))
      : failed !== undefined
        ? unknown("mx-address", host, "", "dns-failed", lost)
        : addresses.length > 0
          ? warning("mx-address", host, addresses.join(", "), "mx-no-ipv4", { name: host })
          : failure("mx-address", host, seen("neither", { one: "A", other: "AAAA" }), "mx-no-address", {
              name: host,
            }),
    ...addresses.slice(0, DOCTOR_LIMITS.hostsMax).map((address) => publicity(host, address)),
    aaaa.kind === "failure"
      ? unknown("mx-ipv6", host, "", "dns-failed", lost)
      : (recordsOf(aaaa) ?? []).some((text) => parseIp(text)?.family === 6)
        ? fine("mx-ipv6", host, (recordsOf(aaaa) ?? []).join(", "))
        : warning("mx-ipv6", host, absent("AAAA"), "mx-no-ipv6", { name: host }),
  ];
}

function publicity(host: Domain, address: string): Finding {
  const ip = parseIp(address);
  return ip !== undefined && isPublicAddress(ip)
    ? fine("mx-public", host, address)
    : failure("mx-public", host, address, "mx-not-public", { name: host, address });
}

/** The mail hosts a domain names; none for a null MX. An error where the DNS does not say. */
export async function hostsOf(domain: Domain, net: Net): Promise<Result<readonly Domain[], string>> {
  const answer = await net.dns.query(domain, "MX");
  const records = recordsOf(answer);
  if (records === undefined) return err(reasonOf(answer));
  const sorted = [...records].sort((one, other) => one.preference - other.preference);
  const names = sorted.flatMap(({ exchange }) => (exchange === "" ? [] : [exchange]));
  // Without MX the domain's own address counts. RFC 5321 §5.1
  return ok(records.length > 0 ? [...new Set(names)].slice(0, DOCTOR_LIMITS.hostsMax) : [domain]);
}
