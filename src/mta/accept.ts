import { hasRoom } from "../accounts/quota.ts";
import { lazily } from "../base/lazily.ts";
import type { Log } from "../base/log.ts";
import type { Outline } from "../message/outline.ts";
import { headerEnd } from "../message/header.ts";
import { scan } from "../message/mime.ts";
import { err, ok, type Result } from "../base/result.ts";
import { allHere, whenHere, type Soon } from "../base/soon.ts";
import type { MailTransaction, MessageSink, SmtpSessionFacts } from "../smtp/backend.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import type { CopyOutcome, Delivery, MessageSource, Store } from "../store/store.ts";
import { StoreError } from "../store/store-error.ts";
import { messageAccepted, messageRefused, storeFailed } from "./events.ts";
import type { Spool, SpooledMessage } from "./spool.ts";

/** A message that has come in whole, before anything was decided about it. */
export type Incoming = {
  readonly session: SmtpSessionFacts;
  readonly mail: MailTransaction;
  readonly octets: Buffer;
  readonly source: MessageSource;
  /** Read when first asked for: what stands in front may still change, and one pass over the octets is enough. */
  readonly outline: () => Outline;
};

export const outlineOf = (octets: Buffer): (() => Outline) => lazily(() => scan(octets));

/** Decides what becomes of a message: where it goes, or the reply that refuses it. */
export type Decide = (incoming: Incoming) => Soon<Result<Delivery, Reply>>;

export type Acceptance = {
  readonly store: Store;
  readonly spool: Spool;
  readonly log: Log;
  /** Something was queued. */
  readonly wakeQueue: () => void;
  readonly decide: Decide;
  /** A refusal made here, as the client is to read it. */
  readonly refused: (session: SmtpSessionFacts, mail: MailTransaction, answer: Reply) => Reply;
  /** Replies from the outcome of each copy; SMTP has one, LMTP one per recipient. */
  readonly replies: (
    incoming: Incoming,
    delivery: Delivery,
    outcomes: readonly CopyOutcome[],
  ) => readonly Reply[];
};

/** A sink that collects a message behind `trace`, asks `decide`, and answers only after the commit (G-08). */
export function messageSink(
  acceptance: Acceptance,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  trace: string,
): MessageSink {
  const spooled = acceptance.spool.start(Buffer.from(trace, "utf8"));
  return {
    write: (octets) => spooled.write(octets),
    finish: () => finish(acceptance, session, mail, spooled),
    abort: () => void spooled.discard(),
  };
}

async function finish(
  acceptance: Acceptance,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  spooled: SpooledMessage,
): Promise<readonly Reply[]> {
  const { log, refused } = acceptance;
  const full = (): readonly Reply[] => {
    messageRefused(log, session, mail, "over-quota");
    return repeated(session, mail, refused(session, mail, mailboxFull));
  };
  try {
    const whole = spooled.whole();
    const { octets, source } = whole instanceof Promise ? await whole : whole;
    if (hasEndlessHeader(octets)) {
      messageRefused(log, session, mail, "header-too-large");
      return repeated(session, mail, refused(session, mail, headerTooLarge));
    }
    const incoming: Incoming = { session, mail, octets, source, outline: outlineOf(octets) };
    const decided = acceptance.decide(incoming);
    const decision = decided instanceof Promise ? await decided : decided;
    if (!decision.ok) {
      messageRefused(log, session, mail, decision.error.reason ?? "unknown");
      return repeated(session, mail, decision.error);
    }
    const delivery = decision.value;
    const isFull = leadsToFullMailboxes(acceptance.store, delivery);
    if (isFull instanceof Promise ? await isFull : isFull) return full();
    const outcomes = await acceptance.store.mail.deliver(withLastStraw(delivery));
    // Between the question and the commit somebody else's mail may have come. Then nothing is stored, for nobody.
    if (outcomes.some(({ kind }) => kind === "over-quota")) return full();
    const queued = delivery.queue?.recipients.length ?? 0;
    if (queued > 0) acceptance.wakeQueue();
    messageAccepted(log, session, mail, delivery.outline.size, outcomes.length, queued);
    return acceptance.replies(incoming, delivery, outcomes);
  } catch (error) {
    storeFailed(log, session, mail, error);
    return repeated(session, mail, refused(session, mail, failureReply(error)));
  } finally {
    const discarded = spooled.discard();
    if (discarded) await discarded;
  }
}

/** Every question to a message walks over its header: 25 MB of fields would hold up everybody else. Exim has the same. */
const HEADER_OCTETS_MAX = 1024 * 1024;

const hasEndlessHeader = (octets: Buffer): boolean =>
  octets.length > HEADER_OCTETS_MAX && headerEnd(octets.subarray(0, HEADER_OCTETS_MAX)) === HEADER_OCTETS_MAX;

const headerTooLarge = reply(
  552,
  "5.3.4",
  `The header of the message is larger than ${HEADER_OCTETS_MAX} octets`,
  "header-too-large",
);

const mailboxFull = reply(452, "4.2.2", "Mailbox full, please try again later", "over-quota");

/**
 * Nobody would have room. Asked before anything is stored, as one reply speaks for all recipients; RCPT could only go by
 * what MAIL announced. A single copy the store judges by itself.
 */
function leadsToFullMailboxes(store: Store, { copies, outline, queue }: Delivery): Soon<boolean> {
  if (copies.length < 2 || queue !== undefined) return false;
  const rooms = allHere(copies.map(({ account }) => hasRoom(store, account, outline.size)));
  return whenHere(rooms, (all) => !all.includes(true));
}

/**
 * One reply speaks for all: putting off the whole for one full mailbox would hold up everybody, and a second delivery
 * would double it for the others. So who had room at RCPT gets this one, even where it is the last straw. RFC 5321 §6.1
 * Who is past his quota by then, through what came meanwhile, holds it up once: RCPT refuses him the next time.
 */
export const withLastStraw = (delivery: Delivery): Delivery =>
  delivery.copies.length + (delivery.queue === undefined ? 0 : 1) > 1
    ? { ...delivery, pastQuota: true }
    : delivery;

/** LMTP answers once per recipient (RFC 2033 §4.2). */
const repeated = (session: SmtpSessionFacts, mail: MailTransaction, answer: Reply): readonly Reply[] =>
  session.profile === "lmtp" ? mail.recipients.map(() => answer) : [answer];

/** Nothing was stored, so the client keeps the message and tries again. */
export function failureReply(error: unknown): Reply {
  const full =
    error instanceof StoreError ? error.fault === "full" : (error as NodeJS.ErrnoException).code === "ENOSPC";
  if (full) return reply(452, "4.3.1", "Insufficient system storage, please try again later", "disk-full");
  return reply(451, "4.3.0", "Local error in processing, please try again later", "store-failed");
}

/** More Received fields than this is a loop (T-63; RFC 5321 §6.3 asks for at least 100). */
const RECEIVED_MAX = 100;

export function loopCheck(receivedFields: number): Result<void, Reply> {
  if (receivedFields <= RECEIVED_MAX) return ok(undefined);
  return err(
    reply(
      554,
      "5.4.6",
      `Too many hops: more than ${RECEIVED_MAX} Received fields, this is a mail loop`,
      "mail-loop",
    ),
  );
}
