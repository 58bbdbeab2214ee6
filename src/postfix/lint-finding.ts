import type { PostfixConfiguration } from "./configuration.ts";
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
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
};
export type Report = (finding: LintFinding) => void;

/** Where a setting stands, for a finding. */
export function placeOf(
  main: PostfixConfiguration["main"],
  setting: Setting | undefined,
): Pick<LintFinding, "file" | "line"> {
  const inMain = setting === undefined || main.settings.includes(setting);
  return { file: inMain ? "main.cf" : "master.cf", line: setting?.line ?? 0 };
}
