/** Where the canary's mail comes by on its way: it goes to itself alone, and leaves no trace among the mail of people. */
import { CANARY_SENDER, isCanary } from "../accounts/canary.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { ok } from "../base/result.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { MailTransaction, SmtpBackend, SmtpSessionFacts } from "../smtp/backend.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import { NO_FLAGS } from "../store/store.ts";
import { messageSink, type Acceptance, type Incoming } from "./accept.ts";
import { accepted, type MtaOptions } from "./inbound.ts";
import { deliveryFor, type Plan } from "./plan.ts";
import { receivedField, returnPathField } from "./trace.ts";

/** A canary that is under way. */
export type Flight = {
  readonly account: AccountId;
  /** Another for each, known to this process alone: who knows it is the canary. */
  readonly recipient: string;
  /** It came to the door of other servers' mail. */
  arrived(): void;
  /** It is in its mailbox. */
  stored(): void;
};

export type CanaryRoom = Pick<
  MtaOptions,
  "store" | "spool" | "freeDisk" | "clock" | "log" | "hostName" | "wakeQueue"
> & {
  /** Undefined: none is under way. */
  readonly flight: () => Flight | undefined;
};

const alone = reply(452, "4.5.3", "One recipient only", "canary-alone");
const toItself = reply(550, "5.7.1", "This account sends to itself only", "canary-elsewhere");

/** Port 25 with the canary's recipient, while it is expected. No rule is asked, as for any client of this machine. */
export function canaryInbound(inner: SmtpBackend, room: CanaryRoom): SmtpBackend {
  const isFor = (to: EnvelopeAddress | undefined): boolean =>
    to !== undefined && to.text === room.flight()?.recipient;
  return {
    ...inner,
    rcpt(session, mail, rcpt) {
      if (mail.recipients.some(({ to }) => isFor(to))) return alone;
      if (!isFor(rcpt.to)) return inner.rcpt(session, mail, rcpt);
      if (mail.recipients.length > 0) return alone;
      room.flight()?.arrived();
      return undefined;
    },
    data(session, mail) {
      const flight = room.flight();
      if (flight === undefined || !isFor(mail.recipients[0]?.to)) return inner.data(session, mail);
      const copies = [{ account: flight.account, mailbox: "INBOX", flags: NO_FLAGS }];
      return ok(
        sinkFor(room, session, mail, { copies, onward: [], logins: new Map() }, () => flight.stored()),
      );
    },
  };
}

/** Submission where the canary, once logged in, may send to itself, through the queue, and to nobody else. */
export function canarySubmission(inner: SmtpBackend, room: CanaryRoom): SmtpBackend {
  const isIts = ({ identity }: SmtpSessionFacts): boolean => identity !== undefined && isCanary(identity);
  return {
    ...inner,
    mail(session, mail) {
      if (!isIts(session)) return inner.mail(session, mail);
      return mail.from?.text === CANARY_SENDER ? room.freeDisk.refusal() : toItself;
    },
    rcpt(session, mail, rcpt) {
      if (!isIts(session)) return inner.rcpt(session, mail, rcpt);
      return rcpt.to.text === room.flight()?.recipient ? undefined : toItself;
    },
    data(session, mail) {
      if (!isIts(session)) return inner.data(session, mail);
      // Nobody is told of one that is lost but by its staying away.
      const onward = mail.recipients.map(({ to }) => ({ address: to.text, notify: ["NEVER"] as const }));
      return ok(sinkFor(room, session, mail, { copies: [], onward, logins: new Map() }, () => {}));
    },
  };
}

function sinkFor(
  room: CanaryRoom,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  plan: Plan,
  done: () => void,
): ReturnType<typeof messageSink> {
  const { store, spool, log, wakeQueue, clock, hostName } = room;
  const acceptance: Acceptance = {
    store,
    spool,
    log,
    wakeQueue,
    decide: async (incoming: Incoming) => ok(deliveryFor(incoming, plan, clock.now())),
    refused: (_session, _mail, answer: Reply) => answer,
    replies: (...about) => {
      done();
      return accepted(...about);
    },
  };
  return messageSink(
    acceptance,
    session,
    mail,
    returnPathField(mail) + receivedField(session, mail, hostName, clock.now()),
  );
}
