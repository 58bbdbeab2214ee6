import { asciiUpper } from "../../base/ascii.ts";
import type { ParameterFault } from "../parameters.ts";
import { reply, type Reply } from "../reply.ts";

/**
 * What follows `FROM:` or `TO:`; undefined where that is missing. Deviation: spaces after the colon are
 * skipped, against RFC 5321 §3.3, for the many scripts that put one there; they cannot change a meaning.
 */
export function pathArgument(argument: string, word: "FROM:" | "TO:"): string | undefined {
  if (!argument.startsWith(word) && asciiUpper(argument.slice(0, word.length)) !== word) return undefined;
  let at = word.length;
  while (argument[at] === " ") at++;
  return argument.slice(at);
}

/** RFC 5321 §4.1.1.11: 555 for a parameter we do not know, 501 for one we do. */
export function parameterRefused({ kind, what }: ParameterFault): Reply {
  const shown = /^[!-~ ]{1,80}$/.test(what) ? what : "parameter";
  if (kind === "unknown") return reply(555, "5.5.4", `Unsupported: ${shown}`, "unknown-parameter");
  return reply(501, "5.5.4", `Malformed: ${shown}`, "bad-parameter");
}
