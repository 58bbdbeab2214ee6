/** Upgrades or rolls back a data directory and kills itself, the hard way, after a step. */
import { systemClock } from "../../src/base/clock.ts";
import { upgradeStore } from "../../src/upgrade/upgrade-store.ts";

const [data = "", last = ""] = process.argv.slice(2);
const told = (step: string): void => {
  if (step === last) process.kill(process.pid, "SIGKILL");
};
await upgradeStore({ data, version: "2.0.0", clock: systemClock, told });
