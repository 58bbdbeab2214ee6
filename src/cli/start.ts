import { resolve } from "node:path";
import type { Command } from "commander";
import { jsonLog } from "../base/log-output.ts";
import { loadConfig } from "../config/load.ts";
import { configFile, globals, outputOf } from "./context.ts";
import type { StartServer } from "./running-server.ts";
import { untilSignal } from "./until-signal.ts";

/** `wachpost start`: runs the server until a signal. */
export function startCommand(program: Command, startServer: StartServer): void {
  program
    .command("start")
    .description("run the server described by the configuration, until SIGINT or SIGTERM")
    .action(async (_options, command: Command) => {
      const file = configFile(globals(command));
      const config = await loadConfig(file);
      const stopped = untilSignal();
      const server = await startServer(
        config,
        jsonLog({ level: config.log.level, file: config.log.file }),
        resolve(file),
      );
      const lines = server.listeners.map(({ name, at }) => `${name.padEnd(12)} ${at}`);
      outputOf(command).show(
        { ready: true, listeners: server.listeners },
        `Wachpost is running as ${config.hostname}.\n${lines.join("\n")}`,
      );
      await stopped;
      await server.stop();
    });
}
