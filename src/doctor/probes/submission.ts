import { failure, fine, unknown, type Finding } from "../finding.ts";
import type { HostTarget, Net, Probe, Visit } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { BEST } from "./offers.ts";
import { extensionsOf, greet, isImplicit, openTls, placeOf, textOf, whyNot } from "./open-tls.ts";
import { tlsFirst } from "./tls-first.ts";
import { absent, seenReason } from "../words/seen.ts";

/** Ports 465 and 587: no password before TLS, no mail without a login. RFC 6409 §4.3, RFC 8314 §3 */
export const submissionDoor: Probe<HostTarget> = {
  id: "submission-door",
  title: phrase("Submission", "Einlieferung"),
  source: "RFC 6409 §4.3, RFC 8314 §3",
  checks: ["login-needed", "auth-before-tls"],
  async run(host, net) {
    const inClear = isImplicit(host.service) ? [] : await plainly(host, net);
    return [...inClear, ...(await withoutLogin(host, net))];
  },
};

async function plainly(host: HostTarget, net: Net): Promise<readonly Finding[]> {
  const place = placeOf(host);
  const connected = await net.connect(host);
  if (!connected.ok) return [];
  using visit = connected.value;
  const greeted = await greet(visit, net);
  if (!greeted.ok) return [];
  const auth = extensionsOf(greeted.value.ehlo).find((line) => /^AUTH[ =]/.test(line));
  return [
    auth === undefined
      ? fine("auth-before-tls", place, absent("AUTH"))
      : failure("auth-before-tls", place, auth, "auth-plain"),
  ];
}

async function withoutLogin(host: HostTarget, net: Net): Promise<readonly Finding[]> {
  const place = placeOf(host);
  let finding: Finding | undefined;
  const opened = await openTls(host, net, BEST, async (_, visit) => {
    finding = await sayMail(host, visit, net);
  });
  const reason = opened.ok ? "no answer" : whyNot(opened.error);
  finding ??= unknown("login-needed", place, seenReason(reason), "not-looked", { reason });
  return [...tlsFirst(host, opened), finding];
}

async function sayMail(host: HostTarget, visit: Visit, net: Net): Promise<Finding> {
  const place = placeOf(host);
  const lost = (reason: string): Finding =>
    unknown("login-needed", place, seenReason(reason), "not-looked", { reason });
  if (host.service === "submissions") {
    const greeted = await greet(visit, net);
    if (!greeted.ok) return lost(greeted.error);
  } else {
    const ehlo = await visit.say(`EHLO doctor.invalid`);
    if (!ehlo.ok) return lost(ehlo.error);
  }
  const answers = [
    await visit.say(`MAIL FROM:<postmaster@${host.domains[0] ?? host.name}>`),
    await visit.say("RCPT TO:<postmaster@example.net>"),
  ];
  const [mail, rcpt] = answers;
  if (mail === undefined || !mail.ok) return lost("no answer");
  if (mail.value.code >= 500) return fine("login-needed", place, textOf(mail.value));
  if (rcpt === undefined || !rcpt.ok) return lost("no answer");
  if (rcpt.value.code >= 500) return fine("login-needed", place, textOf(rcpt.value));
  return rcpt.value.code < 300
    ? failure("login-needed", place, textOf(rcpt.value), "no-login-needed")
    : lost(textOf(rcpt.value));
}
