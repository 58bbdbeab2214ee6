import { noArgument } from "../answers.ts";
import { reply, type Reply } from "../reply.ts";
import type { At, Move, Said } from "../state.ts";

/** STARTTLS: everything said before is forgotten afterwards. RFC 3207 §4, T-33 */
export function starttls({ facts, setting, argument }: Said<At<"greeted">>): Reply | Move {
  if (argument !== "") return noArgument("STARTTLS");
  if (facts.tls !== undefined) return reply(503, "5.5.1", "TLS is active already", "tls-active");
  if (!setting.offersTls) return reply(502, "5.5.1", "STARTTLS is not available here", "tls-unavailable");
  if (!setting.reserveTls()) return busy;
  return { kind: "tls", reply: reply(220, "2.0.0", "Ready to start TLS") };
}

/** RFC 3207 §4: "TLS not available due to temporary reason". */
const busy = reply(454, "4.7.0", "Too many TLS handshakes from your network, try again later", "tls-busy");
