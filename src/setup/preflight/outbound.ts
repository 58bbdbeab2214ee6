import { parseDomain } from "../../base/domain-name.ts";
import { parseIp } from "../../base/ip.ts";
import { bad, good, unsure, type Ground, type PreflightCheck } from "./finding.ts";
import { greeting } from "../network-server.ts";

/** Can we reach others' port 25? One that answers is enough; none, though their names resolve, is a closed door. */
export const outboundCheck: PreflightCheck = async (ground) => {
  const { domain } = ground;
  const places = await Promise.all(ground.outside.map((one) => resolved(one, ground)));
  const known = places.filter((place) => place !== undefined);
  if (known.length === 0) return [unsure("outbound", "", "outbound-unknown", { reason: "no-names", domain })];
  const lines = await Promise.all(known.map(({ address, port }) => greeting(address, port)));
  const at = lines.findIndex((line) => line?.startsWith("220") ?? false);
  if (at >= 0) return [good("outbound", known[at]?.host ?? "")];
  return [bad("outbound", known.map(({ host }) => host).join(", "), "outbound-closed")];
};

async function resolved({ host, port }: Ground["outside"][number], { net: { dns } }: Ground) {
  if (parseIp(host) !== undefined) return { host, port, address: host };
  const name = parseDomain(host);
  const answer = name && (await dns.query(name, "A"));
  const address = answer?.kind === "records" ? answer.records[0] : undefined;
  return address === undefined ? undefined : { host, port, address };
}
