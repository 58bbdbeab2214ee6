import type { CheckId } from "../checks.ts";
import { runProbe } from "../examine.ts";
import type { HostTarget, Net, Probe } from "../probe.ts";
import { placeOf } from "../probes/open-tls.ts";
import { mailboxDoor } from "../probes/mailbox-door.ts";
import { relayMatrix } from "../probes/relay-forms.ts";
import { renegotiation } from "../probes/renegotiation.ts";
import { smtpBehaviour } from "../probes/smtp-behaviour.ts";
import { smuggling } from "../probes/smuggling.ts";
import { starttlsInjection } from "../probes/starttls-injection.ts";
import { submissionDoor } from "../probes/submission.ts";
import { tlsSuites } from "../probes/tls-suites.ts";
import { tlsVersions } from "../probes/tls-versions.ts";
import { BOMB_ATTACKS, SENDER_ATTACKS } from "./cases/bombs.ts";
import { STRANGER_ATTACKS } from "./cases/imap-strangers.ts";
import { LOGIN_ATTACKS } from "./cases/logins.ts";
import { MAILBOX_ATTACKS } from "./cases/mailbox.ts";
import { REPORT_ATTACKS } from "./cases/reports.ts";
import { SLOW_ATTACKS } from "./cases/slow.ts";
import { COMMAND_ATTACKS } from "./cases/smtp-commands.ts";
import { MESSAGE_ATTACKS } from "./cases/smtp-messages.ts";
import { WEB_ATTACKS } from "./cases/web.ts";
import { WEB_SPEECH } from "./cases/web-speech.ts";
import type { Attack, Visits } from "./contract.ts";

/** All attacks of our own, in the order in which they are made. */
export const ATTACKS: readonly Attack[] = [
  ...MESSAGE_ATTACKS,
  ...COMMAND_ATTACKS,
  WEB_SPEECH,
  ...SENDER_ATTACKS,
  ...LOGIN_ATTACKS,
  ...STRANGER_ATTACKS,
  ...MAILBOX_ATTACKS,
  ...BOMB_ATTACKS,
  ...REPORT_ATTACKS,
  ...WEB_ATTACKS,
  ...SLOW_ATTACKS,
];

const visits = (
  probe: Probe<HostTarget>,
  doors: Visits["doors"],
  checks: readonly CheckId[] = probe.checks,
  once?: true,
): Visits => ({
  id: probe.id,
  doors,
  checks,
  ...(once === undefined ? {} : { once }),
  run: (host: HostTarget, net: Net) => runProbe(probe, host, placeOf(host), net),
});

/** What the doctor looks at anyway and belongs to an attack: its own probes, at the same doors. */
export const VISITS: readonly Visits[] = [
  visits(smuggling, ["smtp"]),
  visits(relayMatrix, ["smtp"]),
  visits(
    smtpBehaviour,
    ["smtp"],
    ["relay", "unknown-recipient", "vrfy", "expn", "size-limit", "auth-before-tls"],
  ),
  visits(starttlsInjection, ["smtp", "submission", "imap", "pop3"]),
  visits(submissionDoor, ["submissions", "submission"]),
  visits(mailboxDoor, ["imaps", "imap", "pop3s", "pop3"], ["auth-before-tls"]),
  visits(
    tlsVersions,
    ["smtp", "submissions", "imaps", "web"],
    ["ssl2", "ssl3", "tls-1-0", "tls-1-1", "tls-compression", "secure-renegotiation"],
  ),
  visits(tlsSuites, ["submissions", "smtp"], undefined, true),
  visits(renegotiation, ["submissions", "imaps", "web"]),
];

/** Every check of an attack. */
export const ATTACKED: readonly CheckId[] = [
  ...new Set([...VISITS.flatMap(({ checks }) => checks), ...ATTACKS.map(({ check }) => check)]),
];
