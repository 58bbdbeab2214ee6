import type { Addresses, Resolution } from "../accounts/contract.ts";
import { allHere, whenHere, type Soon } from "../base/soon.ts";
import type { AccountId } from "../base/mail-ids.ts";
import type { RcptCommand } from "../smtp/backend.ts";
import { NO_FLAGS, type Delivery, type NewQueueEntry, type NewQueueRecipient } from "../store/store.ts";
import type { Incoming } from "./accept.ts";

/** Where one message goes: a copy per account, and onward over the queue. */
export type Plan = {
  readonly copies: Delivery["copies"];
  readonly onward: readonly NewQueueRecipient[];
  /** Login name of each account, for the journal. */
  readonly logins: ReadonlyMap<AccountId, string>;
};

/** A recipient, and where it leads. */
export type Resolved = { readonly recipient: RcptCommand; readonly resolution: Resolution };

export const resolved = (
  addresses: Addresses,
  recipients: readonly RcptCommand[],
): Soon<readonly Resolved[]> =>
  allHere(
    recipients.map((recipient) =>
      whenHere(addresses.resolve(recipient.to), (resolution) => ({ recipient, resolution })),
    ),
  );

export const planFor = async (addresses: Addresses, recipients: readonly RcptCommand[]): Promise<Plan> =>
  planOf(await resolved(addresses, recipients));

/** One copy per account and one hop per address, however many recipients lead there. */
export function planOf(recipients: readonly Resolved[]): Plan {
  const accounts = new Map<AccountId, string>();
  const onward = new Map<string, NewQueueRecipient>();
  for (const { recipient, resolution } of recipients) {
    for (const { account, login } of localOf(resolution)) accounts.set(account, login);
    for (const next of onwardOf(resolution, recipient)) {
      if (!onward.has(next.address)) onward.set(next.address, next);
    }
  }
  return {
    copies: [...accounts.keys()].map((account) => ({ account, mailbox: "INBOX", flags: NO_FLAGS })),
    onward: [...onward.values()],
    logins: accounts,
  };
}

const localOf = (resolution: Resolution) => (resolution.kind === "local" ? resolution.accounts : []);

function onwardOf(resolution: Resolution, { to, notify, orcpt }: RcptCommand): NewQueueRecipient[] {
  const wishes = { ...(notify ? { notify } : {}), ...(orcpt ? { orcpt } : {}) };
  if (resolution.kind === "foreign") return [{ address: to.text, ...wishes }];
  if (resolution.kind !== "local") return [];
  return resolution.remote.map((address) => ({ address, ...wishes }));
}

export function deliveryFor(
  incoming: Incoming,
  plan: Plan,
  now_ms: number,
  forwardedFrom?: string,
): Delivery {
  const { source, outline } = incoming;
  const from = forwardedFrom ?? incoming.mail.from?.text ?? "";
  const queue =
    plan.onward.length === 0 ? {} : { queue: { ...queueEntry(incoming, plan.onward, now_ms), from } };
  return { source, outline: outline(), received_ms: now_ms, copies: plan.copies, ...queue };
}

function queueEntry(
  { mail, session }: Incoming,
  recipients: readonly NewQueueRecipient[],
  now_ms: number,
): NewQueueEntry {
  return {
    id: mail.id,
    from: mail.from?.text ?? "",
    smtpUtf8: mail.smtpUtf8,
    body: mail.body,
    ...(mail.ret ? { ret: mail.ret } : {}),
    ...(mail.requireTls ? { tls: "required" } : {}),
    ...(mail.envid === undefined ? {} : { envid: mail.envid }),
    ...(session.identity ? { submitter: session.identity.login } : {}),
    created_ms: now_ms,
    recipients,
  };
}
