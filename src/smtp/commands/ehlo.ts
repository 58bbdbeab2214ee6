import { remembered } from "../../base/remembered.ts";
import { syntax } from "../answers.ts";
import type { SmtpSessionFacts } from "../backend.ts";
import { isHeloName, isHeloWord } from "../grammar.ts";
import { constant, reply, type Reply } from "../reply.ts";
import { offeredMechanisms } from "./auth.ts";
import { XCLIENT_ATTRIBUTES } from "./xclient.ts";
import type { Move, Said, SessionSetting } from "../state.ts";

/** EHLO: who calls, what we can. Ends any transaction. RFC 5321 §4.1.1.1, 4.1.4; T-02 */
export function ehlo(said: Said): Reply | Move {
  return greetExtended(said, "EHLO");
}

/** LHLO is EHLO for LMTP. RFC 2033 §4.1 */
export function lhlo(said: Said): Reply | Move {
  return greetExtended(said, "LHLO");
}

/** HELO: the same without extensions. RFC 5321 §4.1.1.1 */
export function helo({ facts, setting, argument }: Said): Reply | Move {
  const refusal = refuseName(facts, argument, "HELO");
  if (refusal) return refusal;
  return { kind: "greeted", reply: hello(setting.backend.hostName), helo: { name: argument, verb: "HELO" } };
}

const hello = remembered(4, (hostName) => constant({ code: 250, lines: [hostName] }));

function greetExtended({ facts, setting, argument }: Said, verb: "EHLO" | "LHLO"): Reply | Move {
  const refusal = refuseName(facts, argument, verb);
  if (refusal) return refusal;
  const answer = { code: 250, lines: [setting.backend.hostName, ...extensions(facts, setting)] };
  return { kind: "greeted", reply: answer, helo: { name: argument, verb } };
}

/** Mail servers have host names (S-43); people's programs say what they like. */
function refuseName(facts: SmtpSessionFacts, name: string, verb: string): Reply | undefined {
  if (name === "") return syntax(`${verb} hostname`);
  const fits = facts.profile === "mx" ? isHeloName(name) : isHeloWord(name);
  return fits ? undefined : reply(501, "5.5.2", `${verb} needs a host name or address literal`, "bad-helo");
}

/** No BINARYMIME: nothing behind us could convert it (T-23). No VRFY, EXPN, HELP, ETRN: they tell nothing. */
function extensions(facts: SmtpSessionFacts, setting: SessionSetting): readonly string[] {
  const mechanisms = offeredMechanisms(facts, setting);
  return [
    "PIPELINING",
    `SIZE ${setting.backend.messageSizeMax}`,
    ...(setting.offersTls && facts.tls === undefined ? ["STARTTLS"] : []),
    ...(mechanisms.length > 0 ? [`AUTH ${mechanisms.join(" ")}`] : []),
    "ENHANCEDSTATUSCODES",
    "8BITMIME",
    "SMTPUTF8",
    "DSN",
    // A promise that only a session inside TLS can begin to keep. RFC 8689 §2
    ...(facts.tls === undefined ? [] : ["REQUIRETLS"]),
    "CHUNKING",
    ...(setting.trustsXclient ? [`XCLIENT ${XCLIENT_ATTRIBUTES.join(" ")}`] : []),
  ];
}
