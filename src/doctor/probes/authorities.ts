import type { Domain } from "../../base/domain-name.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import { DOCTOR_LIMITS } from "../limits.ts";
import type { DomainTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { recordsOf } from "./answers.ts";
import { overIpv6 } from "./name-servers.ts";
import { addressOf, freshness, ofMailHosts, signaturesAt, signedOf, type Signed } from "./signatures.ts";
import { zoneOf, type Zone } from "./signed-zones.ts";
import { absent, seenReason, verbatim } from "../words/seen.ts";

/** What each name server of the zone says by itself: who lags behind hands out yesterday's records. G-12, Zonemaster */
export const authorities: Probe<DomainTarget> = {
  id: "authorities",
  title: phrase("Name servers one by one", "Nameserver einzeln"),
  source: "RFC 1912 §2.8, RFC 1034 §4.2.2, G-12",
  checks: ["ns-answers", "ns-agree", "ns-ipv6-reach", "dnssec-expiry", "domain-no-alias"],
  async run({ domain }, net) {
    const alias = await net.dns.query(domain, "CNAME");
    const [target] = recordsOf(alias) ?? [];
    const noAlias =
      target !== undefined
        ? failure("domain-no-alias", domain, verbatim("CNAME", target), "domain-alias", { domain, target })
        : alias.kind === "failure"
          ? unknown("domain-no-alias", domain, "", "dns-failed", { name: domain, reason: alias.reason })
          : fine("domain-no-alias", domain, absent("CNAME"));
    const zone = await zoneOf(domain, net);
    if (typeof zone === "string" || zone.servers.length === 0) return [noAlias];
    const said: Said[] = [];
    for (const server of zone.servers.slice(0, DOCTOR_LIMITS.hostsMax))
      said.push(...(await askServer(server, domain, zone, net)));
    return [
      noAlias,
      ...judge(domain, said, unasked(zone, said)),
      await overIpv6(domain, zone.servers, net),
      freshness(domain, said, await ofMailHosts(domain, zone, net), net.clock.now()),
    ];
  },
};

export type Said = {
  readonly server: Domain;
  readonly answer: string | undefined;
  readonly signatures?: readonly Signed[];
};

/** The MX and TXT records as this server has them; undefined where it gives no answer. */
async function askServer(server: Domain, domain: Domain, zone: Zone, net: Net): Promise<readonly Said[]> {
  const address = await addressOf(server, net);
  if (address === undefined) return [];
  const dns = net.dnsAt(address);
  const mx = await dns.query(domain, "MX");
  // One that is silent once is not waited for again.
  const txt = mx.kind === "failure" ? mx : await dns.query(domain, "TXT");
  if (mx.kind === "failure" || txt.kind === "failure") return [{ server, answer: undefined }];
  const hosts = (recordsOf(mx) ?? []).map(({ preference, exchange }) => `${preference} ${exchange}`);
  const ofZone = await signaturesAt(dns, [
    [zone.apex, "SOA"],
    [zone.apex, "DNSKEY"],
  ]);
  const signatures = [...signedOf([domain, "MX"], mx), ...signedOf([domain, "TXT"], txt), ...(ofZone ?? [])];
  const answer = JSON.stringify([hosts.sort(), [...(recordsOf(txt) ?? [])].sort()]);
  return [{ server, answer, signatures }];
}

/** No address of theirs is known, or none that is reached from here. */
const unasked = ({ servers }: Zone, said: readonly Said[]): string =>
  servers
    .slice(0, DOCTOR_LIMITS.hostsMax)
    .filter((server) => !said.some((one) => one.server === server))
    .join(", ");

function judge(domain: Domain, said: readonly Said[], without: string): readonly Finding[] {
  if (said.length === 0) {
    const reason = "no address";
    return [
      unknown("ns-answers", domain, seenReason(reason), "not-looked", { reason }),
      unknown("ns-agree", domain, seenReason(reason), "not-looked", { reason }),
    ];
  }
  const silent = said.filter(({ answer }) => answer === undefined).map(({ server }) => server);
  const speaking = said.filter(({ answer }) => answer !== undefined);
  const servers = speaking.map(({ server }) => server).join(", ");
  const [first] = speaking;
  const other = speaking.find(({ answer }) => answer !== first?.answer);
  return [
    silent.length === 0
      ? without === ""
        ? fine("ns-answers", domain, servers)
        : unknown("ns-answers", domain, without, "not-looked", { reason: "no address" })
      : // From here nobody can be asked: that may be our own firewall.
        speaking.length === 0
        ? unknown("ns-answers", domain, silent.join(", "), "ns-silent", { servers: silent.join(", ") })
        : warning("ns-answers", domain, silent.join(", "), "ns-silent", { servers: silent.join(", ") }),
    first === undefined
      ? unknown("ns-agree", domain, "", "not-looked", { reason: "ns-answers" })
      : other === undefined
        ? fine("ns-agree", domain, servers)
        : failure(
            "ns-agree",
            domain,
            [first, other].map(({ server, answer }) => `${server}: ${answer}`).join(" | "),
            "ns-differ",
            {
              one: first.server,
              other: other.server,
            },
          ),
  ];
}
