import type { Logins } from "../accounts/contract.ts";
import { err, ok, type Result } from "../base/result.ts";
import { countReceived } from "../message/header.ts";
import type {
  MailCommand,
  MailTransaction,
  RcptCommand,
  SmtpBackend,
  SmtpSessionFacts,
} from "../smtp/backend.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import type { Correspondents } from "../policy/correspondents.ts";
import type { Delivery } from "../store/store.ts";
import { loopCheck, messageSink, type Acceptance, type Incoming } from "./accept.ts";
import { refusedByDialogue, refusedData, refusedMessage, refusedRecipient, refusedSender } from "./floor.ts";
import type { BulkWatch } from "./bulk-watch.ts";
import { goingOn, judgeForwards, withTraces } from "./forward.ts";
import { accepted, quotaRefusal, recipientRefusal, tooManyConnections, type MtaOptions } from "./inbound.ts";
import { journalled } from "./message-record.ts";
import { planOf, resolved, type Plan } from "./plan.ts";
import { SessionNotes, sessionFactsOf } from "./session-notes.ts";
import type { Signer } from "./signer.ts";
import { completed, senderRefusal, traced } from "./submitted-header.ts";
import { receivedField, returnPathField } from "./trace.ts";

/** What submission needs besides. */
export type SubmissionOptions = MtaOptions & {
  readonly logins: Logins;
  readonly signer: Signer;
  readonly correspondents: Pick<Correspondents, "add">;
  readonly bulk: BulkWatch;
};

/** Mail from our own users: only after login, only from addresses the login owns, to anywhere (RFC 6409). */
export function submissionBackend(options: SubmissionOptions): SmtpBackend {
  const { bulk, hostName, messageSizeMax, clients, clock, logins } = options;
  const sessions = new Map<string, SessionNotes>();
  const notesOf = ({ id }: SmtpSessionFacts): SessionNotes => {
    const notes = sessions.get(id) ?? new SessionNotes(() => clock.now());
    sessions.set(id, notes);
    return notes;
  };
  return {
    hostName,
    messageSizeMax,
    async connect(session) {
      return clients.enter(session.id, session.remote.address) ? undefined : tooManyConnections;
    },
    disconnected(session) {
      clients.leave(session.id);
      const notes = sessions.get(session.id);
      sessions.delete(session.id);
      if (notes !== undefined) recordSession(options, notes, session);
    },
    refused: (session, answer, about) =>
      about === undefined ? answer : refusedByDialogue(notesOf(session), session, answer, about),
    mechanisms: (session) => logins.mechanisms(session.tls !== undefined),
    authenticator: (session) =>
      logins.authenticator({ protocol: "smtp", remote: session.remote.address, id: session.id }),
    async mail(session, mail) {
      const refused = await judgeSender(options, session, mail);
      return refused && refusedSender(notesOf(session), session, mail, refused);
    },
    async rcpt(session, mail, rcpt) {
      const refused = await judgeRecipient(options, session, mail, rcpt);
      return refused && refusedRecipient(notesOf(session), session, mail, rcpt.to, refused);
    },
    async data(session, mail) {
      const trace = returnPathField(mail) + receivedField(session, mail, hostName, clock.now());
      return ok(messageSink(acceptance(options, bulk, notesOf(session)), session, mail, trace));
    },
  };
}

/** Only of sessions in which something was refused: what was accepted has a record of its own. */
function recordSession({ journal, clock }: MtaOptions, notes: SessionNotes, session: SmtpSessionFacts): void {
  const { judgements, messages } = notes;
  if (judgements.length === 0) return;
  const facts = sessionFactsOf(session);
  journal.add({ kind: "session", id: session.id, at_ms: clock.now(), facts, judgements, messages });
}

function acceptance(options: SubmissionOptions, bulk: BulkWatch, notes: SessionNotes): Acceptance {
  const { store, spool, log, wakeQueue } = options;
  const decide = async (incoming: Incoming) => {
    const delivery = await judgeMessage(options, bulk, incoming);
    if (!delivery.ok) return err(refusedMessage(options, notes, incoming, delivery.error));
    notes.messages.push(incoming.mail.id);
    return delivery;
  };
  const refused: Acceptance["refused"] = (session, mail, answer) => refusedData(notes, session, mail, answer);
  return { store, spool, log, wakeQueue, decide, refused, replies: accepted };
}

const loginNeeded = reply(530, "5.7.0", "Authentication required", "not-logged-in");

async function judgeSender(
  options: MtaOptions,
  session: SmtpSessionFacts,
  mail: MailCommand,
): Promise<Reply | undefined> {
  const { identity } = session;
  if (identity === undefined) return loginNeeded;
  if (mail.from !== null && !(await options.addresses.owns(identity.account, mail.from))) {
    return reply(
      553,
      "5.7.1",
      `<${mail.from.text}>: sender address not owned by ${identity.login}`,
      "sender-not-owned",
    );
  }
  return options.freeDisk.refusal();
}

async function judgeRecipient(
  options: MtaOptions,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  { to }: RcptCommand,
): Promise<Reply | undefined> {
  if (session.identity === undefined) return loginNeeded;
  const resolution = await options.addresses.resolve(to);
  if (resolution.kind === "foreign") {
    const qualified = to.domain.startsWith("[") || to.domain.includes(".");
    return qualified
      ? undefined
      : reply(504, "5.5.2", `<${to.text}>: need a fully-qualified address`, "non-fqdn-recipient");
  }
  return (
    recipientRefusal(resolution, to.text) ?? (await quotaRefusal(options.store, resolution, mail.size ?? 0))
  );
}

async function judgeMessage(
  options: SubmissionOptions,
  bulk: BulkWatch,
  incoming: Incoming,
): Promise<Result<Delivery, Reply>> {
  const account = incoming.session.identity?.account;
  if (account === undefined) return err(loginNeeded);
  const loop = loopCheck(countReceived(incoming.octets));
  if (!loop.ok) return loop;
  const refused = await senderRefusal(incoming, (address) => options.addresses.owns(account, address));
  if (refused) return err(refused);
  const whole = completed(incoming, options.hostName, options.clock.now());
  const { addresses, forwarding, signer } = options;
  const signed = traced(whole, await signer.signatures(whole.octets));
  // Our own users are proven by their login.
  const recipients = await resolved(addresses, incoming.mail.recipients);
  const forwards = judgeForwards(forwarding, signed, recipients, "proven");
  if (!forwards.ok) return forwards;
  const { recipients: left, notForwarded } = forwards.value;
  const known = notForwarded.length === 0 ? {} : { notForwarded };
  const plan = planOf(left);
  await remember(options, plan.onward);
  bulk.count(
    signed.octets,
    plan.onward.map(({ address }) => address),
  );
  const marked = withTraces(forwarding, signed, forwards.value);
  return ok(goingOn(journalled(options, signed, plan, known), marked));
}

/** A circular with more recipients is no correspondence. */
const CORRESPONDENTS_MAX = 50;

/** Who is written to may answer without being put off. A store that fails here fails at the message too, and says so there. */
async function remember({ correspondents }: SubmissionOptions, onward: Plan["onward"]): Promise<void> {
  if (onward.length > CORRESPONDENTS_MAX) return;
  await Promise.allSettled(onward.map(({ address }) => correspondents.add(address)));
}
