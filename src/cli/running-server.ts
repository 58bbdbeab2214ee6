import type { Config } from "../config/schema.ts";
import type { Log } from "../base/log.ts";

/** A server as `start` and `try` see it; `main.ts` builds it. */
export interface RunningServer {
  readonly listeners: readonly { readonly name: string; readonly at: string; readonly port: number }[];
  /** PEM file of the authority clients must trust; undefined with a public certificate. */
  readonly authorityFile: string | undefined;
  /** Stops accepting, ends sessions politely, writes what is under way, closes the store (G-09). */
  stop(): Promise<void>;
}

/** `configFile`: where the configuration stands, for backups. */
export type StartServer = (config: Config, log: Log, configFile?: string) => Promise<RunningServer>;
