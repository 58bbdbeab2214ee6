/**
 * What no rule decides: relaying, users that do not exist, full mailboxes and disks, loops, senders that are not their
 * login's. Each such refusal is written down and ends with the id of its session, which `wachpost explain` takes.
 */
import type { Authentication } from "../authentication/results.ts";
import type { Clock } from "../base/clock.ts";
import type { Judgement, Stage, Step } from "../journal/record.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { MailCommand, MailTransaction, RefusedMessage, SmtpSessionFacts } from "../smtp/backend.ts";
import { withId, type Reply } from "../smtp/reply.ts";
import type { Incoming } from "./accept.ts";
import type { Journal } from "./journal.ts";
import { messageRecord } from "./message-record.ts";
import type { SessionNotes } from "./session-notes.ts";

type Journalling = { readonly journal: Journal; readonly clock: Clock };
type About = Pick<Judgement, "command" | "sender" | "recipient">;

export const senderText = ({ from }: Pick<MailCommand, "from">): string => from?.text ?? "";

/** The session id in a refusal is what its reader can quote to us. */
export const quotable = (refused: Reply, session: SmtpSessionFacts): Reply => withId(refused, session.id);

const STAGES = { mail: "sender", data: "data", message: "content" } as const;

/** What SMTP itself refuses of a message: its size, its line ends, a slow client. Outside of one nothing is noted. */
export function refusedByDialogue(
  notes: SessionNotes,
  session: SmtpSessionFacts,
  answer: Reply,
  { command, mail }: RefusedMessage,
): Reply {
  const refused = quotable(answer, session);
  // Whose recipients were all refused has been told why.
  if (answer.reason === "no-valid-recipients" && notes.judgements.length > 0) return refused;
  note(notes, { command, sender: senderText(mail) }, STAGES[command], refused, {});
  return refused;
}

export function refusedSender(
  notes: SessionNotes,
  session: SmtpSessionFacts,
  mail: MailCommand,
  answer: Reply,
): Reply {
  const refused = quotable(answer, session);
  note(notes, { command: "mail", sender: senderText(mail) }, "sender", refused, {});
  return refused;
}

export function refusedRecipient(
  notes: SessionNotes,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  to: EnvelopeAddress,
  answer: Reply,
): Reply {
  const refused = quotable(answer, session);
  const about = { command: "rcpt", sender: senderText(mail), recipient: to.text } as const;
  note(notes, about, "relay", refused, { recipient: to.text });
  return refused;
}

/** After DATA, where nothing is known of the message but that it came. */
export function refusedData(
  notes: SessionNotes,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  answer: Reply,
): Reply {
  const refused = quotable(answer, session);
  noteContent(notes, mail, refused);
  return refused;
}

/** A message that is in: it is found by its Message-ID too. */
export function refusedMessage(
  { journal, clock }: Journalling,
  notes: SessionNotes,
  incoming: Incoming,
  answer: Reply,
  authentication?: Authentication,
): Reply {
  const { session, mail } = incoming;
  const refused = quotable(answer, session);
  const judgement = noteContent(notes, mail, refused);
  const known = authentication === undefined ? { judgement } : { judgement, authentication };
  journal.add(messageRecord(incoming, clock.now(), { ...known, outcome: refusedOutcome(refused) }));
  return refused;
}

export const refusedOutcome = ({ code }: Reply): "rejected" | "deferred" =>
  code >= 500 ? "rejected" : "deferred";

function noteContent(notes: SessionNotes, mail: MailTransaction, refused: Reply): Judgement {
  const about = { command: "message", sender: senderText(mail) } as const;
  const evidence = {
    domain: mail.from?.domain ?? "",
    ...(refused.reason === "over-quota" ? { recipient: recipientsText(mail) } : {}),
  };
  return note(notes, about, "content", refused, evidence);
}

/** Told of a refusal that concerns all of them. */
const RECIPIENTS_TOLD_MAX = 5;

const recipientsText = ({ recipients }: MailTransaction): string =>
  recipients
    .slice(0, RECIPIENTS_TOLD_MAX)
    .map(({ to }) => to.text)
    .join(", ");

function note(
  notes: SessionNotes,
  about: About,
  stage: Stage,
  refused: Reply,
  evidence: Step["evidence"],
): Judgement {
  const reason = refused.reason ?? "refused";
  const verdict = refused.code >= 500 ? "reject" : "defer";
  return notes.note(
    { ...about, decidedBy: reason, reply: replyRecord(refused) },
    { decision: verdict, asked: [], steps: [{ stage, rule: reason, verdict, reason, evidence }] },
  );
}

export const replyRecord = (answer: Reply): NonNullable<Judgement["reply"]> => ({
  code: answer.code,
  text: answer.lines.join(" "),
  ...(answer.enhanced === undefined ? {} : { enhanced: answer.enhanced }),
  ...(answer.reason === undefined ? {} : { reason: answer.reason }),
});
