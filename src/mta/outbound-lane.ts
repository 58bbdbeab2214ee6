import type { Protection, TryEnd } from "../queue/judge.ts";
import { unreachablePause, type QueuePolicy } from "../queue/schedule.ts";
import type { Destination } from "../queue/transport.ts";
import type { RemoteSession } from "../smtp/remote.ts";
import { reply } from "../smtp/reply.ts";
import type { QueueEntry, QueueRecipient, TlsDemand } from "../store/store.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { Pace } from "./outbound-pace.ts";

/** One message for recipients at one destination: one transaction. */
export type Job = {
  readonly entry: QueueEntry;
  readonly recipients: readonly QueueRecipient[];
  readonly since_ms: number;
};

/** Mail for a domain that has become ours since it was queued. */
export type LaneDestination = Destination | { readonly kind: "local"; readonly key: string };

/** Until when a message waits, and what is said of it. */
export type Wait = { readonly until_ms: number; readonly end: TryEnd };

/** A connection with what it has served. */
export type OpenSession = {
  readonly session: RemoteSession;
  readonly security: Protection;
  readonly opened_ms: number;
  /** No other message may follow on it. */
  readonly once?: true;
  messages: number;
  idleSince_ms: number;
};

export const laneKey = ({ key }: LaneDestination, demand: TlsDemand | undefined): string =>
  demand === undefined ? key : `${key} tls-${demand}`;

/** Everything about one destination: what waits for it, connections to it, and whether it can be reached. */
export class Lane {
  readonly destination: LaneDestination;
  /** Connections are only shared by mail of one demand. */
  readonly demand: TlsDemand | undefined;
  readonly #policy: QueuePolicy;
  readonly #waiting: Job[] = [];
  readonly #idle: OpenSession[] = [];
  #pace = new Pace();
  #active = 0;
  #proven = false;
  #failures = 0;
  #pause: { readonly from_ms: number; readonly until_ms: number; readonly end: TryEnd } | undefined;

  constructor(destination: LaneDestination, policy: QueuePolicy, demand?: TlsDemand) {
    this.destination = destination;
    this.demand = demand;
    this.#policy = policy;
  }

  get key(): string {
    return laneKey(this.destination, this.demand);
  }

  add(job: Job): void {
    this.#waiting.push(job);
  }

  next(): Job | undefined {
    return this.#waiting.shift();
  }

  begin(): void {
    this.#active++;
    this.#pace.active++;
  }

  end(): void {
    this.#active--;
    this.#pace.active--;
  }

  /** How much it takes. */
  get pace(): Pace {
    return this.#pace;
  }

  /**
   * Its mail hosts are known, and with whom it shares their pace. Where it did not before, what is under way asks for its
   * turn there.
   */
  share(pace: Pace, now_ms: number): Wait | undefined {
    if (pace === this.#pace) return undefined;
    this.#pace.active -= this.#active;
    pace.active += this.#active;
    this.#pace = pace;
    return this.#turn(now_ms);
  }

  /**
   * True where another delivery may begin. One connection shows first that the destination answers; more follow when at
   * least two messages per connection wait, or one has waited long: few connections serve many messages.
   */
  wantsMore(now_ms: number, perDestination: number): boolean {
    const first = this.#waiting[0];
    if (first === undefined || this.#active >= perDestination) return false;
    if (this.#pace.active > 0 && this.#pace.active >= this.#pace.connections(now_ms)) return false;
    if (this.#active === 0) return true;
    if (!this.#proven) return false;
    return this.#waiting.length >= 2 * this.#active || now_ms - first.since_ms >= OUTBOUND_LIMITS.patience_ms;
  }

  // reachability

  reached(): void {
    this.#proven = true;
    this.#failures = 0;
    this.#pause = undefined;
  }

  /** None of its hosts could be talked to. Returns how long it is left alone, in milliseconds. */
  unreachable(now_ms: number, end: TryEnd): number {
    this.#proven = false;
    // Several connections that fail together are one failure.
    if (this.#pause === undefined || now_ms >= this.#pause.until_ms) this.#failures++;
    const pause_ms = unreachablePause(this.#policy, this.#failures);
    this.#pause = { from_ms: now_ms, until_ms: now_ms + pause_ms, end };
    return pause_ms;
  }

  get active(): number {
    return this.#active;
  }

  get failures(): number {
    return this.#failures;
  }

  /**
   * Until when this job waits because the destination cannot be reached, or takes mail slowly and others are first. A recipient who became due inside the pause was
   * made due by the operator: he wants a try now.
   */
  pauseFor({ recipients }: Job, now_ms: number): Wait | undefined {
    const pause = this.#pause;
    if (pause === undefined || now_ms >= pause.until_ms) return this.#turn(now_ms);
    const forced = recipients.some(
      ({ attempts, nextAttempt_ms }) => attempts > 0 && nextAttempt_ms > pause.from_ms,
    );
    return forced ? undefined : pause;
  }

  /** A message whose turn has not come goes back to the queue: a slow destination holds no place of another's in memory. */
  #turn(now_ms: number): Wait | undefined {
    const until_ms = this.#pace.take(now_ms);
    return until_ms === undefined ? undefined : { until_ms, end: SLOWED };
  }

  // connections

  takeIdle(): OpenSession | undefined {
    for (let open = this.#idle.pop(); open !== undefined; open = this.#idle.pop())
      if (open.session.usable) return open;
    return undefined;
  }

  /** False where the connection has served its time; the caller closes it. */
  keepIdle(open: OpenSession, now_ms: number): boolean {
    const worn =
      open.messages >= OUTBOUND_LIMITS.messagesPerSession ||
      now_ms - open.opened_ms >= OUTBOUND_LIMITS.session_ms;
    if (worn || !open.session.usable) return false;
    open.idleSince_ms = now_ms;
    this.#idle.push(open);
    return true;
  }

  /** Takes out the connections that have been idle since before `since_ms`. */
  takeIdleSince(since_ms: number): readonly OpenSession[] {
    const stale = this.#idle.filter((open) => open.idleSince_ms <= since_ms);
    for (const open of stale) this.#idle.splice(this.#idle.indexOf(open), 1);
    return stale;
  }

  /** Nothing is known about it that is worth keeping. */
  isForgettable(now_ms: number): boolean {
    return this.isAtRest(now_ms) && this.#pace.isFull(now_ms);
  }

  /** At most its pace is worth keeping. */
  isAtRest(now_ms: number): boolean {
    const quiet = this.#waiting.length === 0 && this.#active === 0 && this.#idle.length === 0;
    return quiet && (this.#pause === undefined || now_ms >= this.#pause.until_ms + this.#policy.retryMax_ms);
  }
}

const SLOWED: TryEnd = {
  reply: reply(
    451,
    "4.7.0",
    "The destination asked for less mail; this message waits for its turn",
    "slowed-down",
  ),
  saidByHost: false,
  onSuccess: "relayed",
};
