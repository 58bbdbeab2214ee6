import { checkReverse } from "../../authentication/iprev.ts";
import type { IpAddress } from "../../base/ip.ts";
import { verbatim } from "../../doctor/words/seen.ts";
import {
  bad,
  good,
  unsure,
  warned,
  type Ground,
  type PreflightCheck,
  type PreflightFinding,
} from "./finding.ts";

/** PTR, and whether its name leads back (FCrDNS). RFC 8601 §2.7.3 */
export const reverseCheck: PreflightCheck = async (ground) => {
  const findings: PreflightFinding[] = [];
  for (const address of ground.addresses) findings.push(await one(address, ground));
  return findings;
};

async function one(ip: IpAddress, ground: Ground): Promise<PreflightFinding> {
  const {
    hostName: name,
    net: { dns },
  } = ground;
  const { result, reverseName: found = "" } = await checkReverse(ip, dns);
  const address = ip.text;
  if (result === "permerror" && (await ground.setsReverse(ip)))
    return warned("reverse", verbatim(address, "-"), "reverse-todo", { address, name });
  if (result === "permerror")
    return bad("reverse", verbatim(address, "-"), "reverse-missing", { address, name });
  if (found === "") return unsure("reverse", address, "reverse-unknown", { address });
  const evidence = `${address} ${found}`;
  if (found !== name) return warned("reverse", evidence, "reverse-different", { address, name, found });
  if (result === "pass") return good("reverse", evidence);
  if (result === "temperror") return unsure("reverse", evidence, "reverse-unknown", { address });
  return warned("reverse", evidence, "reverse-unconfirmed", { address, found });
}
