/** No sentence of ours about a Postfix is an English one where German was asked for. */
import assert from "node:assert/strict";
import { lintTold } from "../../src/doctor/postfix-lint.ts";
import type { LintFinding } from "../../src/postfix/lint.ts";
import { LINT_WORDS } from "../../src/postfix/lint-words.ts";

const PARTS = ["what", "why", "remedy"] as const;

export function assertToldInGerman(finding: LintFinding): void {
  const [english, german] = [lintTold(finding, "en"), lintTold(finding, "de")];
  for (const part of PARTS) {
    const about = `${finding.word} ${part}: ${german[part]}`;
    const { en, de } = LINT_WORDS[finding.word][part];
    assert.match(german[part], /\S/, about);
    // Settings and commands alone are the same in both; a reason is not.
    if (en !== de || en.includes("{reason}")) assert.notEqual(german[part], english[part], about);
    const unfilled = de
      .match(/\{[a-z]+\}/g)
      ?.filter((brace) => finding.values[brace.slice(1, -1)] === undefined);
    assert.deepEqual(unfilled ?? [], [], about);
  }
}
