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
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { UPGRADE_WORDS } from "./upgrade-words.ts";
import { languageOf, spoken } from "./spoken.ts";

/** `wachpost upgrade …`: what an upgrade set aside, and the way back. */
export function upgradeCommand(program: Command): void {
  const upgrade = program
    .command("upgrade")
    .description("what upgrades of this server set aside, and the way back");
  spoken(upgrade.command("status", { isDefault: true }))
    .description("version, schema of the data, what is set aside and until when")
    .action((_options, command: Command) => status(command));
  spoken(upgrade.command("check"))
    .description("ask whether there is a newer version; nothing is installed")
    .option("--feed <url|file>", "a signed list of releases (default: updates.feed of the configuration)")
    .option("--key <base64>", "the public key it is signed with (default: updates.key)")
    .action((options: { feed?: string; key?: string }, command: Command) =>
      checkForUpdates(options, command),
    );
  spoken(upgrade.command("run"))
    .description("bring data of an earlier version to this one's; a start of the server does it, too")
    .action((_options, command: Command) => run(command));
  spoken(upgrade.command("rollback"))
    .description(
      "put back the store from before the last upgrade, with the mail that came since; the server is stopped",
    )
    .action((_options, command: Command) => rollBack(command));
}

async function status(command: Command): Promise<void> {
  const language = languageOf(command);
  const data = await dataDirectory(globals(command));
  const version = programVersion();
  const schema = schemaOf(join(data, "store"));
  const update = schema === SCHEMA_VERSION ? await knownUpdate(command) : { lines: [] };
  const aside = setAsides(data).map((one) => ({ ...one, octets: ownOctets(one.directory) }));
  outputOf(command).show(
    { version, schema, knownSchema: SCHEMA_VERSION, aside, update: update.release ?? null },
    [
      say(UPGRADE_WORDS.version, language, { version }),
      schemaText(schema, language),
      ...update.lines,
      ...(aside.length === 0
        ? [UPGRADE_WORDS.asidenothing[language]]
        : aside.map((one) => line(one, language))),
    ].join("\n"),
  );
}

function schemaText(schema: number, language: Language): string {
  if (schema === 0) return UPGRADE_WORDS.nodata[language];
  return say(UPGRADE_WORDS[schema < SCHEMA_VERSION ? "schemalater" : "schema"], language, {
    schema: String(schema),
    known: String(SCHEMA_VERSION),
  });
}

function line(one: SetAside & { readonly octets: number }, language: Language): string {
  const { fromSchema, fromVersion, toSchema, rolledBack_ms } = one;
  const values = {
    day: day(one.at_ms),
    from: say(UPGRADE_WORDS[fromVersion === undefined ? "from" : "fromversion"], language, {
      schema: String(fromSchema),
      version: fromVersion ?? "",
    }),
    state:
      rolledBack_ms === undefined
        ? say(UPGRADE_WORDS.before, language, { schema: String(toSchema) })
        : say(UPGRADE_WORDS.rolledback, language, { day: day(rolledBack_ms) }),
    size: (one.octets / 1_000_000).toFixed(1),
    until: day(keptUntil_ms(one)),
  };
  return `${say(UPGRADE_WORDS.aside, language, values)}\n           ${one.directory}`;
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
      ? UPGRADE_WORDS.nothingtodo[languageOf(command)]
      : say(UPGRADE_WORDS.upgraded, languageOf(command), {
          to: String(done.toSchema),
          from: String(done.fromSchema),
        }),
  );
}

async function rollBack(command: Command): Promise<void> {
  const data = await dataDirectory(globals(command));
  await using _lock = await acquireServerLock(join(data, "store"));
  const { aside, carried } = await rollBackStore({ data, clock: systemClock, told: () => {} });
  const language = languageOf(command);
  outputOf(command).show(
    { ok: true, schema: aside.fromSchema, after: afterIn(aside), ...carried },
    [
      say(UPGRADE_WORDS.back, language, { day: day(aside.at_ms), schema: String(aside.fromSchema) }),
      ...(carried === undefined ? [] : carriedOver(carried, language)),
      say(UPGRADE_WORDS.install, language, { version: aside.fromVersion ?? "VERSION" }),
      say(UPGRADE_WORDS.keptaside, language, { directory: afterIn(aside) }),
    ].join("\n"),
  );
}

const carriedOver = (
  { messages, queued, done, held }: CarriedOver,
  language: Language,
): readonly string[] => [
  say(UPGRADE_WORDS[messages === 1 ? "carriedone" : "carried"], language, {
    messages: String(messages),
    queued: String(queued),
    done: String(done),
  }),
  UPGRADE_WORDS.asnow[language],
  ...(held.length === 0 ? [] : [say(UPGRADE_WORDS.holdlost, language, { logins: held.join(", ") })]),
];
