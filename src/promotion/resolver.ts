import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { Config } from "../config/schema.ts";
import { freshResolver } from "../dns/configured.ts";
import { bad, good, type Looked } from "./looked.ts";

/** Resolvers that are new, which no trial asks: one question. Where those of now do not answer either, the network is at fault. */
export async function lookAtResolver(now: Config["dns"], before: Config["dns"]): Promise<readonly Looked[]> {
  if (now.servers.join() === before.servers.join()) return [];
  const servers = now.servers.join(", ") || "/etc/resolv.conf";
  const why = await whySilent(now);
  if (why === undefined) return [good("resolver", servers)];
  const grade = (await whySilent(before)) === undefined ? "fail" : "unknown";
  return [bad("resolver", `${servers}: ${why}`, "resolver-silent", { servers, why }, grade)];
}

/** Undefined: they answer. That there is no such name is an answer. */
async function whySilent({ servers, signed_name }: Config["dns"]): Promise<string | undefined> {
  const dns = await freshResolver(servers);
  const answer = await dns.query(parseDomain(signed_name) as Domain, "NS");
  return answer.kind === "failure" ? answer.reason : undefined;
}
