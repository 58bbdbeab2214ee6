import { parseIp, type IpAddress } from "../../base/ip.ts";
import type { Check, CheckContext } from "../contract.ts";
import { correspondentQuestion } from "../correspondents.ts";
import { isGenericName } from "../generic-name.ts";
import { GREYLIST_WAIT_S, greylistQuestion } from "../greylist.ts";
import { dunno, noOpinion, refuse, type Verdict } from "../verdict.ts";

/**
 * Ours, not Postfix's: a client without a confirmed name, with one that a provider made from its address, or that some
 * list names, has to come a second time; a real server does (RFC 6647). Never for senders that SPF proves or that our
 * users have written to, logins, bounces, or clients that an allow list outweighs (D-10).
 */
export const greylistSuspicious: Check = {
  name: "greylist_suspicious",
  takes: "nothing",
  run(context) {
    const { facts } = context;
    const ip = parseIp(facts.clientAddress);
    const { sender = "", recipient } = facts;
    const known = sender === "" || facts.spf === "pass" || facts.login !== undefined;
    if (ip === undefined || recipient === undefined || known) return noOpinion("not-applicable");
    return unknownSender(context, { ip, sender, recipient });
  },
};

async function unknownSender(
  context: CheckContext,
  { ip, sender, recipient }: { readonly ip: IpAddress; readonly sender: string; readonly recipient: string },
): Promise<Verdict> {
  const { ask } = context;
  const why = await suspicion(context, ip);
  if (why === undefined) return noOpinion("not-applicable");
  if (!isDisowned(context) && (await ask.counter(correspondentQuestion(sender))) > 0)
    return dunno({ why, sender }, "correspondent");
  const since_s = await ask.counter(greylistQuestion(ip, sender, recipient));
  if (since_s >= GREYLIST_WAIT_S) return dunno({ why, since_s });
  const text = `<${recipient}>: Recipient address rejected: Greylisted, please try again later`;
  return refuse(450, "4.7.1", text, `greylisted-${why}`, { wait_s: GREYLIST_WAIT_S });
}

/**
 * The domain says that this client does not send for it. Else anybody with a suspicious address could ask in the name of
 * others whether somebody here has written to them: who is not put off has been.
 */
const isDisowned = ({ facts }: CheckContext): boolean => facts.spf === "fail" || facts.spf === "softfail";

async function suspicion(
  context: CheckContext,
  ip: IpAddress,
): Promise<"nameless" | "generic-name" | "listed" | undefined> {
  const { clientName, clientNameState } = context.facts;
  const { points } = await context.score();
  if (points !== 0) return points > 0 ? "listed" : undefined;
  if (clientNameState === "unknown") return "nameless";
  return clientNameState === "ok" && isGenericName(clientName, ip) ? "generic-name" : undefined;
}
