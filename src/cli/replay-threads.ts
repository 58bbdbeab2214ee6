/** `wachpost policy replay` on all processors: the record in slices of time, each judged by whoever has nothing to do. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parentPort, Worker, workerData, type MessagePort } from "node:worker_threads";
import { systemClock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import { loadConfig } from "../config/load.ts";
import { checkedPolicy } from "../policy/from-config.ts";
import type { PolicyLists } from "../policy/policy-lists.ts";
import { recordedCommands, replay, type Recorded, type ReplayResult } from "../policy/replay.ts";
import { collectFate, type Fates } from "../policy/replay-fates.ts";
import { mergeReplays } from "../policy/replay-merge.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";

const SLICES = 32;
/** Each holds a share of the record in memory; more than this gain little over the disk. */
const THREADS_MAX = 4;

/** Which store and which rules: what a thread is started with. */
export type ReplayWork = { readonly directory: string; readonly rules: string };
/** The last slice has no end. */
type Slice = { readonly from_ms: number; readonly until_ms?: number };
type Order = { readonly slice?: Slice; readonly fates?: Fates };
type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "judged"; readonly result: ReplayResult }
  | { readonly kind: "failed"; readonly error: unknown };

/** Judges everything recorded since `from_ms` again. The caller's thread takes part; others join when they are ready. */
export async function replayInThreads(
  store: Store,
  lists: PolicyLists,
  work: ReplayWork,
  { from_ms, now_ms }: { readonly from_ms: number; readonly now_ms: number },
): Promise<ReplayResult> {
  const count = Math.min(availableParallelism(), THREADS_MAX) - 1;
  const threads = Array.from({ length: count }, () => new ReplayThread(work));
  try {
    const fates = await fatesIn(store, from_ms);
    const left = slicesOf(from_ms, now_ms).entries();
    const results: ReplayResult[] = [];
    const takeAll = async (judge: (slice: Slice) => Promise<ReplayResult>): Promise<void> => {
      for (const [i, slice] of left) results[i] = await judge(slice);
    };
    const busy: Promise<PromiseSettledResult<void>[]>[] = [];
    for (const thread of threads)
      thread.whenReady(() => {
        thread.tell({ fates });
        busy.push(Promise.allSettled([takeAll((slice) => thread.judge(slice))]));
      });
    await takeAll((slice) => replay(recordedIn(store, slice), lists, { fates }));
    for (const ended of (await Promise.all(busy)).flat()) if (ended.status === "rejected") throw ended.reason;
    return mergeReplays(results);
  } finally {
    await Promise.all(threads.map((thread) => thread[Symbol.asyncDispose]()));
  }
}

/** A thread with a view of the store of its own, which judges one slice after the other. */
class ReplayThread implements AsyncDisposable {
  readonly #worker: Worker;
  /** From the start on: a thread may be ready before anybody has work for it. */
  readonly #ready = Promise.withResolvers<void>();
  #answered: (answer: Answer) => void = ({ kind }) => void (kind === "ready" && this.#ready.resolve());

  constructor(work: ReplayWork) {
    this.#worker = new Worker(new URL(import.meta.url), {
      workerData: { kind: "replay", ...work },
      name: "replay",
    });
    this.#worker.on("message", (answer: Answer) => this.#answered(answer));
    this.#worker.on("error", (error) => this.#answered({ kind: "failed", error }));
  }

  /** Never called for a thread that cannot start: then the others do its share. */
  whenReady(begin: () => void): void {
    void this.#ready.promise.then(begin);
  }

  tell(order: Order): void {
    this.#worker.postMessage(order);
  }

  judge(slice: Slice): Promise<ReplayResult> {
    return new Promise((resolve, reject) => {
      this.#answered = (answer) => {
        if (answer.kind === "judged") resolve(answer.result);
        else if (answer.kind === "failed") reject(answer.error);
      };
      this.tell({ slice });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

async function serve(port: MessagePort, { directory, rules }: ReplayWork): Promise<void> {
  const lists = checkedPolicy(await loadConfig(rules));
  const store = await openStore({
    directory: join(directory, "store"),
    log: silentLog,
    clock: systemClock,
    readOnly: true,
  });
  const say = (answer: Answer): void => port.postMessage(answer);
  let fates: Fates = new Map();
  const judge = async (slice: Slice): Promise<void> =>
    say({ kind: "judged", result: await replay(recordedIn(store, slice), lists, { fates }) });
  port.on("message", (order: Order) => {
    fates = order.fates ?? fates;
    if (order.slice !== undefined)
      judge(order.slice).catch((error: unknown) => say({ kind: "failed", error }));
  });
  say({ kind: "ready" });
}

function slicesOf(from_ms: number, now_ms: number): readonly Slice[] {
  const at = (i: number): number => from_ms + Math.trunc(((now_ms - from_ms) * i) / SLICES);
  return Array.from({ length: SLICES }, (_, i) => ({
    from_ms: at(i),
    ...(i === SLICES - 1 ? {} : { until_ms: at(i + 1) }),
  }));
}

async function fatesIn(store: Store, since_ms: number): Promise<Fates> {
  const fates = new Map();
  for await (const batch of store.journal.journalScan({ kind: "fate", since_ms }))
    for (const { body } of batch) collectFate(fates, body);
  return fates;
}

async function* recordedIn(store: Store, { from_ms, until_ms }: Slice): AsyncGenerator<Recorded> {
  const end = until_ms === undefined ? {} : { until_ms };
  for await (const batch of store.journal.journalScan({ kind: "session", since_ms: from_ms, ...end })) {
    // What no rule decided (relaying, unknown users) no rule changes.
    // Not `yield*`: each of them would wait for two turns.
    for (const { body } of batch) for (const recorded of recordedCommands(body)) yield recorded;
  }
}

if (parentPort && isWork(workerData)) await serve(parentPort, workerData);

/** This file is also loaded by threads that have other work. */
function isWork(data: unknown): data is ReplayWork {
  return (data as { kind?: unknown } | null)?.kind === "replay";
}
