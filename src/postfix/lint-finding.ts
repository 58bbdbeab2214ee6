import type { PostfixConfiguration } from "./configuration.ts";
import type { LintWord } from "./lint-words.ts";
import type { Setting } from "./main-cf.ts";

/** Something about a Postfix that its operator should know. */
export type LintFinding = {
  /** `open-relay`; stable, for scripts and the web. */
  readonly id: string;
  /** `danger`: strangers can do harm now; `warning`: weaker than it looks; `hint`: worth a look. */
  readonly severity: "danger" | "warning" | "hint";
  readonly file: "main.cf" | "master.cf";
  /** 0: the setting is missing. */
  readonly line: number;
  /** What is the matter, in every language. */
  readonly word: LintWord;
  readonly values: Readonly<Record<string, string>>;
};
/** As the rules see it; its name for scripts follows from the word. */
export type Observation = Omit<LintFinding, "id" | "values"> & Partial<Pick<LintFinding, "values">>;
export type Report = (observation: Observation) => void;

/** Where a setting stands, for a finding. */
export function placeOf(
  main: PostfixConfiguration["main"],
  setting: Setting | undefined,
): Pick<Observation, "file" | "line"> {
  const inMain = setting === undefined || main.settings.includes(setting);
  return { file: inMain ? "main.cf" : "master.cf", line: setting?.line ?? 0 };
}
