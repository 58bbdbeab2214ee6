import { request } from "node:https";
import { join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { programVersion } from "../base/program-version.ts";
import { silentLog } from "../base/log.ts";
import { err, ok, type Result } from "../base/result.ts";
import { loadConfig } from "../config/load.ts";
import { resolver } from "../dns/configured.ts";
import { openStore } from "../store/sqlite/open.ts";
import { feedKey, type Release } from "../upgrade/feed.ts";
import { fetchFeed } from "../upgrade/fetch-feed.ts";
import { FEED_OCTETS_MAX } from "../upgrade/limits.ts";
import { afterLook, pendingUpdate, readUpdateState, UPDATE_SETTING } from "../upgrade/update-state.ts";
import { configFile, dataDirectory, globals, outputOf, withStore } from "./context.ts";
import { readNamedFile } from "./named-file.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { UPGRADE_WORDS } from "./upgrade-words.ts";
import { languageOf } from "./spoken.ts";

type Options = { readonly feed?: string; readonly key?: string };

/** `wachpost upgrade check`: asks the feed now. Exit 1 where it could not be believed. */
export async function checkForUpdates(options: Options, command: Command): Promise<void> {
  const { updates, dns: servers } = await loadConfig(configFile(globals(command)));
  const feed = options.feed ?? updates.feed;
  const key = feedKey(options.key ?? updates.key ?? "");
  if (feed === undefined || key === undefined) throw noFeed(feed === undefined);
  const version = programVersion();
  await withStore(command, async (store) => {
    const got = feed.includes("://")
      ? await fetchFeed(feed, { dns: await resolver(servers.servers, systemClock), request })
      : await fileText(feed);
    const before = readUpdateState(await store.directory.setting(UPDATE_SETTING));
    const after = afterLook(before, got, { key, version, now_ms: systemClock.now() });
    await store.directory.putSetting(UPDATE_SETTING, JSON.stringify(after));
    const { fault } = after;
    if (fault !== undefined)
      throw new OperatorError(
        "feed-refused",
        `The feed ${feed} was not believed: ${fault}.`,
        "Try again later. If it stays so, ask its publisher; the key of updates.key is told on another way than the feed.",
      );
    const update = pendingUpdate(after, version);
    outputOf(command).show(
      { version, update: update ?? null },
      updateLines(version, update, languageOf(command)).join("\n"),
    );
  });
}

/** What the last look at the feed said, for `status`. */
export async function knownUpdate(
  command: Command,
): Promise<{ release?: Release; lines: readonly string[] }> {
  const directory = join(await dataDirectory(globals(command)), "store");
  await using store = await openStore({ directory, log: silentLog, clock: systemClock, readOnly: true });
  const state = readUpdateState(await store.directory.setting(UPDATE_SETTING));
  const language = languageOf(command);
  const fault =
    state.fault === undefined ? [] : [say(UPGRADE_WORDS.lookfailed, language, { fault: state.fault })];
  if (state.checked_ms === 0) return { lines: [UPGRADE_WORDS.nobodyasked[language], ...fault] };
  const release = pendingUpdate(state, programVersion());
  const lines = [...updateLines(programVersion(), release, language), ...fault];
  return release === undefined ? { lines } : { release, lines };
}

function updateLines(version: string, update: Release | undefined, language: Language): readonly string[] {
  if (update === undefined) return [say(UPGRADE_WORDS.newest, language, { version })];
  const { version: newer, date, severity, text, sha512 } = update;
  const mark = severity === "normal" ? "" : ` (${severity})`;
  return [
    say(UPGRADE_WORDS.newer, language, { version: newer, date, mark, text: text[language] }),
    `           sha512 ${sha512.slice(0, 64)}`,
    `                  ${sha512.slice(64)}`,
  ];
}

async function fileText(file: string): Promise<Result<string, string>> {
  const octets = await readNamedFile(file);
  return octets.length > FEED_OCTETS_MAX ? err("it is longer than 1 MB") : ok(octets.toString("utf8"));
}

const noFeed = (isFeed: boolean): OperatorError =>
  new OperatorError(
    isFeed ? "no-feed" : "no-feed-key",
    isFeed
      ? "No feed is known: nobody is asked about new versions."
      : "The key that signs the feed is not known.",
    isFeed
      ? "Name one with --feed URL|FILE, or set updates.feed in the configuration."
      : "Name it with --key, or set updates.key: the 32 octets of an Ed25519 public key in base64.",
  );
