import { parseDomain } from "../base/domain-name.ts";
import type { Config } from "../config/schema.ts";
import { ownPolicy, type OwnPolicy } from "../tls/mta-sts-own.ts";
import type { MxPattern } from "../tls/mta-sts-policy.ts";

/** The MTA-STS policy of the domains of this server, the same for all: their mail comes to the same hosts. */
export function ownPolicyOf({ hostname, web }: Pick<Config, "hostname" | "web">): OwnPolicy {
  const mx = [hostname, ...web.mta_sts_mx].flatMap((text): MxPattern[] => {
    const wildcard = text.startsWith("*.");
    const domain = parseDomain(wildcard ? text.slice(2) : text);
    return domain === undefined ? [] : [{ wildcard, domain }];
  });
  return ownPolicy({ mode: web.mta_sts, maxAge_s: web.mta_sts_max_age_s, mx });
}
