import { resolve } from "node:path";
import type { Command } from "commander";
import { jsonLog } from "../base/log-output.ts";
import type { Log } from "../base/log.ts";
import { settingsDigest } from "../config/digest.ts";
import { configText, readConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { noteFailedStart, noteStart, wasTried } from "../config/tried.ts";
import { configFile, globals, outputOf } from "./context.ts";
import type { RunningServer, StartServer } from "./running-server.ts";
import { untilSignal } from "./until-signal.ts";

/** `wachpost start`: runs the server until a signal. */
export function startCommand(program: Command, startServer: StartServer): void {
  program
    .command("start")
    .description("run the server described by the configuration, until SIGINT or SIGTERM")
    .action(async (_options, command: Command) => {
      const file = configFile(globals(command));
      const text = await configText(file);
      const config = readConfig(text, file);
      const stopped = untilSignal();
      const log = jsonLog({ level: config.log.level, file: config.log.file });
      const server = await noted(startServer(config, log, resolve(file)), config, settingsDigest(text), log);
      const lines = server.listeners.map(({ name, at }) => `${name.padEnd(12)} ${at}`);
      outputOf(command).show(
        { ready: true, listeners: server.listeners },
        `Wachpost is running as ${config.hostname}.\n${lines.join("\n")}`,
      );
      await stopped;
      await server.stop();
    });
}

/** How it went is written down, for `wachpost config apply` and the doctor; a disk that cannot take it stops no mail. */
async function noted(
  starting: Promise<RunningServer>,
  { data }: Config,
  digest: string,
  log: Log,
): Promise<RunningServer> {
  const note = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      log.write("warn", "settings.not-noted", { detail: String(error) });
    }
  };
  const start = () => ({ digest, pid: process.pid, at_ms: Date.now() });
  try {
    const server = await starting;
    note(() => noteStart(data, start()));
    if (!wasTried(data, digest)) log.write("warn", "settings.untried", { remedy: "wachpost config try" });
    return server;
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    note(() => noteFailedStart(data, { ...start(), failure }));
    throw error;
  }
}
