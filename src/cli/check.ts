import type { Command } from "commander";
import { loadConfig } from "../config/load.ts";
import { policyOf } from "../policy/from-config.ts";
import { configFile, globals, outputOf } from "./context.ts";

/** `wachpost check`: reads the configuration as `start` would, touching nothing that runs (S-11). */
export function checkCommand(program: Command): void {
  program
    .command("check")
    .argument("[file]", "configuration file; default --config or /etc/wachpost/wachpost.toml")
    .description("check a configuration without using it")
    .action(async (file: string | undefined, _options, command: Command) => {
      const path = file ?? configFile(globals(command));
      const config = await loadConfig(path);
      const on = Object.entries(config.listeners)
        .filter(([, listener]) => listener.enabled)
        .map(([name]) => name);
      const { findings } = policyOf(config);
      const errors = findings.some(({ severity }) => severity === "error");
      const lines = findings.map(
        ({ list, severity, rule, message, suggestion }) =>
          `  ${severity}: policy.${list}: ${rule}: ${message}${suggestion === undefined ? "" : ` ${suggestion}`}`,
      );
      const verdict = errors ? `${path} cannot be used.` : `${path} is good. Listeners: ${on.join(", ")}.`;
      outputOf(command).show(
        { ok: !errors, file: path, listeners: on, policy: findings },
        [verdict, ...lines].join("\n"),
      );
      if (errors) process.exitCode = 1;
    });
}
