import { failure, fine, unknown } from "../finding.ts";
import { DOCTOR_LIMITS } from "../limits.ts";
import type { HostTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { greet, placeOf, textOf } from "./open-tls.ts";
import { isPermitted } from "./relay-forms.ts";
import { seen, seenReason } from "../words/seen.ts";

/** What some server took for the end of a message; the end is CRLF.CRLF and nothing else (T-29). */
export const FALSE_ENDS: readonly (readonly [name: string, octets: string])[] = [
  ["LF.LF", "\n.\n"],
  ["LF.CRLF", "\n.\r\n"],
  ["CRLF.LF", "\r\n.\n"],
  ["CR.CR", "\r.\r"],
  ["CRLF.CR", "\r\n.\r"],
  ["CR.CRLF", "\r.\r\n"],
  ["LF.CR", "\n.\r"],
  ["CRLF.CRCRLF", "\r\n.\r\r\n"],
  ["CRLF NUL.CRLF", "\r\n\0.\r\n"],
];

/**
 * The only probe that says DATA: to a server of ours or one whose owner asked for it. Where the false end is no end, the
 * connection is broken off and nothing was sent; where it is one, postmaster gets a note saying so.
 */
export const smuggling: Probe<HostTarget> = {
  id: "smuggling",
  title: phrase("SMTP smuggling", "SMTP-Schmuggel"),
  source: "RFC 5321 §4.1.1.4, CVE-2023-51764, CVE-2023-51765, CVE-2023-51766",
  checks: ["smuggling"],
  applies: (_, host) => isPermitted(host) && host.domains.length > 0,
  async run(host, net) {
    if (!isPermitted(host) || host.domains.length === 0) return [];
    const place = placeOf(host);
    const answers = await Promise.all(
      FALSE_ENDS.map(async ([name, octets]) => ({
        name,
        octets,
        said: await tryEnd(host, net, name, octets),
      })),
    );
    for (const answer of answers) {
      // Exim serves twenty at once by default, with those whose visits have just ended.
      if (!answer.said.startsWith("421")) continue;
      await net.clock.sleep(DOCTOR_LIMITS.pause_ms);
      answer.said = await tryEnd(host, net, answer.name, answer.octets);
    }
    const taken = answers.filter(({ said }) => said === "taken").map(({ name }) => name);
    if (taken.length > 0)
      return [failure("smuggling", place, taken.join(", "), "smuggling-open", { ends: taken.join(", ") })];
    const lost = answers.find(({ said }) => said !== "refused");
    return lost === undefined
      ? [fine("smuggling", place, seen("false-ends", { count: String(FALSE_ENDS.length) }))]
      : [unknown("smuggling", place, seenReason(lost.said), "not-looked", { reason: lost.said })];
  },
};

/** `taken`, `refused`, or why that could not be learned. */
async function tryEnd(host: HostTarget, net: Net, name: string, octets: string): Promise<string> {
  const connected = await net.connect(host);
  if (!connected.ok) return connected.error;
  using visit = connected.value;
  const greeted = await greet(visit, net);
  if (!greeted.ok) return greeted.error;
  for (const line of ["MAIL FROM:<>", `RCPT TO:<postmaster@${host.domains[0]}>`, "DATA"]) {
    const answer = await visit.say(line);
    if (!answer.ok) return answer.error;
    const isYes = Math.floor(answer.value.code / 100) === (line === "DATA" ? 3 : 2);
    if (!isYes) return textOf(answer.value);
  }
  const text = `From: <postmaster@${host.domains[0]}>\r\nSubject: This server takes ${name} for the end of a message\r\n\r\nSMTP smuggling is possible here: https://www.postfix.org/smtp-smuggling.html`;
  const { input, end } = await visit.exchange(
    Buffer.from(text + octets, "latin1"),
    (so) => so.includes("\n"),
    DOCTOR_LIMITS.silence_ms,
  );
  // Half a line may be the beginning of an acceptance; who hangs up without a word says neither yes nor no.
  if ((input.length > 0 || end === "closed") && !input.includes("\n")) return end;
  return /^2\d\d/.test(input.toString("latin1")) ? "taken" : "refused";
}
