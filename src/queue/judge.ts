/** What one try means for one recipient: delivered, failed or later, and whether the sender hears of it. RFC 3461 §5.2 */
import type { Reply } from "../smtp/reply.ts";
import type { QueueEntry, QueueRecipient, RecipientResult } from "../store/store.ts";
import type { DsnAction } from "./dsn.ts";
import { isDelayed, isExpired, nextAttempt, type QueuePolicy } from "./schedule.ts";
import { replyLine } from "./status.ts";

/** How a connection was protected: not, by TLS with anybody, by TLS with the host proved by the Web PKI, DANE or MTA-STS. */
export type Protection = "none" | "opportunistic" | "verified" | "dane" | "mta-sts";

/** How a try ended for a recipient. */
export type TryEnd = {
  readonly reply: Reply;
  /** Who was asked, where anybody was. */
  readonly host?: string;
  /** `host` gave the reply itself; else the words are ours. */
  readonly saidByHost: boolean;
  /** What success meant: the next hop answers for its own notices (DSN), or it does not, or it was a mailbox here. */
  readonly onSuccess: "relayed-with-dsn" | "relayed" | "delivered";
  /** The connection the reply came over. */
  readonly security?: Protection;
};

export type Judgement = {
  readonly result: RecipientResult;
  /** What the sender is told, where he asked for it or must be told. */
  readonly notice?: DsnAction;
};

export type JudgedBy = {
  readonly policy: QueuePolicy;
  readonly now_ms: number;
  /** 0 to 1. */
  readonly jitter: number;
  /** Not before then, whatever the schedule says: the destination is left alone until then. */
  readonly notBefore_ms?: number;
};

/** The null sender gets no notice, whatever happens; the caller logs it. RFC 3461 §5.2 */
export function judge(entry: QueueEntry, recipient: QueueRecipient, end: TryEnd, by: JudgedBy): Judgement {
  const { code } = end.reply;
  if (code >= 200 && code < 300) return delivered(recipient, end, by);
  if (code >= 500 || isExpired(by.policy, entry.created_ms, by.now_ms)) return failed(recipient, end, by);
  return waiting(entry, recipient, end, by);
}

function delivered(recipient: QueueRecipient, end: TryEnd, { now_ms }: JudgedBy): Judgement {
  const result = resultOf(recipient, end, "delivered", now_ms);
  const asked = recipient.notify?.includes("SUCCESS") === true && end.onSuccess !== "relayed-with-dsn";
  return asked ? { result, notice: end.onSuccess === "delivered" ? "delivered" : "relayed" } : { result };
}

function failed(recipient: QueueRecipient, end: TryEnd, { now_ms }: JudgedBy): Judgement {
  const result = resultOf(recipient, end, "failed", now_ms);
  return mayTell(recipient, "FAILURE") ? { result, notice: "failed" } : { result };
}

function waiting(entry: QueueEntry, recipient: QueueRecipient, end: TryEnd, by: JudgedBy): Judgement {
  const { policy, now_ms, jitter, notBefore_ms } = by;
  const next_ms = notBefore_ms ?? nextAttempt(policy, entry.created_ms, now_ms, jitter);
  const result = resultOf(
    recipient,
    end,
    "pending",
    Math.min(next_ms, Math.max(now_ms, entry.created_ms + policy.expire_ms)),
  );
  const tell =
    !recipient.delayNoticeSent && isDelayed(policy, entry.created_ms, now_ms) && mayTell(recipient, "DELAY");
  return tell ? { result: { ...result, delayNoticeSent: true }, notice: "delayed" } : { result };
}

/** Without NOTIFY the sender is told of failure and delay. RFC 3461 §4.1, §5.2.5, §5.2.6 */
const mayTell = ({ notify }: QueueRecipient, of: "FAILURE" | "DELAY"): boolean =>
  notify === undefined || notify.includes(of);

function resultOf(
  recipient: QueueRecipient,
  end: TryEnd,
  state: RecipientResult["state"],
  nextAttempt_ms: number,
): RecipientResult {
  return {
    index: recipient.index,
    state,
    nextAttempt_ms,
    lastReply: replyLine(end.reply, end.saidByHost ? end.host : undefined),
    ...(end.host === undefined ? {} : { lastHost: end.host }),
  };
}
