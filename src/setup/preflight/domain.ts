import { parseDomain } from "../../base/domain-name.ts";
import { bad, good, unsure, warned, type PreflightCheck } from "./finding.ts";

/** Is the domain there, and where does its mail go today? A subdomain need not have name servers of its own. */
export const domainCheck: PreflightCheck = async ({ domain, hostName, net: { dns } }) => {
  const parent = parseDomain(domain.split(".").slice(1).join("."));
  const servers = await dns.query(domain, "NS");
  if (servers.kind === "failure")
    return [unsure("domain", "", "domain-unknown", { domain, reason: servers.reason })];
  const above =
    servers.kind === "records" || parent?.includes(".") !== true ? servers : await dns.query(parent, "NS");
  if (above.kind === "failure")
    return [unsure("domain", "", "domain-unknown", { domain, reason: above.reason })];
  if (above.kind !== "records")
    return [bad("domain", above.kind.toUpperCase(), "domain-missing", { domain })];
  const mail = await dns.query(domain, "MX");
  const hosts = mail.kind === "records" ? mail.records.map(({ exchange }) => exchange) : [];
  const elsewhere = hosts.filter((name) => name !== "" && name !== hostName);
  if (elsewhere.length === 0) return [good("domain", domain)];
  const names = elsewhere.slice(0, 5).join(", ");
  return [warned("domain", names, "domain-elsewhere", { domain, hosts: names })];
};
