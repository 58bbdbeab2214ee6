import { expireMessages, type ExpiryTools } from "../mailbox/expiry.ts";
import { repeat } from "./repeat.ts";

/** What somebody orders takes effect this soon. */
const LOOK_MS = 2_000;
const RUN_MS = 3_600_000;

/** Old mail goes from the folders that keep it for so many days only: at the start, every hour, and when an order has changed. */
export function keepExpiry(tools: ExpiryTools): AsyncDisposable {
  const { store, clock } = tools;
  const over = new AbortController();
  let last = { at_ms: -Infinity, version: -1 };
  const look = async (): Promise<void> => {
    const now = { at_ms: clock.now(), version: await store.retention.retentionVersion() };
    // In both directions: a clock that has been set back must not stop this.
    if (now.version === last.version && Math.abs(now.at_ms - last.at_ms) < RUN_MS) return;
    last = now;
    await expireMessages(tools, over.signal);
  };
  const looking = repeat("expiry", LOOK_MS, look, tools);
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await looking[Symbol.asyncDispose]();
    },
  };
}
