/** Queued mail for a domain that is ours now: it never leaves; it goes where mail from outside would go. */
import type { Addresses } from "../accounts/contract.ts";
import type { Forwarding } from "../accounts/forwarding.ts";
import { randomId } from "../base/ids.ts";
import type { TryEnd } from "../queue/judge.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import type { Delivery, QueueEntry, QueueRecipient, Store } from "../store/store.ts";
import { withLastStraw } from "./accept.ts";
import { atHome, forwardLoop, hasCircled, isOnlyForward } from "./forward.ts";
import { quotaRefusal, recipientRefusal } from "./inbound.ts";
import { planOf, type Plan } from "./plan.ts";

export type LocalDelivery = {
  readonly store: Store;
  readonly addresses: Addresses;
  /** Knows mail again that was forwarded from here. */
  readonly forwarding?: Pick<Forwarding, "tracesIn">;
};

export async function deliverLocally(
  options: LocalDelivery,
  entry: QueueEntry,
  recipients: readonly QueueRecipient[],
  now_ms: number,
): Promise<readonly TryEnd[]> {
  const ends: TryEnd[] = [];
  for (const recipient of recipients) {
    const answer = await deliverOne(options, entry, recipient, now_ms);
    ends.push({ reply: answer, saidByHost: false, onSuccess: "delivered" });
  }
  return ends;
}

async function deliverOne(
  { store, addresses, forwarding }: LocalDelivery,
  entry: QueueEntry,
  recipient: QueueRecipient,
  now_ms: number,
): Promise<Reply> {
  const to = parseMailbox(recipient.address);
  if (!to.ok) return reply(553, "5.1.3", "Not an address", "bad-address");
  const resolution = await addresses.resolve(to.value);
  const refused =
    recipientRefusal(resolution, to.value.text) ?? (await quotaRefusal(store, resolution, entry.size_octets));
  if (refused) return refused;
  const octets = await store.mail.octets(entry.blob);
  if (octets === undefined) return blobGone;
  const { notify, orcpt } = recipient;
  const wished = { to: to.value, ...(notify ? { notify } : {}), ...(orcpt ? { orcpt } : {}) };
  const one = { recipient: wished, resolution };
  const circled = forwarding !== undefined && hasCircled(forwarding, octets, one);
  if (circled && isOnlyForward(one)) return forwardLoop;
  const delivery = await deliveryOf(store, entry, octets, planOf([circled ? atHome(one) : one]), now_ms);
  if (delivery === undefined) return blobGone;
  const outcomes = await store.mail.deliver(withLastStraw(delivery));
  if (outcomes.some(({ kind }) => kind === "over-quota"))
    return reply(452, "4.2.2", "Mailbox full", "over-quota");
  return reply(250, "2.1.5", "Delivered to a mailbox of this server");
}

const blobGone = reply(554, "5.3.0", "The message is lost from the store of this server", "blob-gone");

async function deliveryOf(
  { mail }: Store,
  entry: QueueEntry,
  octets: Buffer,
  plan: Plan,
  now_ms: number,
): Promise<Delivery | undefined> {
  const outline = await mail.outline(entry.blob);
  if (outline === undefined) return undefined;
  const { from, smtpUtf8, body, ret, envid, tls, submitter } = entry;
  const queue = {
    id: randomId(),
    from,
    smtpUtf8,
    body,
    ...(ret ? { ret } : {}),
    ...(tls ? { tls } : {}),
    ...(envid === undefined ? {} : { envid }),
    ...(submitter === undefined ? {} : { submitter }),
    created_ms: now_ms,
    recipients: plan.onward,
  };
  const onward = plan.onward.length === 0 ? {} : { queue };
  return {
    source: { kind: "octets", octets },
    outline,
    received_ms: now_ms,
    origin: entry.id,
    copies: plan.copies,
    ...onward,
  };
}
