/** Upgrades or rolls back a data directory and kills itself, the hard way, after a step. */
import { systemClock, type Clock } from "../../src/base/clock.ts";
import { rollBackStore } from "../../src/upgrade/roll-back.ts";
import { upgradeStore } from "../../src/upgrade/upgrade-store.ts";

const [what = "", data = "", last = ""] = process.argv.slice(2);
const told = (step: string): void => {
  if (step === last) process.kill(process.pid, "SIGKILL");
};
const clock: Clock = { ...systemClock, sleep: () => Promise.resolve() };
if (what === "upgrade") await upgradeStore({ data, version: "2.0.0", clock, told });
else await rollBackStore({ data, clock, told });
