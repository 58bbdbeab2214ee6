import type { Log } from "../../base/log.ts";

export const storeOpened = (log: Log, directory: string, readOnly: boolean): void =>
  log.write("info", "store.opened", { directory, readOnly });

export const storeClosed = (log: Log, directory: string): void =>
  log.write("info", "store.closed", { directory });
