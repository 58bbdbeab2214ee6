import { isLocalName, type Domain } from "../../base/domain-name.ts";
import type { Result } from "../../base/result.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { CheckId } from "../checks.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import type { HostTarget, Probe, Visit } from "../probe.ts";
import type { NoteId } from "../words/notes.ts";
import { phrase } from "../words/phrase.ts";
import { extensionsOf, greet, offers, placeOf, textOf, type Greeted } from "./open-tls.ts";
import { absent, seenReason } from "../words/seen.ts";

/** A name nobody has; never followed by DATA. */
const UNKNOWN_LOCAL_PART = "no-such-person-7k2q9x";
/** Reserved for documentation (RFC 2606 §3): nobody's mail server would relay there for a reason. */
const STRANGER = "postmaster@example.net";
/** A terabyte. */
const TOO_LARGE = "1000000000000";
const WANTED_EXTENSIONS = ["PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES"];

/** One visit to a mail host, up to RCPT and never further. */
export const smtpBehaviour: Probe<HostTarget> = {
  id: "smtp-behaviour",
  title: phrase("SMTP", "SMTP"),
  source: "RFC 5321, RFC 4954, RFC 2142, S-29",
  checks: [
    "banner-name",
    "extensions",
    "auth-before-tls",
    "vrfy",
    "expn",
    "null-sender",
    "size-limit",
    "postmaster",
    "abuse",
    "unknown-recipient",
    "relay",
  ],
  // Of a name of this machine no server speaks.
  applies: (check, { domains, name }) =>
    check === "banner-name"
      ? !isLocalName(name)
      : !["postmaster", "abuse", "unknown-recipient"].includes(check) || domains.length > 0,
  async run(host, net) {
    const place = placeOf(host);
    const connected = await net.connect(host);
    if (!connected.ok) return [];
    using visit = connected.value;
    const greeted = await greet(visit, net);
    if (!greeted.ok)
      return [
        unknown("banner-name", place, seenReason(greeted.error), "turned-away", { reply: greeted.error }),
      ];
    const findings = [...fromGreeting(host, greeted.value)];
    findings.push(await tells(host, visit, "vrfy"));
    findings.push(await tells(host, visit, "expn"));
    findings.push(...(await recipients(host, visit)));
    visit.write("QUIT");
    return findings;
  },
};

function fromGreeting({ name, ...host }: HostTarget, { banner, ehlo }: Greeted): readonly Finding[] {
  const place = placeOf({ name, ...host });
  const offered = extensionsOf(ehlo);
  const missing = WANTED_EXTENSIONS.filter((keyword) => !offers(ehlo, keyword)).join(", ");
  const auth = offered.find((line) => /^AUTH[ =]/.test(line));
  return [
    ...(isLocalName(name) ? [] : [bannerName(place, name, banner)]),
    missing === ""
      ? fine("extensions", place, offered.join(", "))
      : warning("extensions", place, offered.join(", "), "extensions-missing", { missing }),
    auth === undefined
      ? fine("auth-before-tls", place, absent("AUTH"))
      : failure("auth-before-tls", place, auth, "auth-plain"),
  ];
}

function bannerName(place: string, name: Domain, { lines: [line = ""] }: Reply): Finding {
  const found = line.split(" ")[0]?.toLowerCase() ?? "";
  return found === name
    ? fine("banner-name", place, line)
    : warning("banner-name", place, line, "banner-other", { found, name });
}

const TELLING = {
  vrfy: { note: "vrfy-tells", name: "postmaster" },
  expn: { note: "expn-tells", name: "staff" },
} as const;

/**
 * 252 promises nothing (RFC 5321 §7.3); 250 and 251 tell. Exim refuses a bare name, which it completes with its own, and
 * may tell of an address: so one of the first domain is asked too.
 */
async function tells(host: HostTarget, visit: Visit, check: "vrfy" | "expn"): Promise<Finding> {
  const place = placeOf(host);
  const verb = check.toUpperCase();
  const bare = told(place, check, await visit.say(`${verb} ${TELLING[check].name}`));
  const [domain] = host.domains;
  if (bare.grade !== "ok" || domain === undefined) return bare;
  return told(place, check, await visit.say(`${verb} postmaster@${domain}`));
}

function told(place: string, check: "vrfy" | "expn", answer: Result<Reply, string>): Finding {
  if (!answer.ok)
    return unknown(check, place, seenReason(answer.error), "not-looked", { reason: answer.error });
  const { code } = answer.value;
  if (code === 250 || code === 251) return failure(check, place, textOf(answer.value), TELLING[check].note);
  // What is neither a refusal nor 252 is no answer to this question.
  return code === 252 || code >= 500
    ? fine(check, place, textOf(answer.value))
    : unknown(check, place, textOf(answer.value), "put-off", { reply: textOf(answer.value) });
}

type Wanted = "accept" | "refuse";

async function recipients(host: HostTarget, visit: Visit): Promise<readonly Finding[]> {
  const place = placeOf(host);
  const findings: Finding[] = [];
  const ask = async (check: CheckId, rcpt: string, wanted: Wanted, note: NoteId): Promise<boolean> => {
    const answer = await oneRecipient(visit, rcpt);
    const address = rcpt;
    if (answer.refusedSender !== undefined)
      findings.push(
        unknown(check, place, seenReason(answer.refusedSender), "not-looked", {
          reason: answer.refusedSender,
        }),
      );
    else findings.push(judge(check, place, answer.reply, wanted, note, { address }));
    return answer.reply?.ok === true;
  };
  const large = await visit.say(`MAIL FROM:<> SIZE=${TOO_LARGE}`);
  findings.push(judge("size-limit", place, large, "refuse", "size-ignored", { octets: TOO_LARGE }));
  await visit.say("RSET");
  const sender = await visit.say("MAIL FROM:<>");
  findings.push(judge("null-sender", place, sender, "accept", "null-refused", {}));
  for (const domain of host.domains) {
    await ask("postmaster", `postmaster@${domain}`, "accept", "role-refused");
    await ask("abuse", `abuse@${domain}`, "accept", "role-refused");
    await ask("unknown-recipient", `${UNKNOWN_LOCAL_PART}@${domain}`, "refuse", "unknown-accepted");
  }
  await ask("relay", STRANGER, "refuse", "relay-open");
  return findings;
}

type Answer = { readonly refusedSender?: string; readonly reply?: Result<Reply, string> };

/** A transaction of its own each, since notices have one recipient. */
async function oneRecipient(visit: Visit, rcpt: string): Promise<Answer> {
  await visit.say("RSET");
  const sender = await visit.say("MAIL FROM:<>");
  if (!sender.ok) return { refusedSender: sender.error };
  if (sender.value.code !== 250) return { refusedSender: textOf(sender.value) };
  return { reply: await visit.say(`RCPT TO:<${rcpt}>`) };
}

function judge(
  check: CheckId,
  place: string,
  answer: Result<Reply, string> | undefined,
  wanted: Wanted,
  note: NoteId,
  values: Readonly<Record<string, string>>,
): Finding {
  if (answer === undefined || !answer.ok) {
    const reason = answer === undefined ? "no answer" : answer.error;
    return unknown(check, place, seenReason(reason), "not-looked", { reason });
  }
  const text =
    values["address"] === undefined ? textOf(answer.value) : `${values["address"]}: ${textOf(answer.value)}`;
  const { code } = answer.value;
  // 3xx is neither yes nor no.
  if (code >= 300 && code < 500)
    return unknown(check, place, text, "put-off", { reply: textOf(answer.value) });
  const isAccepted = code >= 200 && code < 300;
  return isAccepted === (wanted === "accept")
    ? fine(check, place, text)
    : (check === "size-limit" ? warning : failure)(check, place, text, note, values);
}
