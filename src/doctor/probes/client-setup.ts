import type { Domain } from "../../base/domain-name.ts";
import { err, ok, type Result } from "../../base/result.ts";
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
    const hosts = await hostsOf(domain, net);
    if (!hosts.ok) return [lost(domain, domain, hosts.error)];
    if (hosts.value.length === 0) return [fine("client-setup", domain, seen("no-mail-host"))];
    const found: SrvRecord[] = [];
    for (const service of SERVICES) {
      const name = below(service, domain);
      const answer = name && (await net.dns.query(name, "SRV"));
      if (answer?.kind === "failure") return [lost(domain, name ?? domain, answer.reason)];
      found.push(...((answer && recordsOf(answer)) ?? []));
    }
    return [found.length === 0 ? await byWeb(domain, net) : await byRecords(domain, found, net)];
  },
};

/** A target of "." says that there is no such service (RFC 2782). */
async function byRecords(domain: Domain, found: readonly SrvRecord[], net: Net): Promise<Finding> {
  const evidence = found.map(({ port, target }) => `${target || "."}:${port}`).join(", ");
  for (const { target } of found) {
    if (target === "") continue;
    const found = await address(target, net);
    if (!found.ok) return lost(domain, target, found.error);
    if (!found.value) return failure("client-setup", domain, evidence, "srv-nowhere", { target });
  }
  return fine("client-setup", domain, evidence);
}

async function byWeb(domain: Domain, net: Net): Promise<Finding> {
  for (const label of WEB_NAMES) {
    const name = below(label, domain);
    const found = name === undefined ? ok(false) : await address(name, net);
    if (!found.ok) return lost(domain, name ?? domain, found.error);
    if (found.value) return fine("client-setup", domain, name ?? "");
  }
  return warning(
    "client-setup",
    domain,
    seen("neither", { one: "SRV", other: "autoconfig" }),
    "srv-missing",
    { domain },
  );
}

/** Whether the name has one; an error where the DNS says neither that nor the contrary. */
async function address(name: Domain, net: Net): Promise<Result<boolean, string>> {
  const answers = [await net.dns.query(name, "A"), await net.dns.query(name, "AAAA")];
  if (answers.some(({ kind }) => kind === "records")) return ok(true);
  const failed = answers.find(({ kind }) => kind === "failure");
  return failed === undefined ? ok(false) : err(reasonOf(failed));
}

const lost = (domain: Domain, name: Domain, reason: string): Finding =>
  unknown("client-setup", domain, "", "dns-failed", { name, reason });
