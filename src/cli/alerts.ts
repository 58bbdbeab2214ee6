import type { Command } from "commander";
import { addresses } from "../accounts/addresses.ts";
import { tell, testAlert } from "../alerts/tell.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { configFile, globals, outputOf, withStore } from "./context.ts";

/** `wachpost alerts test`: does anybody hear us? Exit 1 where a way fails. */
export function alertsCommand(program: Command): void {
  const alerts = program.command("alerts").description("what the server tells its operator by itself");
  alerts
    .command("test")
    .description("send a test by mail and webhook, as configured in [alerts]")
    .action((_options, command: Command) =>
      withStore(command, async (store) => {
        const config = await loadConfig(configFile(globals(command)));
        const told = await tell([testAlert(config.hostname)], {
          config,
          store,
          addresses: addresses(store),
          clock: systemClock,
        });
        if (told.length === 0) throw noWay();
        const rows = told.map(({ way, to, result }) => ({
          way,
          to,
          ok: result.ok,
          ...(result.ok ? {} : { detail: result.error }),
        }));
        const lines = rows.map(
          ({ way, to, ok, detail }) => `${ok ? "ok  " : "FAIL"} ${way} to ${to}${ok ? "" : `: ${detail}`}`,
        );
        outputOf(command).show({ ok: rows.every(({ ok }) => ok), told: rows }, lines.join("\n"));
        if (rows.some(({ ok }) => !ok)) process.exitCode = 1;
      }),
    );
}

const noWay = (): OperatorError =>
  new OperatorError(
    "no-way-to-tell",
    "Neither mail nor a webhook is configured, so that alerts are in the log only.",
    "Set alerts.mail_enabled = true or alerts.webhook (docs/settings.md).",
  );
