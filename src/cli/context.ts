import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { output, type Output } from "./output.ts";

export type GlobalOptions = { readonly config?: string; readonly data?: string; readonly json?: boolean };

/** Where a checkout keeps the server of `npm start`, and where an installed one has its files. */
export const TRY_DATA = "wachpost-data";
export const TRY_CONFIG = "wachpost.toml";
/** The first line of the latter. */
export const TRY_HEADING =
  "# The server of `npm start`, written anew at each start. For one of your own: docs/settings.md";
const CONFIG_FILE = "/etc/wachpost/wachpost.toml";

/** What every subcommand starts from: the options before and behind its name. */
export const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

export const outputOf = (command: Command): Output => output(globals(command).json === true);

/** The file named by --config, the one `npm start` wrote beside its data, or the one an installed server has. */
export function configFile({ config, data }: GlobalOptions): string {
  if (config !== undefined) return config;
  const tried = join(data ?? TRY_DATA, TRY_CONFIG);
  return existsSync(tried) ? tried : CONFIG_FILE;
}

/** The data directory: --data, else what the configuration says, else the one `npm start` made here. */
export async function dataDirectory(options: GlobalOptions): Promise<string> {
  if (options.data !== undefined) return resolve(options.data);
  if (options.config !== undefined) return (await loadConfig(options.config)).data;
  if (existsSync(TRY_DATA)) return resolve(TRY_DATA);
  if (existsSync(CONFIG_FILE)) return (await loadConfig(CONFIG_FILE)).data;
  throw new OperatorError(
    "no-data",
    "There is no server here: neither ./wachpost-data nor /etc/wachpost/wachpost.toml.",
    "Name one with --data DIR or --config FILE, or start one with `npm start`.",
  );
}

/** Opens the store beside a running server or without one, does the work, closes it. */
export async function withStore<T>(command: Command, work: (store: Store) => Promise<T>): Promise<T> {
  const directory = await dataDirectory(globals(command));
  await using store = await openStore({
    directory: join(directory, "store"),
    log: silentLog,
    clock: systemClock,
  });
  return await work(store);
}
