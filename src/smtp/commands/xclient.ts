import { asciiUpper } from "../../base/ascii.ts";
import { parseIp } from "../../base/ip.ts";
import { syntax } from "../answers.ts";
import type { SmtpSessionFacts } from "../backend.ts";
import { isHeloWord } from "../grammar.ts";
import { decodeXtext } from "../parameters.ts";
import { reply, type Reply } from "../reply.ts";
import type { At, Move, Said } from "../state.ts";

/** What a trusted proxy may tell us. LOGIN is understood only as "nobody": a login is proved, not told. */
export const XCLIENT_ATTRIBUTES = ["NAME", "ADDR", "PORT", "PROTO", "HELO", "DESTADDR", "DESTPORT"] as const;

type Attributes = ReadonlyMap<string, string | undefined>;

/**
 * XCLIENT: a proxy speaks for another client; the session starts anew as that client's. Not an RFC; the wire
 * format is Postfix's.
 *
 *     xclient-command = "XCLIENT" 1*( SP attribute-name "=" attribute-value )
 *     attribute-value = xtext / "[UNAVAILABLE]" / "[TEMPUNAVAIL]"
 */
export function xclient({ facts, setting, argument }: Said<At<"connected" | "greeted">>): Reply | Move {
  if (!setting.trustsXclient) {
    return reply(550, "5.7.0", "XCLIENT is not available from your address", "xclient-refused");
  }
  const attributes = parseAttributes(argument);
  if (attributes === undefined) return syntax("XCLIENT attribute=value...");
  const replaced = withAttributes(facts, attributes);
  if (replaced === undefined)
    return reply(501, "5.5.4", "XCLIENT attribute value is malformed", "bad-xclient");
  return { kind: "xclient", facts: replaced };
}

function parseAttributes(argument: string): Attributes | undefined {
  const attributes = new Map<string, string | undefined>();
  for (const word of argument.split(" ")) {
    const equals = word.indexOf("=");
    const name = asciiUpper(word.slice(0, Math.max(equals, 0)));
    const known = name === "LOGIN" || XCLIENT_ATTRIBUTES.some((attribute) => attribute === name);
    const value = decodeXtext(word.slice(equals + 1));
    if (!known || value === undefined || attributes.has(name)) return undefined;
    const unavailable = ["[UNAVAILABLE]", "[TEMPUNAVAIL]"].includes(asciiUpper(value));
    attributes.set(name, unavailable ? undefined : value);
  }
  return attributes;
}

function withAttributes(facts: SmtpSessionFacts, attributes: Attributes): SmtpSessionFacts | undefined {
  const remote = endpoint(
    attributes.get("ADDR"),
    attributes.get("PORT"),
    facts.remote.address.text,
    facts.remote.port,
  );
  const local = endpoint(
    attributes.get("DESTADDR"),
    attributes.get("DESTPORT"),
    facts.local.address,
    facts.local.port,
  );
  const verb = verbOf(attributes.get("PROTO"));
  const name = attributes.get("HELO");
  if (!remote || !local || !verb || attributes.get("LOGIN") !== undefined) return undefined;
  if (name !== undefined && !isHeloWord(name)) return undefined;
  const { id, profile, tls } = facts;
  return {
    id,
    profile,
    ...(tls === undefined ? {} : { tls }),
    remote,
    local: { address: local.address.text, port: local.port },
    ...(name === undefined ? {} : { helo: { name, verb } }),
  };
}

function endpoint(
  address: string | undefined,
  port: string | undefined,
  oldAddress: string,
  oldPort: number,
): SmtpSessionFacts["remote"] | undefined {
  const text = address ?? oldAddress;
  const parsed = parseIp(asciiUpper(text.slice(0, 5)) === "IPV6:" ? text.slice(5) : text);
  if (parsed === undefined || (port !== undefined && !/^[0-9]{1,5}$/.test(port))) return undefined;
  const number = port === undefined ? oldPort : Number(port);
  return number > 65_535 ? undefined : { address: parsed, port: number };
}

function verbOf(protocol: string | undefined): "HELO" | "EHLO" | undefined {
  const upper = asciiUpper(protocol ?? "ESMTP");
  return upper === "ESMTP" ? "EHLO" : upper === "SMTP" ? "HELO" : undefined;
}
