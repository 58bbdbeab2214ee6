import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../src/base/clock.ts";
import type { Log } from "../../src/base/log.ts";
import { RECEIVED_MS, type Engine } from "../../src/store/conformance/fixtures.ts";
import type { Store } from "../../src/store/store.ts";
import { openStore } from "../../src/store/sqlite/open.ts";

/** For tests: nobody reads what the store logs. */
export const silent: Log = { write: () => {}, with: () => silent };

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), "wachpost-store-"));

export const openAt = (directory: string): Promise<Store> =>
  openStore({ directory, log: silent, clock: new ManualClock(RECEIVED_MS) });

/** A store on fresh data in a directory of its own. */
export async function openTemporary(): Promise<Engine & { readonly directory: string }> {
  const directory = temporaryDirectory();
  let store = await openAt(directory);
  return {
    directory,
    get store() {
      return store;
    },
    async reopen() {
      await store[Symbol.asyncDispose]();
      store = await openAt(directory);
      return store;
    },
    async close() {
      await store[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
