import { whenHere, type Soon } from "../base/soon.ts";
import { SUBJECTS } from "./access.ts";
import type { CheckContext } from "./contract.ts";
import { domainOf, isHostName, withoutFinalDot } from "./host-name.ts";
import { mailDomain, type Existence } from "./resolve-name.ts";
import type { PolicySettings } from "./settings.ts";
import { deferIfPermit, dunno, noOpinion, refuse, type Verdict } from "./verdict.ts";

/** Refuses an address whose domain is not full; literals pass, the null sender and bare postmaster too. */
export function nonFqdnAddress(address: string | undefined, what: string, settings: PolicySettings): Verdict {
  if (address === undefined || address === "") return noOpinion("not-applicable");
  const domain = withoutFinalDot(domainOf(address));
  if (domain.startsWith("[") && domain.endsWith("]")) return noOpinion("address-literal");
  if (isHostName(domain) && domain.includes(".")) return dunno();
  const text = `<${address}>: ${what} rejected: need fully-qualified address`;
  return refuse(settings.codes.nonFqdn, "5.5.2", text, "address-not-full", { address });
}

/** Refuses an address to whose domain no mail can be sent; puts off where that could not be learned (S-33, D-47). */
export function unknownAddressDomain(context: CheckContext, side: "sender" | "recipient"): Soon<Verdict> {
  const { ask, facts } = context;
  const address = facts[side];
  const domain = domainOf(address ?? "");
  const ours = side === "sender" ? facts.senderIsOurs : facts.recipientIsOurs;
  if (address === undefined || domain === "" || domain.startsWith("[")) return noOpinion("not-applicable");
  if (ours) return noOpinion("our-domain");
  return whenHere(mailDomain(ask, domain), (found) => domainVerdict(found, context, side, address));
}

function domainVerdict(
  found: Existence | "null-mx",
  { settings }: CheckContext,
  side: "sender" | "recipient",
  address: string,
): Verdict {
  if (found === "exists") return dunno();
  const domain = domainOf(address);
  const enhanced = side === "sender" ? "4.1.8" : "4.1.2";
  const prefix = `<${address}>: ${SUBJECTS[side]} rejected`;
  const evidence = { domain };
  if (found === "null-mx") {
    const text = `${prefix}: Domain ${domain} does not accept mail (nullMX)`;
    return side === "sender"
      ? refuse(550, "5.7.27", text, "null-mx", evidence)
      : refuse(556, "5.1.10", text, "null-mx", evidence);
  }
  const text = `${prefix}: Domain not found`;
  if (found === "absent")
    return refuse(settings.codes.unknownAddress, enhanced, text, "domain-unknown", evidence);
  return settings.unknownAddressTempfail === "defer"
    ? refuse(450, enhanced, text, "domain-not-learned", evidence)
    : deferIfPermit(text, enhanced, "domain-not-learned", evidence);
}
