import { join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { programVersion } from "../base/program-version.ts";
import type { CarriedOver } from "../store/sqlite/carry-over.ts";
import { acquireServerLock } from "../store/sqlite/lock.ts";
import { SCHEMA_VERSION } from "../store/sqlite/migrations.ts";
import { schemaOf } from "../store/sqlite/upgrade.ts";
import { rollBackStore } from "../upgrade/roll-back.ts";
import { afterIn, keptUntil_ms, ownOctets, setAsides, type SetAside } from "../upgrade/set-asides.ts";
import { upgradeStore } from "../upgrade/upgrade-store.ts";
import { checkForUpdates, knownUpdate } from "./upgrade-check.ts";
import { dataDirectory, globals, outputOf } from "./context.ts";

/** `wachpost upgrade …`: what an upgrade set aside, and the way back. */
export function upgradeCommand(program: Command): void {
  const upgrade = program
    .command("upgrade")
    .description("what upgrades of this server set aside, and the way back");
  upgrade
    .command("status", { isDefault: true })
    .description("version, schema of the data, what is set aside and until when")
    .action((_options, command: Command) => status(command));
  upgrade
    .command("check")
    .description("ask whether there is a newer version; nothing is installed")
    .option("--feed <url|file>", "a signed list of releases (default: updates.feed of the configuration)")
    .option("--key <base64>", "the public key it is signed with (default: updates.key)")
    .action((options: { feed?: string; key?: string }, command: Command) =>
      checkForUpdates(options, command),
    );
  upgrade
    .command("run")
    .description("bring data of an earlier version to this one's; a start of the server does it, too")
    .action((_options, command: Command) => run(command));
  upgrade
    .command("rollback")
    .description(
      "put back the store from before the last upgrade, with the mail that came since; the server is stopped",
    )
    .action((_options, command: Command) => rollBack(command));
}

async function status(command: Command): Promise<void> {
  const data = await dataDirectory(globals(command));
  const version = programVersion();
  const schema = schemaOf(join(data, "store"));
  const update = schema === SCHEMA_VERSION ? await knownUpdate(command) : { lines: [] };
  const aside = setAsides(data).map((one) => ({ ...one, octets: ownOctets(one.directory) }));
  outputOf(command).show(
    { version, schema, knownSchema: SCHEMA_VERSION, aside, update: update.release ?? null },
    [
      `version    ${version}`,
      `schema     ${schema === 0 ? "no data yet" : `${schema}${later(schema)}`}`,
      ...update.lines,
      ...(aside.length === 0 ? ["set aside  nothing"] : aside.map(line)),
    ].join("\n"),
  );
}

const later = (schema: number): string =>
  schema < SCHEMA_VERSION ? `; the next start of the server brings it to ${SCHEMA_VERSION}` : "";

function line(one: SetAside & { readonly octets: number }): string {
  const { fromSchema, fromVersion, toSchema, rolledBack_ms } = one;
  const from = `schema ${fromSchema}${fromVersion === undefined ? "" : ` of version ${fromVersion}`}`;
  const state =
    rolledBack_ms === undefined
      ? `before schema ${toSchema}; \`wachpost upgrade rollback\` goes back to it`
      : `rolled back on ${day(rolledBack_ms)}`;
  const size = `${(one.octets / 1_000_000).toFixed(1)} MB of its own`;
  return `set aside  on ${day(one.at_ms)}: ${from}, ${state}; ${size}, kept until ${day(keptUntil_ms(one))}\n           ${one.directory}`;
}

const day = (at_ms: number): string => `${new Date(at_ms).toISOString().slice(0, 16)}Z`;

async function run(command: Command): Promise<void> {
  const data = await dataDirectory(globals(command));
  await using _lock = await acquireServerLock(join(data, "store"));
  const done = await upgradeStore({
    data,
    version: programVersion(),
    clock: systemClock,
    told: () => {},
  });
  outputOf(command).show(
    { upgraded: done !== undefined, ...done },
    done === undefined
      ? "Nothing to do: the data have this version's schema."
      : `The data have schema ${done.toSchema} now, it was ${done.fromSchema}. What they were is set aside; \`wachpost upgrade status\` shows it.`,
  );
}

async function rollBack(command: Command): Promise<void> {
  const data = await dataDirectory(globals(command));
  await using _lock = await acquireServerLock(join(data, "store"));
  const { aside, carried } = await rollBackStore({ data, clock: systemClock, told: () => {} });
  outputOf(command).show(
    { ok: true, schema: aside.fromSchema, after: afterIn(aside), ...carried },
    [
      `The store of ${day(aside.at_ms)} is back, with schema ${aside.fromSchema}.`,
      ...(carried === undefined ? [] : carriedOver(carried)),
      `Now install the version before and start it: npm install -g wachpost@${aside.fromVersion ?? "VERSION"}`,
      `The store that went is kept in ${afterIn(aside)} for 14 days.`,
    ].join("\n"),
  );
}

const carriedOver = ({ messages, queued, done, held }: CarriedOver): readonly string[] => [
  `Carried over: ${counted(messages, "message")} that came since, under the uids they had, and ${queued} in the queue; ${done} sent since left the queue.`,
  "Accounts, passwords, addresses, tables, keys and records are as they are now. Flags, moves and deletions of older mail are as they were then.",
  ...(held.length === 0
    ? []
    : [
        `LEGAL HOLD IS LOST: that schema does not know it. Nothing keeps these accounts from being removed, and after the next upgrade it must be ordered anew (\`wachpost account retention LOGIN --hold\`): ${held.join(", ")}.`,
      ]),
];

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
