import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { postfixFindings } from "../../src/doctor/postfix-lint.ts";
import type { DoctorReport } from "../../src/doctor/report-json.ts";
import { run } from "../e2e/programs.ts";
import { GOOD_MAIN_CF, POSTFIX_CONTROLS } from "./postfix-controls.ts";

const look = (mainCf: string) =>
  postfixFindings(
    { read: (path) => (path === "main.cf" ? mainCf : undefined), list: () => [] },
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
