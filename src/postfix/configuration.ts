import { POSTFIX_DEFAULTS } from "./defaults.ts";
import { expandValue, type Expansion } from "./expand.ts";
import type { Place } from "./logical-lines.ts";
import { parseMainCf, placeInValue, type MainCf, type Setting } from "./main-cf.ts";
import { parseMasterCf, type MasterCf, type Service } from "./master-cf.ts";
import type { Sources } from "./sources.ts";
import { splitWords } from "./words.ts";

/** A word of a list after expansion, with its place in main.cf. */
export type PlacedWord = Place & { readonly text: string };

/** main.cf and master.cf as Postfix would see them. */
export type PostfixConfiguration = {
  readonly sources: Sources;
  readonly main: MainCf;
  /** Absent where there is no master.cf. */
  readonly master: MasterCf | undefined;
  /** The setting as written, undefined where the default counts. */
  setting(name: string): Setting | undefined;
  /** Value with `$name` filled in, of the setting or its default. */
  value(name: string): string;
  expansion(name: string): Expansion;
  /** Words of a list; what one written word expands to stands where that word stands. */
  list(name: string): readonly PlacedWord[];
  /** The same for a setting of master.cf. */
  listOf(setting: Setting): readonly PlacedWord[];
  isYes(name: string): boolean;
};

/** Reads the configuration; `undefined` where there is no main.cf. */
export function readConfiguration(sources: Sources): PostfixConfiguration | undefined {
  const text = sources.read("main.cf");
  if (text === undefined) return undefined;
  const master = sources.read("master.cf");
  return configurationOf(
    parseMainCf(text),
    master === undefined ? undefined : parseMasterCf(master),
    sources,
  );
}

/** What one service sees: its `-o` settings before those of main.cf. */
export function asService(configuration: PostfixConfiguration, service: Service): PostfixConfiguration {
  const { main, master, sources } = configuration;
  const last = new Map([
    ...main.last,
    ...service.overrides.map((setting) => [setting.name, setting] as const),
  ]);
  return configurationOf({ ...main, last }, master, sources);
}

function configurationOf(main: MainCf, master: MasterCf | undefined, sources: Sources): PostfixConfiguration {
  const raw = (name: string): string | undefined =>
    main.last.get(name)?.value ?? (name === "mydomain" ? domainOfHost() : POSTFIX_DEFAULTS.get(name));
  /** Without `mydomain` Postfix takes `myhostname` without its first label. */
  const domainOfHost = (): string => {
    const host = main.last.get("myhostname")?.value ?? "";
    return /^[^.$\s]+\.(.+\..+)$/.exec(host)?.[1] ?? "localdomain";
  };
  const expansion = (name: string): Expansion => expandValue(raw(name) ?? "", raw);
  const listOf = (setting: Setting): readonly PlacedWord[] =>
    splitWords(setting.value).flatMap(({ text, at }) => {
      const place = placeInValue(setting, at);
      return splitWords(expandValue(text, raw).text).map((word) => ({ text: word.text, ...place }));
    });
  return {
    sources,
    main,
    master,
    setting: (name) => main.last.get(name),
    value: (name) => expansion(name).text.trim(),
    expansion,
    list: (name) => {
      const setting = main.last.get(name);
      if (setting !== undefined) return listOf(setting);
      return splitWords(expansion(name).text).map(({ text }) => ({ text, line: 0, column: 0 }));
    },
    listOf,
    isYes: (name) => /^yes$/i.test(expansion(name).text.trim()),
  };
}
