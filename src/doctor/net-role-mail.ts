/** Would the rules of this server refuse mail for postmaster and abuse from an ordinary stranger? The doctor's own visits come from this machine, whom rules let pass. */
import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Config } from "../config/schema.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../dns/answer.ts";
import { liveAsk } from "../policy/ask.ts";
import { evaluate } from "../policy/evaluate.ts";
import type { PolicyFacts } from "../policy/facts.ts";
import { policyOf } from "../policy/from-config.ts";
import { liveWorld } from "../policy/live-world.ts";
import { ZoneBook } from "../policy/zone-health.ts";
import type { Store } from "../store/store.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import type { RefusedRole } from "./own-server.ts";

/** RFC 5737 §3, RFC 2606 §3: nobody's. On no list, with names that agree and SPF that passes. */
const STRANGER = { address: "198.51.100.25", host: "mx.example.net", sender: "someone@example.net" } as const;
const ROLES = ["postmaster", "abuse"];

const ZONE: Readonly<Record<string, { readonly [T in RecordType]?: readonly RecordData[T][] }>> = {
  "example.net": { MX: [{ preference: 10, exchange: STRANGER.host as Domain }] },
  [STRANGER.host]: { A: [STRANGER.address] },
};
/** What the DNS would say of him; every list says that it does not know him. */
const strangersDns: Dns = {
  query<T extends RecordType>(name: Domain, type: T): Promise<DnsAnswer<RecordData[T]>> {
    const records = ZONE[name]?.[type] as readonly RecordData[T][] | undefined;
    const rest = { ttl_s: 0, authenticated: false } as const;
    if (records !== undefined) return Promise.resolve({ kind: "records", records, ...rest });
    return Promise.resolve({ kind: name in ZONE ? "nodata" : "nxdomain", ...rest });
  },
};

/** Each role address that a rule refuses for good, with the rule; put off is not refused. RFC 5321 §4.5.1, RFC 2142 */
export async function refusedRoles(
  config: Config,
  store: Store,
  clock: Clock,
): Promise<readonly RefusedRole[]> {
  const { lists } = policyOf(config);
  const world = liveWorld(strangersDns, store.tables, new ZoneBook(), clock);
  const domains = (await store.directory.domains()).slice(0, DOCTOR_LIMITS.roleDomainsMax);
  const refused: RefusedRole[] = [];
  for (const address of domains.flatMap((domain) => ROLES.map((role) => `${role}@${domain}`))) {
    for (const command of ["connect", "rcpt", "data"] as const) {
      const judged = await evaluate(lists, command, factsFor(address), liveAsk(world));
      if (judged.decision !== "reject") continue;
      const { code, lines } = judged.reply ?? { code: 0, lines: [] };
      refused.push({ address, rule: judged.decidedBy ?? command, reply: `${code} ${lines.join(" ")}` });
      break;
    }
  }
  return refused;
}

const factsFor = (recipient: string): PolicyFacts => ({
  clientAddress: STRANGER.address,
  clientName: STRANGER.host,
  clientNameState: "ok",
  reverseClientName: STRANGER.host,
  reverseClientNameState: "ok",
  helo: STRANGER.host,
  heloVerb: "EHLO",
  heloIsOurs: false,
  sender: STRANGER.sender,
  recipient,
  recipientCount: 0,
  encrypted: true,
  earlyTalk: false,
  recipientIsOurs: true,
  recipientExists: true,
  mayRelay: false,
  senderIsOurs: false,
  senderExists: true,
  senderOwner: "nobody",
  spf: "pass",
});
