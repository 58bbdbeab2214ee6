import { parseIp } from "../../base/ip.ts";
import type { Check, CheckContext } from "../contract.ts";
import { GREYLIST_WAIT_S, greylistQuestion } from "../greylist.ts";
import { scoreOf } from "../list-checks.ts";
import { dunno, refuse } from "../verdict.ts";

/**
 * Ours, not Postfix's: a client without a confirmed name, or one that some list names, has to come a second time; a real
 * server does (RFC 6647). Never for senders that SPF proves, logins, bounces, or clients that an allow list outweighs (D-10).
 */
export const greylistSuspicious: Check = {
  name: "greylist_suspicious",
  takes: "nothing",
  async run(context) {
    const { facts, ask } = context;
    const ip = parseIp(facts.clientAddress);
    const { sender = "", recipient } = facts;
    const known = sender === "" || facts.spf === "pass" || facts.login !== undefined;
    if (ip === undefined || recipient === undefined || known) return dunno({}, "not-applicable");
    const why = await suspicion(context);
    if (why === undefined) return dunno({}, "not-applicable");
    const since_s = await ask.counter(greylistQuestion(ip, sender, recipient));
    const evidence = { why, since_s };
    if (since_s >= GREYLIST_WAIT_S) return dunno(evidence);
    const text = `<${recipient}>: Recipient address rejected: Greylisted, please try again later`;
    return refuse(450, "4.7.1", text, "greylisted", { why, wait_s: GREYLIST_WAIT_S });
  },
};

async function suspicion(context: CheckContext): Promise<"no-name" | "listed" | undefined> {
  const { points } = await scoreOf(context);
  if (points !== 0) return points > 0 ? "listed" : undefined;
  return context.facts.clientNameState === "unknown" ? "no-name" : undefined;
}
