import { policyNames } from "../../tls/mta-sts-policy.ts";
import { mtaStsId } from "../../tls/mta-sts-record.ts";
import { failure, fine, saidOnce, unknown, warning, type Finding } from "../finding.ts";
import type { DomainTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { below, reasonOf, recordsOf } from "./answers.ts";
import { hostsOf } from "./mail-hosts.ts";
import { absent, seen, seenReason } from "../words/seen.ts";

/** Does the domain demand TLS of those who send to it, and would its own mail hosts pass? RFC 8461 */
export const mtaSts: Probe<DomainTarget> = {
  id: "mta-sts",
  title: phrase("MTA-STS", "MTA-STS"),
  source: "RFC 8461, MECSA, Hardenize",
  checks: ["mta-sts-record", "mta-sts-policy"],
  async run({ domain, ours }, net) {
    const name = below("_mta-sts", domain);
    if (name === undefined) return [];
    const named = await hostsOf(domain, net);
    if (!named.ok)
      return [unknown("mta-sts-record", domain, "", "dns-failed", { name: domain, reason: named.error })];
    const hosts = named.value;
    if (hosts.length === 0)
      return [
        fine("mta-sts-record", domain, seen("no-mail-host")),
        fine("mta-sts-policy", domain, seen("no-mail-host")),
      ];
    const answer = await net.dns.query(name, "TXT");
    const texts = recordsOf(answer)?.filter((text) => text.startsWith("v=STSv1"));
    if (texts === undefined)
      return [unknown("mta-sts-record", domain, "", "dns-failed", { name, reason: reasonOf(answer) })];
    if (texts.length === 0)
      return saidOnce(
        warning("mta-sts-record", domain, absent("v=STSv1"), "sts-missing", { domain }),
        warning("mta-sts-policy", domain, absent("v=STSv1"), "sts-missing", { domain }),
      );
    const id = mtaStsId(texts);
    const evidence = texts.join(" | ");
    return [
      id === undefined
        ? failure("mta-sts-record", domain, evidence, "sts-record-bad", { domain })
        : ours?.policy !== undefined && id !== ours.policy.id
          ? warning("mta-sts-record", domain, evidence, "sts-id-stale", {
              domain,
              id,
              current: ours.policy.id,
            })
          : fine("mta-sts-record", domain, evidence),
      await policy({ domain, hosts, net }),
    ];
  },
};

type Asked = {
  readonly domain: DomainTarget["domain"];
  readonly hosts: readonly string[];
  readonly net: Net;
};

async function policy({ domain, hosts, net }: Asked): Promise<Finding> {
  const fetched = await net.policyOf(domain);
  if (!fetched.ok)
    return failure("mta-sts-policy", domain, seenReason(fetched.error.detail), "sts-unreachable", {
      domain,
      reason: fetched.error.detail,
    });
  const { mode, maxAge_s, mx } = fetched.value;
  const evidence = `mode ${mode}, max_age ${maxAge_s}, mx ${mx.map(({ wildcard, domain: one }) => `${wildcard ? "*." : ""}${one}`).join(", ")}`;
  const unnamed = hosts.filter((host) => !policyNames(fetched.value, host));
  if (mode !== "none" && unnamed.length > 0)
    return failure("mta-sts-policy", domain, evidence, "sts-unnamed", { hosts: unnamed.join(", ") });
  return mode === "enforce"
    ? fine("mta-sts-policy", domain, evidence)
    : warning("mta-sts-policy", domain, evidence, "sts-lenient", { mode });
}
