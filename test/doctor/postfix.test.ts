import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { postfixFindings } from "../../src/doctor/postfix-lint.ts";
import type { DoctorReport } from "../../src/doctor/report-json.ts";
import { findingsOf } from "../../src/doctor/kept-findings.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import { reportText } from "../../src/doctor/report.ts";
import { lintPostfix } from "../../src/postfix/lint.ts";
import { LINT_WORDS, type LintWord } from "../../src/postfix/lint-words.ts";
import { run } from "../e2e/programs.ts";
import { sourcesOf } from "../postfix/house.ts";
import { CLEAN, LINT_CASES } from "../postfix/lint-cases.ts";
import { assertToldInGerman } from "../postfix/told.ts";
import { assertGerman } from "./german.ts";
import { GOOD_MAIN_CF, POSTFIX_CONTROLS } from "./postfix-controls.ts";

const look = (mainCf: string, masterCf?: string) =>
  postfixFindings(
    sourcesOf({ "main.cf": mainCf, ...(masterCf === undefined ? {} : { "master.cf": masterCf }) }),
    "/etc/postfix",
  );

test("a Postfix without a fault is green; without main.cf there is nothing to say", () => {
  assert.deepEqual(
    look(GOOD_MAIN_CF)?.map(({ grade }) => grade),
    ["ok"],
  );
  assert.equal(postfixFindings({ read: () => undefined, list: () => [] }, "x"), undefined);
});

for (const { name, mainCf, grade, note } of POSTFIX_CONTROLS) {
  test(`postfix: ${name}`, () => {
    const found = look(mainCf) ?? [];
    assert.ok(
      found.some((one) => one.grade === grade && one.grade !== "ok" && one.note === note),
      JSON.stringify(found),
    );
  });
}

/** Whatever the lint can say. */
const EVERY_WAY = [
  ...LINT_CASES.map(([main]) => CLEAN + main),
  "mynetworks_style = subnet\nsmtpd_forbid_bare_newline = no\n",
  "  continues\n",
  "a = \0\n",
  `a = ${"b".repeat(70_000)}\n`,
  "a = $\nb = ${}\nc = ${d!}\ne = ${{1} = {2}}\nf = $f\n",
];

test("a German report about a Postfix has no English sentence, whatever is wrong with it", () => {
  const said = new Set<LintWord>();
  for (const mainCf of EVERY_WAY) {
    assertGerman(look(mainCf) ?? []);
    for (const finding of lintPostfix(sourcesOf({ "main.cf": mainCf })) ?? []) {
      said.add(finding.word);
      assertToldInGerman(finding);
    }
  }
  const master = "587 inet n\n588 what n - n - - smtpd\n589 inet n - n - - smtpd\n  -o junk\n";
  const found = look(CLEAN, master) ?? [];
  assert.ok(found.length >= 3, JSON.stringify(found));
  assertGerman(found);
  assert.deepEqual(
    Object.keys(LINT_WORDS).filter((word) => !said.has(word as LintWord)),
    [],
    "every sentence was said",
  );
});

test("two settings that are bad for the same reason keep their two remedies", () => {
  const text = reportText(look("mynetworks = 127.0.0.1\n") ?? [], { language: "en", colour: false });
  assert.match(
    text,
    /-> smtpd_tls_security_level = may, with a certificate\n {6}-> smtp_tls_security_level = dane/,
  );
});

test("a report of a Postfix that was kept is told in the language of its reader", () => {
  const found = look(`${CLEAN}x = \${y\n`) ?? [];
  const kept = findingsOf(reportJson(found, "en"));
  assert.deepEqual(kept, found);
  const [one] = reportJson(kept, "de").findings;
  assert.equal(one?.evidence, "syntax: x: `${` wird nie geschlossen");
});

test("doctor --postfix on a machine without a server of ours, configuration or history", async () => {
  const home = mkdtempSync(join(tmpdir(), "doctor-"));
  try {
    writeFileSync(join(home, "main.cf"), POSTFIX_CONTROLS[0]?.mainCf ?? "");
    const program = fileURLToPath(new URL("command-line.ts", import.meta.url));
    const call = (...args: string[]) =>
      run("env", ["-C", home, `HOME=${home}`, "XDG_STATE_HOME=", process.execPath, program, ...args]);
    const examined = await call("--json", "doctor", "--postfix", home);
    assert.equal(examined.status, 2, examined.stderr);
    const { findings } = JSON.parse(examined.stdout) as DoctorReport;
    assert.ok(findings.some(({ check, grade }) => check === "postfix" && grade === "fail"));
    const nothing = await call("doctor", "--postfix", join(home, "nowhere"));
    assert.match(nothing.stderr, /main\.cf/);
    const alone = await call("doctor");
    assert.match(alone.stderr, /wachpost doctor example\.org/);
  } finally {
    rmSync(home, { recursive: true });
  }
});
