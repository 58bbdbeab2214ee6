import { err, type Result } from "../../base/result.ts";
import { failure, fine, unknown, type Finding } from "../finding.ts";
import { HUNG_UP, type HostTarget, type Net, type Probe, type Service, type Visit } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { BEST } from "./offers.ts";
import { greet, openTls, placeOf } from "./open-tls.ts";
import { seenReason } from "../words/seen.ts";

/** What begins TLS with a second command in the same segment, and a last one that a right server answers first after TLS. */
type Words = {
  readonly inject: string;
  readonly yes: RegExp;
  readonly after: string;
  readonly injected: RegExp;
  /** The answer to the last one. */
  readonly answered: RegExp;
};

const SMTP: Words = {
  inject: "STARTTLS\r\nNOOP",
  yes: /^220/,
  after: "XDOCTOR",
  injected: /^250/,
  answered: /^[45]\d\d/,
};
const WORDS: Partial<Readonly<Record<Service, Words>>> = {
  smtp: SMTP,
  submission: SMTP,
  imap: {
    inject: "d1 STARTTLS\r\nd2 NOOP",
    yes: /^d1 OK/i,
    after: "d3 NOOP",
    injected: /^d2 /,
    answered: /^d3 /,
  },
  pop3: { inject: "STLS\r\nCAPA", yes: /^\+OK/, after: "XDOCTOR", injected: /^\+OK/, answered: /^-ERR/ },
};

const UNTAGGED_MAX = 10;

/** A command sent in clear behind STARTTLS must not be carried out inside TLS. RFC 3207 §4.2, CVE-2011-0411, NO STARTTLS (2021) */
export const starttlsInjection: Probe<HostTarget> = {
  id: "starttls-injection",
  title: phrase("Words behind STARTTLS", "Worte hinter STARTTLS"),
  source: "RFC 3207 §4.2, CVE-2011-0411, G-54",
  checks: ["starttls-injection"],
  async run(host, net) {
    const words = WORDS[host.service];
    const connected = await net.connect(host);
    if (words === undefined || !connected.ok) return [];
    using visit = connected.value;
    return [await ask(host, visit, words, net)];
  },
};

async function ask(host: HostTarget, visit: Visit, words: Words, net: Net): Promise<Finding> {
  const place = placeOf(host);
  const lost = (reason: string): Finding =>
    unknown("starttls-injection", place, seenReason(reason), "not-looked", { reason });
  const isSmtp = words === SMTP;
  const greeted = isSmtp ? await greet(visit, net) : await visit.line();
  if (!greeted.ok) return lost(greeted.error);
  visit.write(words.inject);
  const answer = await visit.line();
  if (!answer.ok) return answer.error === HUNG_UP ? hungUp(host, net, answer.error) : lost(answer.error);
  if (!words.yes.test(answer.value))
    return /^(?:5|d1 (?:NO|BAD)|-ERR|\* BYE)/i.test(answer.value)
      ? fine("starttls-injection", place, answer.value)
      : lost(answer.value);
  const secured = await visit.handshake(host.name, BEST);
  if (!secured.ok)
    return secured.error.kind === "refused"
      ? hungUp(host, net, secured.error.detail)
      : lost(secured.error.detail);
  visit.write(words.after);
  const first = await tagged(visit);
  // Silence is no proof: what it would have said may be the answer to the second command.
  if (!first.ok) return lost(first.error);
  if (words.injected.test(first.value))
    return failure("starttls-injection", place, first.value, "starttls-injected");
  return words.answered.test(first.value)
    ? fine("starttls-injection", place, first.value)
    : lost(first.value);
}

/** The next line that is an answer: an IMAP server may tell something before (RFC 9051 §7). */
async function tagged(visit: Visit): Promise<Result<string, string>> {
  for (let told = 0; told < UNTAGGED_MAX; told++) {
    const line = await visit.line();
    if (!line.ok || !line.value.startsWith("* ")) return line;
  }
  return err("no answer among many lines");
}

/** That is the best answer, if it is one to the second command: without that TLS has to come about. */
async function hungUp(host: HostTarget, net: Net, how: string): Promise<Finding> {
  const place = placeOf(host);
  const opened = await openTls(host, net, BEST, () => {});
  return opened.ok
    ? fine("starttls-injection", place, seenReason(how))
    : unknown("starttls-injection", place, seenReason(how), "not-looked", { reason: how });
}
