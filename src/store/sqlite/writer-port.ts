import { Worker } from "node:worker_threads";
import type { Clock } from "../../base/clock.ts";
import { StoreError } from "../store-error.ts";
import type { StoreFault } from "../store.ts";
import { whenGathered } from "./gathering.ts";
import type { Input, OperationKind, Output, WriteReply, WriteRequest } from "./operations.ts";
import type { WriterGreeting, WriterStart } from "./writer.ts";

type Waiting = { readonly resolve: (output: unknown) => void; readonly reject: (error: StoreError) => void };
/** While this many writes are on their way, those that come gather: a commit costs two syncs, whatever is in it. */
const COMPANY = 4;

type Committed = (reply: Pick<WriteReply, "changes" | "fates" | "removedSegments">) => void;

/**
 * The calling side of the writer thread. What is asked for in one turn of the loop is posted together, and under load
 * what gathers within a few milliseconds; a promise resolves after the commit that holds its write. When the thread ends, everything open and later is a `StoreError`.
 */
export class WriterPort implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #committed: Committed;
  readonly #waiting = new Map<number, Waiting>();
  #queued: { id: number; kind: OperationKind; input: unknown }[] = [];
  #transfer = new Set<ArrayBuffer>();
  #lastId = 0;
  #ended: StoreError | undefined;
  #exited = false;
  readonly #whenIdle: (() => void)[] = [];

  private constructor(worker: Worker, clock: Clock, committed: Committed) {
    this.#worker = worker;
    this.#clock = clock;
    this.#committed = committed;
    worker.on("message", (reply: WriteReply) => this.#settle(reply));
    worker.on("error", (error) =>
      this.#end(new StoreError("io", `the writer of the store broke: ${String(error)}`)),
    );
    worker.on("exit", () => {
      this.#exited = true;
      this.#end(new StoreError("closed", "the writer of the store has ended"));
    });
  }

  /** Resolves when the database is open and its schema up to date. */
  static async start(directory: string, clock: Clock, committed: Committed): Promise<WriterPort> {
    const url = new URL(import.meta.url);
    url.pathname = url.pathname.replace(/writer-port(\.[a-z]+)$/, "writer$1");
    const workerData: WriterStart = { directory };
    const worker = new Worker(url, { workerData, name: "store-writer" });
    const greeting = await new Promise<WriterGreeting>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    if (greeting.kind === "failed") {
      await worker.terminate();
      throw new StoreError(greeting.fault as StoreFault, greeting.message, greeting.remedy);
    }
    worker.removeAllListeners("error");
    worker.unref();
    return new WriterPort(worker, clock, committed);
  }

  /** `transfer`: buffers inside `input` that are ours to give away; several writes may name the same one. */
  write<Kind extends OperationKind>(
    kind: Kind,
    input: Input<Kind>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Output<Kind>> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      if (this.#queued.length === 0) this.#postSoon();
      this.#queued.push({ id, kind, input });
      for (const buffer of transfer) this.#transfer.add(buffer);
    });
  }

  /** Waits for what is open, then ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    if (this.#exited) return;
    this.#ended ??= new StoreError("closed", "the store is closed");
    const exit = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.ref();
    this.#worker.postMessage("close");
    await exit;
  }

  #postSoon(): void {
    if (this.#waiting.size <= COMPANY) setImmediate(() => this.#post());
    else
      whenGathered(
        () => this.#queued.length,
        () => this.#post(),
      );
  }

  #post(): void {
    const operations = this.#queued;
    const transfer = [...this.#transfer];
    this.#queued = [];
    this.#transfer = new Set();
    if (this.#ended) return;
    try {
      this.#worker.postMessage({ now_ms: this.#clock.now(), operations } satisfies WriteRequest, transfer);
    } catch (error) {
      this.#notPosted(
        operations,
        new StoreError("io", `the writer of the store was not reached: ${String(error)}`),
      );
    }
  }

  /** Who asks for what cannot cross to the thread learns it, and nobody waits for an answer that does not come. */
  #notPosted(operations: readonly { readonly id: number }[], error: StoreError): void {
    for (const { id } of operations) {
      this.#waiting.get(id)?.reject(error);
      this.#waiting.delete(id);
    }
    if (this.#waiting.size === 0) this.#idle();
  }

  #settle({ results, changes, fates, removedSegments }: WriteReply): void {
    this.#committed({ changes, fates, removedSegments });
    for (const result of results) {
      const waiting = this.#waiting.get(result.id);
      this.#waiting.delete(result.id);
      if (result.ok) waiting?.resolve(result.output);
      else waiting?.reject(new StoreError(result.fault, result.message, result.remedy));
    }
    if (this.#waiting.size === 0) this.#idle();
  }

  #end(error: StoreError): void {
    this.#ended ??= error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(this.#ended);
    this.#idle();
  }

  #idle(): void {
    this.#worker.unref();
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
