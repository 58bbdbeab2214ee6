import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";

/** Does something now and then again and again until closed; a failure is logged and tried again the next time. */
export function repeat(
  name: string,
  every_ms: number,
  work: (signal: AbortSignal) => Promise<void>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): AsyncDisposable {
  const over = new AbortController();
  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!over.signal.aborted) {
      try {
        await work(over.signal);
      } catch (error) {
        log.write("error", "task.failed", { task: name, error: String(error) });
      }
      await clock.sleep(every_ms, over.signal).catch(() => {});
    }
  }
}
