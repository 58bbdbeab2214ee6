/** Writes the end of a try: results per recipient and the notices they make, in one commit. */
import type { Addresses } from "../accounts/contract.ts";
import type { Clock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { JournalRecord } from "../journal/record.ts";
import {
  buildDsn,
  type DsnAction,
  type DsnMessage,
  type DsnRecipient,
  type OriginalMessage,
} from "../queue/dsn.ts";
import { returnsWhole } from "../queue/dsn-returned.ts";
import { judge, type Judgement, type TryEnd } from "../queue/judge.ts";
import { QUEUE_LIMITS } from "../queue/limits.ts";
import { isExpired, type QueuePolicy } from "../queue/schedule.ts";
import type { Delivery, QueueEntry, QueueRecipient, Store } from "../store/store.ts";
import type { Journal } from "./journal.ts";
import { noticeDelivery } from "./notices.ts";
import { doubleBounce, noticeMade, recipientTried, settleFailed } from "./outbound-events.ts";
import type { Job } from "./outbound-lane.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { returnPathEnd } from "./outbound-message.ts";
import type { Signer } from "./signer.ts";

export type Settling = {
  readonly store: Store;
  readonly addresses: Addresses;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly hostName: string;
  /** Signs notices; without it they go unsigned. */
  readonly signer?: Pick<Signer, "ownSignatures">;
  readonly policy: QueuePolicy;
  readonly journal?: Pick<Journal, "add">;
  readonly daneOff?: () => boolean;
  /** Time is up: what cannot be written now is left to the next start. */
  readonly signal: AbortSignal;
};

type Tried = { readonly recipient: QueueRecipient; readonly end: TryEnd; readonly judgement: Judgement };

/** True when a notice was queued. `ends` in the order of the job's recipients. */
export async function settleJob(
  settling: Settling,
  { entry, recipients }: Job,
  ends: readonly TryEnd[],
  notBefore_ms?: number,
): Promise<boolean> {
  const { policy, log } = settling;
  const now_ms = settling.clock.now();
  const by = {
    policy,
    now_ms,
    jitter: settling.random(),
    ...(notBefore_ms === undefined ? {} : { notBefore_ms }),
  };
  const tried = recipients.flatMap((recipient, i): Tried[] => {
    const end = ends[i];
    return end === undefined ? [] : [{ recipient, end, judgement: judge(entry, recipient, end, by) }];
  });
  for (const { recipient, end, judgement } of tried)
    recipientTried(log, entry, recipient, end, judgement, now_ms);
  return persistently(settling, entry, async () => {
    const notices = await noticesOf(settling, entry, tried, now_ms);
    await settling.store.queue.settle(
      entry.id,
      tried.map(({ judgement }) => judgement.result),
      notices,
    );
    for (const one of tried) settling.journal?.add(deliveryRecord(settling, entry, one, now_ms));
    return notices.some(({ queue }) => queue !== undefined);
  });
}

function deliveryRecord(
  { policy, daneOff }: Settling,
  { id, created_ms }: QueueEntry,
  { recipient, end, judgement: { result, notice } }: Tried,
  now_ms: number,
): JournalRecord {
  const expired = result.state === "failed" && end.reply.code < 500 && isExpired(policy, created_ms, now_ms);
  const here = end.onSuccess === "delivered";
  const state = { delivered: here ? "delivered" : "relayed", pending: "deferred", failed: "failed" } as const;
  return {
    kind: "delivery",
    id,
    at_ms: now_ms,
    recipient: recipient.address,
    state: expired ? "expired" : state[result.state],
    ...(end.host === undefined ? {} : { host: end.host }),
    reply: result.lastReply,
    ...(end.security === undefined ? {} : { security: end.security }),
    ...(daneOff?.() ? { daneOff: true } : {}),
    ...(result.state === "pending" ? { nextAttempt_ms: result.nextAttempt_ms } : {}),
    ...(end.saidByHost || end.reply.reason === undefined ? {} : { reason: end.reply.reason }),
    ...(notice === undefined || notice === "expanded" ? {} : { notice }),
  };
}

/** A result that is forgotten delivers the message twice, so writing it is tried until it works or the process ends. */
async function persistently(
  settling: Settling,
  entry: QueueEntry,
  write: () => Promise<boolean>,
): Promise<boolean> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      settleFailed(settling.log, entry, error);
      if (settling.signal.aborted) return false;
      await settling.clock.sleep(OUTBOUND_LIMITS.settleRetry_ms, settling.signal).catch(() => {});
    }
  }
}

async function noticesOf(
  settling: Settling,
  entry: QueueEntry,
  tried: readonly Tried[],
  now_ms: number,
): Promise<readonly Delivery[]> {
  const told = tried.filter(({ judgement }) => judgement.notice !== undefined);
  if (told.length === 0) return [];
  if (entry.from === "") return untold(settling.log, entry, told, "null sender");
  const notice = buildDsn({
    id: randomId(24),
    hostName: settling.hostName,
    now_ms,
    sender: entry.from,
    ...(entry.envid === undefined ? {} : { envid: entry.envid }),
    arrival_ms: entry.created_ms,
    smtpUtf8: entry.smtpUtf8,
    recipients: told.flatMap((one) => dsnRecipient(settling.policy, entry, one, now_ms)),
    original: await originalOf(settling.store, entry, actionsOf(told)),
  });
  return routed(settling, entry, told, await signedNotice(settling, notice), now_ms);
}

async function signedNotice({ signer, hostName }: Settling, notice: DsnMessage): Promise<DsnMessage> {
  const signatures = await signer?.ownSignatures(notice.octets, hostName);
  return signatures === undefined
    ? notice
    : { ...notice, octets: Buffer.concat([signatures, notice.octets]) };
}

async function routed(
  settling: Settling,
  entry: QueueEntry,
  told: readonly Tried[],
  notice: DsnMessage,
  now_ms: number,
): Promise<readonly Delivery[]> {
  const delivery = await noticeDelivery(
    settling.addresses,
    entry.from,
    notice,
    randomId(),
    now_ms,
    entry.tls,
  );
  if (delivery === undefined) return untold(settling.log, entry, told, "the sender does not exist");
  noticeMade(settling.log, entry, [...new Set(actionsOf(told))].join(" "));
  return [delivery];
}

/** Only failures are worth the operator's attention. */
function untold(log: Log, entry: QueueEntry, told: readonly Tried[], detail: string): readonly Delivery[] {
  const failed = told.filter(({ judgement }) => judgement.notice === "failed");
  if (failed.length > 0)
    doubleBounce(
      log,
      entry,
      failed.map(({ recipient }) => recipient),
      detail,
    );
  return [];
}

const actionsOf = (told: readonly Tried[]): readonly DsnAction[] =>
  told.flatMap(({ judgement }) => judgement.notice ?? []);

function dsnRecipient(
  policy: QueuePolicy,
  entry: QueueEntry,
  { recipient, end, judgement }: Tried,
  now_ms: number,
): readonly DsnRecipient[] {
  const { notice } = judgement;
  if (notice === undefined) return [];
  const { address, orcpt } = recipient;
  return [
    {
      address,
      ...(orcpt === undefined ? {} : { orcpt }),
      action: notice,
      reply: end.reply,
      ...(end.host === undefined || !end.saidByHost ? {} : { host: end.host }),
      lastAttempt_ms: now_ms,
      ...(notice === "delayed" ? { willRetryUntil_ms: entry.created_ms + policy.expire_ms } : {}),
    },
  ];
}

async function originalOf(
  { mail }: Store,
  entry: QueueEntry,
  actions: readonly DsnAction[],
): Promise<OriginalMessage> {
  const whole = returnsWhole(entry, actions);
  const end = whole ? entry.size_octets : Math.min(entry.size_octets, QUEUE_LIMITS.returnedHeader_octets);
  const octets = (await mail.octets(entry.blob, 0, end)) ?? Buffer.alloc(0);
  return { kind: whole ? "whole" : "header", octets: octets.subarray(returnPathEnd(octets)) };
}
