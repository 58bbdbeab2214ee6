import type { JournalRecord } from "../journal/record.ts";
import type { Clock } from "../base/clock.ts";
import type { Delivery } from "../store/store.ts";
import type { Incoming } from "./accept.ts";
import type { Journal } from "./journal.ts";
import { deliveryFor, type Plan } from "./plan.ts";

type MessageRecord = Extract<JournalRecord, { readonly kind: "message" }>;
type Known = Partial<Pick<MessageRecord, "authentication" | "judgement" | "copies" | "notForwarded">> &
  Pick<MessageRecord, "outcome">;

/** What the journal keeps of a message. */
export function messageRecord(
  { mail, session, octets, outline }: Incoming,
  at_ms: number,
  known: Known,
): MessageRecord {
  const { messageId, subject } = outline().envelope;
  return {
    kind: "message",
    id: mail.id,
    at_ms,
    session: session.id,
    sender: mail.from?.text ?? "",
    recipients: mail.recipients.map(({ to }) => to.text),
    size_octets: octets.length,
    ...(messageId === undefined ? {} : { messageId }),
    ...(subject === undefined ? {} : { subject }),
    copies: [],
    ...known,
  };
}

/** The delivery of a message with its journal entry: one commit. `forwardedFrom`: envelope sender of what goes on. */
export function journalled(
  { journal, clock }: { readonly journal: Journal; readonly clock: Clock },
  incoming: Incoming,
  plan: Plan,
  known: Partial<Known> = {},
  forwardedFrom?: string,
): Delivery {
  const now_ms = clock.now();
  const copies = plan.copies.map(({ account, mailbox }) => ({
    login: plan.logins.get(account) ?? "",
    mailbox,
  }));
  const outcome = copies.length === 0 ? "queued" : "delivered";
  const entry = journal.entry(messageRecord(incoming, now_ms, { outcome, copies, ...known }));
  return {
    ...deliveryFor(incoming, plan, now_ms, forwardedFrom),
    origin: incoming.mail.id,
    journal: [entry],
  };
}
