import { lintPostfix } from "../postfix/lint.ts";
import type { Sources } from "../postfix/sources.ts";
import { failure, fine, warning, type Finding } from "./finding.ts";
import { seen, verbatim } from "./words/seen.ts";

/** What the configuration of a Postfix says beside what it shows outside; undefined where there is no main.cf. Hints are `lint postfix`'s. */
export function postfixFindings(sources: Sources, directory: string): readonly Finding[] | undefined {
  const found = lintPostfix(sources);
  if (found === undefined) return undefined;
  const serious = found.filter(({ severity }) => severity !== "hint");
  if (serious.length === 0)
    return [fine("postfix", directory, seen("hints", { count: String(found.length) }))];
  return serious.map(({ severity, file, line, id, what, why, remedy }) =>
    (severity === "danger" ? failure : warning)(
      "postfix",
      directory,
      verbatim(`${id}:`, what),
      "postfix-setting",
      {
        place: line === 0 ? file : `${file}:${line}`,
        why,
        remedy,
      },
    ),
  );
}
