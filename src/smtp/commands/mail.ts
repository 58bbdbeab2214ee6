import { whenHere, type Soon } from "../../base/soon.ts";
import { syntax, tooLarge } from "../answers.ts";
import type { MailCommand, SmtpSessionFacts } from "../backend.ts";
import { parsePath, type Path } from "../grammar.ts";
import { parseMailParameters } from "../parameters.ts";
import { constant, reply, type Reply } from "../reply.ts";
import type { At, Move, Said, SessionSetting } from "../state.ts";
import { parameterRefused, pathArgument } from "./path-argument.ts";

/** MAIL FROM: a transaction begins. RFC 5321 §4.1.1.2, 1870 §6, 6531 §3.4 */
export function mail({ facts, setting, argument }: Said<At<"greeted">>): Soon<Reply | Move> {
  const refusal = needsLogin(facts, setting);
  if (refusal) return refusal;
  const command = parseMail(argument);
  if ("code" in command) return command;
  const refused = (answer: Reply): Reply =>
    setting.backend.refused?.(facts, answer, { command: "mail", mail: command }) ?? answer;
  // Not offered without TLS, so it is as unknown as any other word there.
  if (command.requireTls && facts.tls === undefined)
    return refused(parameterRefused({ kind: "unknown", what: "REQUIRETLS" }));
  const size_max = setting.backend.messageSizeMax;
  if (size_max > 0 && (command.size ?? 0) > size_max) return refused(tooLarge(size_max));
  return whenHere(
    setting.backend.mail(facts, command),
    (verdict): Reply | Move =>
      verdict ?? {
        kind: "mail",
        reply: senderOk,
        mail: { ...command, id: setting.newId(), recipients: [] },
      },
  );
}

const senderOk = constant(reply(250, "2.1.0", "Sender ok"));

/** Submission is for people who logged in. RFC 6409 §4.3, S-15 */
function needsLogin(facts: SmtpSessionFacts, setting: SessionSetting): Reply | undefined {
  if (facts.profile !== "submission" || facts.identity !== undefined) return undefined;
  if (facts.tls === undefined && setting.offersTls) {
    return reply(530, "5.7.0", "Must issue STARTTLS first", "tls-required");
  }
  return reply(530, "5.7.0", "Authentication required", "login-required");
}

function parseMail(argument: string): MailCommand | Reply {
  const text = pathArgument(argument, "FROM:");
  if (text === undefined) return syntax("MAIL FROM:<address>");
  const parsed = parsePath(text);
  if (!parsed.ok) return reply(501, "5.1.7", "Sender address is malformed", "bad-sender-syntax");
  const { path, rest } = parsed.value;
  const parameters = parseMailParameters(rest);
  if (!parameters.ok) return parameterRefused(parameters.error);
  return refusePath(path, parameters.value.smtpUtf8) ?? { from: path.address, ...parameters.value };
}

/** A route in a sender address is dropped (RFC 5321 appendix C). */
function refusePath(path: Path, smtpUtf8: boolean): Reply | undefined {
  if (path.needsSmtpUtf8 && !smtpUtf8) {
    return reply(553, "5.6.7", "Address needs SMTPUTF8, which was not asked for", "smtputf8-needed");
  }
  if (path.address?.domain === "") {
    return reply(501, "5.1.7", "Sender address has no domain", "bad-sender-syntax");
  }
  return undefined;
}
