import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { SCHEMA_VERSION } from "../store/sqlite/migrations.ts";
import {
  migrateBeside,
  schemaOf,
  TrialFailed,
  versionIn,
  type UpgradeStep,
} from "../store/sqlite/upgrade.ts";
import {
  beginSetAside,
  keepSetAside,
  removeUnused,
  setAsides,
  storeIn,
  type UpgradeRecord,
} from "./set-asides.ts";

export type UpgradeOptions = {
  readonly data: string;
  /** Of this program. */
  readonly version: string;
  readonly clock: Clock;
  readonly told: (step: UpgradeStep) => void;
};

/**
 * Brings the data of an earlier version to this one's schema: sets them aside, tries it on a copy, then does it. Undefined where
 * there is nothing to do. For who holds the server's lock.
 */
export async function upgradeStore({
  data,
  version,
  clock,
  told,
}: UpgradeOptions): Promise<UpgradeRecord | undefined> {
  const directory = join(data, "store");
  const schema = schemaOf(directory);
  if (schema === 0) return undefined;
  removeUnused(data, schema);
  if (schema === SCHEMA_VERSION) return undefined;
  // The last upgrade is the newest also where the clock was set back: a rollback undoes that one.
  const at_ms = Math.max(clock.now(), (setAsides(data)[0]?.at_ms ?? 0) + 1);
  const before = versionIn(directory);
  const record: UpgradeRecord = {
    at_ms,
    fromSchema: schema,
    toSchema: SCHEMA_VERSION,
    ...(before === undefined ? {} : { fromVersion: before }),
    toVersion: version,
  };
  const partial = beginSetAside(data, at_ms);
  try {
    await migrateBeside({
      directory,
      aside: storeIn(partial),
      keep: () => keepSetAside(partial, record),
      told,
    });
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    removeUnused(data, schema);
    throw explained(error, record);
  }
  return record;
}

function explained(error: unknown, { fromSchema, toSchema, fromVersion }: UpgradeRecord): unknown {
  if (!(error instanceof TrialFailed)) return error;
  return new OperatorError(
    "upgrade-trial",
    `The data have schema ${fromSchema}, and bringing them to schema ${toSchema} went wrong on a copy: ${error.message}. The data themselves were not touched.`,
    `Install the version before again (npm install -g wachpost@${fromVersion ?? "VERSION"}) and start it; report what stands above.`,
    { cause: error },
  );
}

/** A version that was taken back does not come again by itself, e.g. when the machine restarts. */
export function refuseRolledBack(data: string, version: string): void {
  const last = setAsides(data)[0];
  if (last?.rolledBack_ms === undefined || last.toVersion !== version) return;
  if (schemaOf(join(data, "store")) >= SCHEMA_VERSION) return;
  throw new OperatorError(
    "rolled-back",
    `The upgrade to ${version} was rolled back on ${new Date(last.rolledBack_ms).toISOString()}.`,
    `Install the version before (npm install -g wachpost@${last.fromVersion ?? "VERSION"}), or try again with \`wachpost upgrade run\`.`,
  );
}
