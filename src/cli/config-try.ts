import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import { differencesOf, type Difference } from "../config/differences.ts";
import { settingsDigest } from "../config/digest.ts";
import { formatFinding } from "../config/finding.ts";
import { parseConfig } from "../config/parse.ts";
import type { Config } from "../config/schema.ts";
import { weakenedSettings } from "../doctor/weakened.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { policyOf } from "../policy/from-config.ts";
import { bad, good, isGood, type Looked } from "../promotion/looked.ts";
import { lookAtPorts } from "../promotion/machine-ports.ts";
import { runningServer } from "../promotion/machine-server.ts";
import { lookAtResolver } from "../promotion/resolver.ts";
import { attackTrial } from "../promotion/trial-attack.ts";
import { onTrial } from "../promotion/trial-server.ts";
import { visit } from "../promotion/trial-visits.ts";
import { CONFIG_WORDS } from "../promotion/words.ts";
import { openStore } from "../store/sqlite/open.ts";
import { checked } from "./check.ts";
import { replayInThreads } from "./replay-threads.ts";

/** Settings that somebody wants. */
export type Wanted = {
  /** Where they stand. */
  readonly file: string;
  readonly text: string;
};
/** The settings of now; config: undefined where the file cannot be read, or there is none. */
export type Active = Wanted & { readonly config: Config | undefined };

export type Tryout = {
  readonly looked: readonly Looked[];
  readonly differences: readonly Difference[];
  /** Absent where they cannot be read. */
  readonly config?: Config;
  readonly digest?: string;
};

export type TryoutOptions = { readonly language: Language; readonly allowWeaker: boolean };

const REPLAY_DAYS = 30;
const DAY_MS = 86_400_000;

/** Tries settings beside the running server, from what costs nothing to a server of their own; stops where something fails. */
export async function tryOut(wanted: Wanted, active: Active, options: TryoutOptions): Promise<Tryout> {
  const { text, file } = wanted;
  const read = parseConfig(text);
  if (!read.ok) {
    const looked = read.error.map((finding) =>
      bad("file", file, "file-wrong", { detail: formatFinding(file, finding) }),
    );
    return { looked, differences: [] };
  }
  const config = read.value;
  const differences = active.config === undefined ? [] : differencesOf(active.config, config);
  const found = { differences, config, digest: settingsDigest(text) };
  const still = [
    ...(await lookAtFile(config, wanted)),
    ...lookAtPlace(config, active),
    lookAtStrength(config, active, options),
    ...(await lookAtPorts(config, runningServer((active.config ?? config).data)?.pid)),
    ...(active.config === undefined ? [] : await lookAtResolver(config.dns, active.config.dns)),
  ];
  if (!isGood(still)) return { ...found, looked: still };
  const live = await tryLive(config, options.language);
  const replayed = await lookBack(config, wanted, active, options.language);
  return { ...found, looked: [...still, ...live, ...replayed] };
}

async function lookAtFile(config: Config, { file, text }: Wanted): Promise<readonly Looked[]> {
  const findings = (await checked(config, text)).filter(({ severity }) => severity !== "notice");
  const looked = findings.map((finding) => {
    const { severity, line, key, message } = finding;
    const detail = `${file}${line === undefined ? "" : `:${line}`}: ${key}: ${message}.`;
    return bad("file", file, "file-wrong", { detail }, severity === "error" ? "fail" : "warn");
  });
  return looked.length > 0 ? looked : [good("file", file)];
}

/** No trial would notice: its data are empty in any case. */
function lookAtPlace({ data: now }: Config, { config }: Active): readonly Looked[] {
  const before = config?.data ?? now;
  return before === now ? [] : [bad("data", `${before} -> ${now}`, "data-moved", { before, now })];
}

function lookAtStrength(config: Config, active: Active, { allowWeaker }: TryoutOptions): Looked {
  const before = active.config === undefined ? [] : weakenedSettings(active.config);
  const weaker = weakenedSettings(config).filter((one) => !before.includes(one));
  if (weaker.length === 0) return good("weaker", "");
  const settings = weaker.join("; ");
  return bad("weaker", settings, "weaker-settings", { settings }, allowWeaker ? "warn" : "fail");
}

async function tryLive(config: Config, language: Language): Promise<readonly Looked[]> {
  const began_ms = performance.now();
  const tried = await onTrial(config, async (trial) => {
    const seconds = ((performance.now() - began_ms) / 1000).toFixed(1);
    const visited = await visit(trial);
    const attacked = isGood(visited) ? await attackTrial(trial, language) : [];
    return [good("start", `${seconds} s`), ...visited, ...attacked];
  });
  return tried.ok ? tried.value : [bad("start", "", "no-start", { why: tried.error })];
}

/** Recorded sessions under the new rules, where they are new. */
async function lookBack(
  config: Config,
  { file }: Wanted,
  active: Active,
  language: Language,
): Promise<readonly Looked[]> {
  const directory = active.config && join(active.config.data, "store");
  if (active.config === undefined || directory === undefined || !existsSync(directory)) return [];
  const rules = ({ policy }: Config): string => JSON.stringify(policy);
  if (rules(config) === rules(active.config)) return [];
  await using store = await openStore({ directory, log: silentLog, clock: systemClock });
  const { lists } = policyOf(config);
  const now_ms = Date.now();
  const work = { directory: active.config.data, rules: file };
  const times = { from_ms: now_ms - REPLAY_DAYS * DAY_MS, now_ms };
  const { judged, same, unknown, changes } = await replayInThreads(store, lists, work, times);
  const counts = { judged: String(judged), same: String(same), unknown: String(unknown) };
  const evidence = say(CONFIG_WORDS.judged, language, counts);
  const changed = Object.entries(changes).map(([change, count]) => `${change}: ${count}`);
  if (changed.length === 0) return [good("replay", evidence)];
  return [bad("replay", evidence, "replay-changes", { changes: changed.join(", ") }, "warn")];
}
