import type { Domain } from "../../base/domain-name.ts";
import type { SrvRecord } from "../../dns/answer.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import type { DomainTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { below, reasonOf, recordsOf } from "./answers.ts";
import { hostsOf } from "./mail-hosts.ts";
import { seen } from "../words/seen.ts";

const SERVICES = ["_imaps._tcp", "_submissions._tcp"] as const;
const WEB_NAMES = ["autoconfig", "autodiscover"] as const;

/** Do mail programs find their servers by themselves? RFC 6186, RFC 8314 §5.1, Thunderbird's autoconfig */
export const clientSetup: Probe<DomainTarget> = {
  id: "client-setup",
  title: phrase("Set-up of mail programs", "Einrichtung von Mailprogrammen"),
  source: "RFC 6186, RFC 8314 §5.1",
  checks: ["client-setup"],
  async run({ domain }, net) {
    if ((await hostsOf(domain, net)).length === 0)
      return [fine("client-setup", domain, seen("no-mail-host"))];
    const found: SrvRecord[] = [];
    for (const service of SERVICES) {
      const name = below(service, domain);
      const answer = name && (await net.dns.query(name, "SRV"));
      if (answer?.kind === "failure")
        return [
          unknown("client-setup", domain, "", "dns-failed", {
            name: name ?? domain,
            reason: reasonOf(answer),
          }),
        ];
      found.push(...((answer && recordsOf(answer)) ?? []));
    }
    return [found.length === 0 ? await byWeb(domain, net) : await byRecords(domain, found, net)];
  },
};

/** A target of "." says that there is no such service (RFC 2782). */
async function byRecords(domain: Domain, found: readonly SrvRecord[], net: Net): Promise<Finding> {
  const evidence = found.map(({ port, target }) => `${target || "."}:${port}`).join(", ");
  for (const { target } of found) {
    if (target === "" || (await hasAddress(target, net))) continue;
    return failure("client-setup", domain, evidence, "srv-nowhere", { target });
  }
  return fine("client-setup", domain, evidence);
}

async function byWeb(domain: Domain, net: Net): Promise<Finding> {
  for (const label of WEB_NAMES) {
    const name = below(label, domain);
    if (name !== undefined && (await hasAddress(name, net))) return fine("client-setup", domain, name);
  }
  return warning(
    "client-setup",
    domain,
    seen("neither", { one: "SRV", other: "autoconfig" }),
    "srv-missing",
    { domain },
  );
}

const hasAddress = async (name: Domain, net: Net): Promise<boolean> =>
  [await net.dns.query(name, "A"), await net.dns.query(name, "AAAA")].some(
    ({ kind }) => kind !== "nxdomain" && kind !== "nodata",
  );
