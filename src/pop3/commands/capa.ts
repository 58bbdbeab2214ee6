import { offeredMechanisms } from "../sasl-dialog.ts";
import type { Command, Context } from "../stage.ts";

/** Lists what the server can do, in this state and on this connection. RFC 2449 §5, §6 */
export const capa: Command = {
  when: "any",
  argument: "none",
  run: (context) => ({
    reply: { kind: "listing", text: "Capabilities follow", lines: capabilities(context) },
  }),
};

function capabilities(context: Context): readonly string[] {
  const { facts, canStartTls, stage } = context;
  const mechanisms = offeredMechanisms(context);
  return [
    "TOP",
    "UIDL",
    "RESP-CODES",
    "AUTH-RESP-CODE",
    "PIPELINING",
    "EXPIRE NEVER",
    "UTF8",
    "LANG",
    ...(facts.tls === undefined ? [] : ["USER"]),
    ...(mechanisms.length === 0 ? [] : [`SASL ${mechanisms.join(" ")}`]),
    ...(canStartTls && stage.kind === "authorization" ? ["STLS"] : []),
    "IMPLEMENTATION Wachpost",
  ];
}
