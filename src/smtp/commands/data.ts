import { whenHere, type Soon } from "../../base/soon.ts";
import { noArgument } from "../answers.ts";
import type { SmtpSessionFacts } from "../backend.ts";
import { DataReader } from "../data-reader.ts";
import { Intake } from "../intake.ts";
import { constant, reply, type Reply } from "../reply.ts";
import type { At, Move, Said } from "../state.ts";

/** DATA: the message follows, up to CRLF.CRLF. RFC 5321 §4.1.1.4 */
export function data({ facts, stage, setting, argument }: Said<At<"mail">>): Soon<Reply | Move> {
  if (argument !== "") return noArgument("DATA");
  const refusal = needsRecipient(stage, facts);
  if (refusal) return refusal;
  return whenHere(setting.backend.data(facts, stage.mail), (sink): Reply | Move => {
    if (!sink.ok) return sink.error;
    return {
      kind: "data",
      reply: goOn,
      mail: stage.mail,
      intake: new Intake(sink.value, setting.backend.messageSizeMax),
      reader: new DataReader(setting.limits.dataLine_octets),
    };
  });
}

const goOn = constant({ code: 354, lines: ["End with <CR><LF>.<CR><LF>"] });

/** Nobody was named, or everybody who was is refused. RFC 5321 §3.3, RFC 2033 §4.2 */
export function needsRecipient(stage: At<"mail">, facts: SmtpSessionFacts): Reply | undefined {
  if (stage.mail.recipients.length > 0) return undefined;
  if (stage.refused > 0 && facts.profile !== "lmtp") {
    return reply(554, "5.5.1", "No valid recipients", "no-valid-recipients");
  }
  return reply(503, "5.5.1", "Say RCPT first", "out-of-sequence");
}
