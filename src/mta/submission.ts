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
import { loopCheck, messageSink, type Incoming } from "./accept.ts";
import { judgeForwards, withTraces } from "./forward.ts";
import { accepted, quotaRefusal, recipientRefusal, tooManyConnections, type MtaOptions } from "./inbound.ts";
import { journalled } from "./message-record.ts";
import { planOf, resolved, type Plan } from "./plan.ts";
import type { Signer } from "./signer.ts";
import { behindReturnPath, completed, senderRefusal } from "./submitted-header.ts";
import { receivedField, returnPathField } from "./trace.ts";

/** What submission needs besides. */
export type SubmissionOptions = MtaOptions & {
  readonly logins: Logins;
  readonly signer: Signer;
  readonly correspondents: Pick<Correspondents, "add">;
};

/** Mail from our own users: only after login, only from addresses the login owns, to anywhere (RFC 6409). */
export function submissionBackend(options: SubmissionOptions): SmtpBackend {
  const { hostName, messageSizeMax, clients, clock, logins, store, spool, log, wakeQueue } = options;
  const decide = (incoming: Incoming) => judgeMessage(options, incoming);
  const acceptance = { store, spool, log, wakeQueue, decide, replies: accepted };
  return {
    hostName,
    messageSizeMax,
    async connect(session) {
      return clients.enter(session.id, session.remote.address) ? undefined : tooManyConnections;
    },
    disconnected: (session) => clients.leave(session.id),
    mechanisms: (session) => logins.mechanisms(session.tls !== undefined),
    authenticator: (session) =>
      logins.authenticator({ protocol: "smtp", remote: session.remote.address, id: session.id }),
    mail: (session, mail) => judgeSender(options, session, mail),
    rcpt: (session, mail, rcpt) => judgeRecipient(options, session, mail, rcpt),
    async data(session, mail) {
      const trace = returnPathField(mail) + receivedField(session, mail, hostName, clock.now());
      return ok(messageSink(acceptance, session, mail, trace));
    },
  };
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
  const signed = behindReturnPath(whole, await signer.signatures(whole.octets));
  // Our own users are proven by their login.
  const recipients = await resolved(addresses, incoming.mail.recipients);
  const forwards = judgeForwards(forwarding, signed, recipients, "proven");
  if (!forwards.ok) return forwards;
  const { recipients: left, notForwarded } = forwards.value;
  const known = notForwarded.length === 0 ? {} : { notForwarded };
  const plan = planOf(left);
  await remember(options, plan.onward);
  return ok(journalled(options, withTraces(forwarding, signed, forwards.value), plan, known));
}

/** A circular with more recipients is no correspondence. */
const CORRESPONDENTS_MAX = 50;

/** Who is written to may answer without being put off. A store that fails here fails at the message too, and says so there. */
async function remember({ correspondents }: SubmissionOptions, onward: Plan["onward"]): Promise<void> {
  if (onward.length > CORRESPONDENTS_MAX) return;
  await Promise.allSettled(onward.map(({ address }) => correspondents.add(address)));
}
