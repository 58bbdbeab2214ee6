import { whenHere, type Soon } from "../../base/soon.ts";
import { syntax } from "../answers.ts";
import type { RcptCommand } from "../backend.ts";
import { parsePath } from "../grammar.ts";
import { parseRcptParameters } from "../parameters.ts";
import { constant, reply, type Reply } from "../reply.ts";
import type { At, Move, Said } from "../state.ts";
import { parameterRefused, pathArgument } from "./path-argument.ts";

/** RCPT TO: one more recipient. RFC 5321 §4.1.1.3; the relay decision is the backend's (S-35). */
export function rcpt({ facts, stage, setting, argument }: Said<At<"mail">>): Soon<Reply | Move> {
  const command = parseRcpt(argument, stage.mail.smtpUtf8);
  if ("code" in command) return refused(command);
  const { recipients, recipientsOvershoot } = setting.limits;
  if (stage.mail.recipients.length >= recipients) {
    const answer = reply(
      452,
      "4.5.3",
      "Too many recipients; send the rest in another message",
      "too-many-recipients",
    );
    return { kind: "recipient-refused", reply: answer, tolerated: stage.tolerated < recipientsOvershoot };
  }
  return whenHere(setting.backend.rcpt(facts, stage.mail, command), (verdict): Move => {
    if (verdict === undefined) return { kind: "recipient", reply: recipientOk, rcpt: command };
    if (verdict.enhanced === "4.5.3")
      return { kind: "recipient-refused", reply: verdict, tolerated: stage.tolerated < recipientsOvershoot };
    return refused(verdict);
  });
}

const recipientOk = constant(reply(250, "2.1.5", "Recipient ok"));

const refused = (answer: Reply): Move => ({ kind: "recipient-refused", reply: answer, tolerated: false });

function parseRcpt(argument: string, smtpUtf8: boolean): RcptCommand | Reply {
  const text = pathArgument(argument, "TO:");
  if (text === undefined) return syntax("RCPT TO:<address>");
  const parsed = parsePath(text);
  if (!parsed.ok || parsed.value.path.address === null) {
    return reply(501, "5.1.3", "Recipient address is malformed", "bad-recipient-syntax");
  }
  const { path, rest } = parsed.value;
  // A route asks us to relay; whoever the route goes through, the answer is no (S-37).
  if (path.hadRoute) return reply(553, "5.1.3", "Source routes are not accepted", "source-route");
  if (path.needsSmtpUtf8 && !smtpUtf8) {
    return reply(553, "5.6.7", "Address needs SMTPUTF8, which was not asked for", "smtputf8-needed");
  }
  const parameters = parseRcptParameters(rest);
  if (!parameters.ok) return parameterRefused(parameters.error);
  return { to: parsed.value.path.address, ...parameters.value };
}
