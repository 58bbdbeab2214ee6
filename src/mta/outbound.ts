/** Mail on its way out: takes due messages from the queue, delivers them, writes down what became of them. */
import type { TryEnd } from "../queue/judge.ts";
import { QUEUE_LIMITS } from "../queue/limits.ts";
import type { RoutedHost } from "../queue/route.ts";
import { destinationFor, domainOf } from "../queue/transport.ts";
import type { RemoteSession } from "../smtp/remote.ts";
import { reply } from "../smtp/reply.ts";
import type { QueueEntry, QueueRecipient, TlsDemand } from "../store/store.ts";
import { attempt, type Outside, type TryOutcome } from "./outbound-attempt.ts";
import { Claims } from "./outbound-claims.ts";
import { demandOnWay } from "./outbound-demand.ts";
import { deliveryBroken, destinationSlowed, destinationUnreachable, leaseFailed } from "./outbound-events.ts";
import {
  Lane,
  laneKey,
  type Job,
  type LaneDestination,
  type OpenSession,
  type Wait,
} from "./outbound-lane.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { deliverLocally } from "./outbound-local.ts";
import { outgoingMessage } from "./outbound-message.ts";
import { Operators } from "./outbound-operators.ts";
import { asksForLess } from "./outbound-pace.ts";
import { outsideOf, type OutboundOptions } from "./outbound-options.ts";
import { settleJob, type Settling } from "./outbound-settle.ts";

export interface Outbound {
  /** Something was queued or became due. */
  wake(): void;
  /** When the queue was last looked through without an error; 0: not yet. */
  readonly looked_ms: number;
  /** Begins nothing new, lets what is under way finish for `grace_ms`, then ends it. The rest stays queued. */
  close(grace_ms: number): Promise<void>;
}

/** Begins to empty the queue; what an earlier process had begun is free again. */
export function startOutbound(options: OutboundOptions): Outbound {
  return new OutboundQueue(options);
}

class OutboundQueue implements Outbound {
  readonly #options: OutboundOptions;
  readonly #outside: Outside;
  readonly #settling: Settling;
  readonly #lanes = new Map<string, Lane>();
  readonly #operators = new Operators();
  readonly #claims = new Claims();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;
  #active = 0;
  #jobs = 0;
  #wakened = false;
  #looked_ms = 0;
  #wakeUp: () => void = () => {};

  constructor(options: OutboundOptions) {
    this.#options = options;
    this.#outside = outsideOf(options, this.#abort.signal, {
      routed: (lane, hosts) => this.#share(lane, hosts),
      release: (...open) => this.#release(...open),
    });
    this.#settling = { ...options, signal: this.#abort.signal };
    this.#loop = this.#run();
  }

  get looked_ms(): number {
    return this.#looked_ms;
  }

  wake(): void {
    this.#wakened = true;
    this.#wakeUp();
  }

  async close(grace_ms: number): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#loop;
    this.#closeIdle(Number.POSITIVE_INFINITY);
    await this.#quiet(grace_ms);
    this.#abort.abort(new Error("shutting down"));
    await this.#quiet(ABORTED_MS);
  }

  async #quiet(within_ms: number): Promise<void> {
    const enough = new AbortController();
    const all = async (): Promise<void> => {
      while (this.#running.size > 0) await Promise.all(this.#running);
    };
    await Promise.race([all(), this.#options.clock.sleep(within_ms, enough.signal).catch(() => {})]);
    enough.abort(new Error("quiet"));
  }

  async #run(): Promise<void> {
    let released = false;
    while (!this.#stop.signal.aborted) {
      this.#wakened = false;
      let more = false;
      try {
        if (!released) await this.#options.store.queue.releaseLeases();
        released = true;
        more = await this.#takeDue();
        this.#looked_ms = this.#options.clock.now();
      } catch (error) {
        leaseFailed(this.#options.log, error);
      }
      this.#begin();
      this.#closeIdle(this.#options.clock.now() - OUTBOUND_LIMITS.idle_ms);
      this.#forgetLanes();
      if (!more && !this.#wakened) await this.#rest();
    }
  }

  /** Until somebody wakes us or the store should be looked at again. */
  async #rest(): Promise<void> {
    const woken = new AbortController();
    this.#wakeUp = () => woken.abort(new Error("woken"));
    await this.#options.clock.sleep(OUTBOUND_LIMITS.poll_ms, woken.signal).catch(() => {});
    this.#wakeUp = () => {};
  }

  /** True where the store has more than fitted. */
  async #takeDue(): Promise<boolean> {
    const room = Math.min(OUTBOUND_LIMITS.leaseBatch, OUTBOUND_LIMITS.jobsMax - this.#jobs);
    if (room <= 0) return false;
    const now_ms = this.#options.clock.now();
    const entries = await this.#options.store.queue.lease(now_ms, now_ms + OUTBOUND_LIMITS.lease_ms, room);
    // Claimed before anything else can happen: a result written meanwhile must not make a stale entry look due.
    const claimed = entries.map((entry) => ({ entry, recipients: this.#claims.take(entry, now_ms) }));
    for (const { entry, recipients } of claimed) {
      try {
        await this.#enqueue(entry, recipients, now_ms);
      } catch (error) {
        leaseFailed(this.#options.log, error);
        this.#claims.giveBack(entry, recipients);
      }
    }
    return entries.length === room && this.#jobs < OUTBOUND_LIMITS.jobsMax;
  }

  async #enqueue(entry: QueueEntry, recipients: readonly QueueRecipient[], now_ms: number): Promise<void> {
    const groups = new Map<string, { lane: Lane; recipients: QueueRecipient[] }>();
    for (const recipient of recipients) {
      const lane = this.#lane(await this.#destinationOf(recipient), demandOnWay(entry));
      const group = groups.get(lane.key);
      if (group === undefined) groups.set(lane.key, { lane, recipients: [recipient] });
      else group.recipients.push(recipient);
    }
    const size = QUEUE_LIMITS.recipientsPerTransaction;
    for (const { lane, recipients: all } of groups.values()) {
      for (let at = 0; at < all.length; at += size) {
        lane.add({ entry, recipients: all.slice(at, at + size), since_ms: now_ms });
        this.#jobs++;
      }
    }
  }

  /** A domain of ours never routes outward, whatever the transports say. */
  async #destinationOf({ address }: QueueRecipient): Promise<LaneDestination> {
    const domain = domainOf(address);
    if (await this.#options.addresses.isLocalDomain(domain)) return { kind: "local", key: "local" };
    return destinationFor(domain, this.#options.transports, this.#options.source);
  }

  #lane(destination: LaneDestination, demand: TlsDemand | undefined): Lane {
    const known = this.#lanes.get(laneKey(destination, demand));
    if (known) return known;
    const lane = new Lane(destination, this.#options.policy, demand);
    this.#lanes.set(lane.key, lane);
    return lane;
  }

  #share(lane: Lane, hosts: readonly RoutedHost[]): Wait | undefined {
    const { destination } = lane;
    const source = destination.kind === "local" ? undefined : destination.source;
    return lane.share(this.#operators.paceOf(hosts, source), this.#options.clock.now());
  }

  /** Begins as many deliveries as may be under way. */
  #begin(): void {
    const { total, perDestination } = this.#options.concurrency;
    const now_ms = this.#options.clock.now();
    for (const lane of this.#lanes.values()) {
      while (this.#active < total && !this.#stop.signal.aborted && lane.wantsMore(now_ms, perDestination)) {
        this.#active++;
        lane.begin();
        this.#track(this.#work(lane));
      }
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** One after another, over the same connection where it lasts. */
  async #work(lane: Lane): Promise<void> {
    try {
      for (let job = lane.next(); job !== undefined; job = this.#following(lane)) {
        await this.#deliver(lane, job).finally(() => this.#forget(job));
        this.#begin();
      }
    } finally {
      lane.end();
      this.#active--;
      this.wake();
    }
  }

  #following(lane: Lane): Job | undefined {
    return this.#stop.signal.aborted ? undefined : lane.next();
  }

  #forget({ entry, recipients }: Job): void {
    this.#claims.giveBack(entry, recipients);
    this.#jobs--;
  }

  async #deliver(lane: Lane, job: Job): Promise<void> {
    const { clock } = this.#options;
    const pause = lane.pauseFor(job, clock.now());
    if (pause) {
      const ends = job.recipients.map(() => pause.end);
      return this.#settle(job, ends, pause.until_ms);
    }
    const { ends, waits_ms } = await this.#try(lane, job).catch((error: unknown): Tried => {
      deliveryBroken(this.#options.log, job.entry, error);
      return { ends: job.recipients.map(() => BROKEN) };
    });
    // Cut short by our own end: the next process goes on at once.
    await this.#settle(job, ends, this.#abort.signal.aborted ? clock.now() : waits_ms);
  }

  async #settle(job: Job, ends: readonly TryEnd[], notBefore_ms?: number): Promise<void> {
    if (await settleJob(this.#settling, job, ends, notBefore_ms)) this.wake();
  }

  async #try(lane: Lane, { entry, recipients }: Job): Promise<Tried> {
    const { store, clock, log } = this.#options;
    const { destination } = lane;
    if (destination.kind === "local")
      return { ends: await deliverLocally(this.#options, entry, recipients, clock.now()) };
    const begun_ms = clock.now();
    const message = await outgoingMessage(store.mail, entry, recipients);
    if (!message.ok)
      return {
        ends: recipients.map(() => ({ reply: message.error, saidByHost: false, onSuccess: "relayed" })),
      };
    const outcome = await attempt(lane, destination, message.value, this.#outside);
    const { ends, reached, waits_ms } = outcome;
    if (waits_ms !== undefined) return outcome;
    const complaint = ends.find(({ saidByHost, reply: said }) => saidByHost && asksForLess(said));
    if (complaint) {
      const left = lane.pace.slow(clock.now(), begun_ms, lane.pace.active);
      if (left) destinationSlowed(log, lane.key, left, complaint);
    }
    if (reached) lane.reached();
    else if (!this.#abort.signal.aborted) {
      const pause_ms = lane.unreachable(clock.now(), ends[0] ?? BROKEN);
      destinationUnreachable(log, lane.key, lane.failures, pause_ms);
    }
    return outcome;
  }

  #closeIdle(since_ms: number): void {
    for (const lane of this.#lanes.values())
      for (const open of lane.takeIdleSince(since_ms)) this.#retire(open);
  }

  #forgetLanes(): void {
    const now_ms = this.#options.clock.now();
    for (const [key, lane] of this.#lanes) {
      const tooMany = this.#lanes.size > OUTBOUND_LIMITS.pacedLanesMax && lane.isAtRest(now_ms);
      if (tooMany || lane.isForgettable(now_ms)) this.#lanes.delete(key);
    }
    this.#operators.forget(now_ms);
  }

  /** Kept for the next message to the same destination, while there may be one. */
  #release(lane: Lane, open: OpenSession, sound: boolean): void {
    const kept = sound && !this.#stop.signal.aborted && lane.keepIdle(open, this.#options.clock.now());
    if (!kept) this.#retire(open);
  }

  /** Says goodbye without anybody waiting for it. */
  #retire({ session }: OpenSession): void {
    this.#track(goodbye(session));
  }
}

type Tried = Pick<TryOutcome, "ends" | "waits_ms">;

async function goodbye(session: RemoteSession): Promise<void> {
  try {
    await session[Symbol.asyncDispose]();
  } catch {
    // A connection that breaks while it is closed is closed.
  }
}

/** After the grace, connections are cut; writing down what that means takes no longer than this. */
const ABORTED_MS = 5_000;

const BROKEN: TryEnd = {
  reply: reply(451, "4.3.0", "Local error in processing, will be tried again", "delivery-broken"),
  saidByHost: false,
  onSuccess: "relayed",
};
