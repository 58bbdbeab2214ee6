import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { CarriedOver } from "../store/sqlite/carry-over.ts";
import { rollBack, type RollBackStep } from "../store/sqlite/roll-back.ts";
import { schemaOf } from "../store/sqlite/upgrade.ts";
import { afterIn, setAsides, storeIn, writeRecord, type SetAside } from "./set-asides.ts";

export type RollBackOptions = {
  readonly data: string;
  readonly clock: Clock;
  readonly told: (step: RollBackStep) => void;
};
/** `carried` is absent where the store had been put back already, by a process that died before it could say so. */
export type RolledBack = { readonly aside: SetAside; readonly carried?: CarriedOver };

/** The store before the last upgrade is put back, with the mail that came since. For who holds the server's lock. */
export async function rollBackStore({ data, clock, told }: RollBackOptions): Promise<RolledBack> {
  const directory = join(data, "store");
  const [aside] = setAsides(data);
  if (aside === undefined || aside.rolledBack_ms !== undefined) throw nothingToRollBack(aside);
  const work = join(aside.directory, "restored");
  const carried =
    schemaOf(directory) === aside.fromSchema
      ? undefined
      : await rollBack({
          directory,
          aside: storeIn(aside.directory),
          work,
          after: afterIn(aside),
          told,
          wait: (duration_ms) => clock.sleep(duration_ms),
        });
  writeRecord(aside.directory, { ...aside, rolledBack_ms: clock.now() });
  rmSync(work, { recursive: true, force: true });
  return { aside, ...(carried === undefined ? {} : { carried }) };
}

function nothingToRollBack(last: SetAside | undefined): OperatorError {
  if (last?.rolledBack_ms !== undefined)
    return new OperatorError(
      "rolled-back",
      `The last upgrade was rolled back on ${new Date(last.rolledBack_ms).toISOString()}.`,
      `Install the version before (npm install -g wachpost@${last.fromVersion ?? "VERSION"}) and start it.`,
    );
  return new OperatorError(
    "nothing-set-aside",
    "Nothing is set aside: no upgrade has changed the schema of these data in the last 14 days.",
    "An older version that knows this schema can simply be installed; to go back further, restore a backup (`wachpost restore`).",
  );
}
