import { failureReply } from "../queue/failure.ts";
import type { Protection, TryEnd } from "../queue/judge.ts";
import type { OutgoingMessage, RemoteFailure, RemoteHost } from "../smtp/remote.ts";
import { reply, type Reply } from "../smtp/reply.ts";

const NOT_TRIED: TryEnd = {
  reply: reply(451, "4.4.0", "Not tried: no host was left", "not-tried"),
  saidByHost: false,
  onSuccess: "relayed",
};

/** Keeps, over the hosts of one try, what each recipient's end is; the best news counts. */
export class Tally {
  readonly #message: OutgoingMessage;
  /** Per recipient of the message; `own`: said about this recipient and not about a whole host. */
  readonly #ends: { end: TryEnd; own: boolean }[];

  constructor(message: OutgoingMessage) {
    this.#message = message;
    this.#ends = message.recipients.map(() => ({ end: NOT_TRIED, own: false }));
  }

  /** The message for those who still have no final reply. */
  message(): OutgoingMessage {
    return { ...this.#message, recipients: this.#open().flatMap((at) => this.#message.recipients[at] ?? []) };
  }

  /** The same end for everyone left. */
  decide(end: TryEnd): void {
    for (const at of this.#open()) this.#ends[at] = { end, own: true };
  }

  /** Replies to the recipients of `message()`, in their order. */
  replied({ name }: RemoteHost, replies: readonly Reply[], hasDsn: boolean, security: Protection): void {
    for (const [i, at] of this.#open().entries()) {
      const answer = replies[i];
      if (answer === undefined) continue;
      const onSuccess = hasDsn ? "relayed-with-dsn" : "relayed";
      const end: TryEnd = { reply: answer, host: name, saidByHost: true, onSuccess, security };
      this.#ends[at] = { end, own: true };
    }
  }

  /** The host is of no use. What another one said about a recipient says more; "later" outweighs "never". */
  failed({ name }: RemoteHost, failure: RemoteFailure): void {
    const answer = failureReply(name, failure);
    const saidByHost = answer === failure.reply && failure.kind !== "unsupported";
    for (const at of this.#open()) {
      const before = this.#ends[at];
      const keeps =
        before !== undefined &&
        before.end !== NOT_TRIED &&
        (before.own || (answer.code >= 500 && before.end.reply.code < 500));
      if (!keeps)
        this.#ends[at] = { end: { reply: answer, host: name, saidByHost, onSuccess: "relayed" }, own: false };
    }
  }

  /** Every recipient was taken or refused for good, by a host that was asked about him. */
  isSettled(): boolean {
    return this.#open().length === 0;
  }

  /** Nothing is left for another time. */
  isPermanent(): boolean {
    return this.#ends.every(({ end }) => !isTemporary(end.reply));
  }

  ends(): readonly TryEnd[] {
    return this.#ends.map(({ end }) => end);
  }

  #open(): readonly number[] {
    return this.#ends.flatMap(({ end, own }, at) => (own && !isTemporary(end.reply) ? [] : [at]));
  }
}

/** A reply code that is neither success nor a refusal for good (a stray 1xx or 3xx included). */
const isTemporary = ({ code }: Reply): boolean => !((code >= 200 && code < 300) || code >= 500);
