/** Which of the examinations that are kept is meant. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { earlierReport, minuteOf } from "../../src/cli/doctor-kept.ts";
import { failure, fine, type Finding } from "../../src/doctor/finding.ts";
import { keepReport, lastScheduled, type ExaminationKind } from "../../src/doctor/history.ts";
import { reportJson } from "../../src/doctor/report-json.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.now();
let directory: string;
const keep = (age_ms: number, kind: ExaminationKind, ...findings: Finding[]) =>
  keepReport(directory, reportJson(findings, "en"), NOW_MS - age_ms, kind);
const open = failure("data-mode", "h", "0755", "data-open", { data: "/d", mode: "0755" });

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "doctor-history-"));
  await keep(9 * DAY_MS, "full", fine("vrfy", "h:25", "A"));
  await keep(30 * HOUR_MS, "full", fine("vrfy", "h:25", "B"), fine("data-mode", "h", "0700"));
  await keep(HOUR_MS, "asked", fine("vrfy", "h:25", "C"));
  await keep(HOUR_MS / 2, "light", open);
});
after(() => rmSync(directory, { recursive: true, force: true }));

const evidence = async (when: string | true): Promise<string | undefined> =>
  (await earlierReport(directory, when))?.report.findings[0]?.evidence;

test("--diff: the last whole one, or the last no later than a time", async () => {
  const day = (age_ms: number): string => minuteOf(NOW_MS - age_ms).slice(0, 10);
  const table: readonly (readonly [when: string | true, want: string | undefined])[] = [
    [true, "C"],
    ["30m", "C"],
    ["yesterday", "B"],
    ["gestern", "B"],
    ["2d", "A"],
    ["52w", undefined],
    [day(5 * DAY_MS), "A"],
    [minuteOf(NOW_MS - 30 * HOUR_MS), "B"],
    [minuteOf(NOW_MS - 30 * HOUR_MS).replace(" ", "T"), "B"],
  ];
  for (const [when, want] of table) assert.equal(await evidence(when), want, String(when));
  for (const bad of ["", "soon", "2026-13-99", "2026-11-29 25:61", "-1d", "../x"])
    await assert.rejects(earlierReport(directory, bad), /is no time/, bad);
});

test("--last: the last full examination with what a short look has seen since, in any language", async () => {
  const last = await lastScheduled(directory);
  assert.deepEqual(last?.report.findings.map(({ check, grade }) => `${check} ${grade}`).toSorted(), [
    "data-mode fail",
    "vrfy ok",
  ]);
  assert.equal(last?.report.exit, 2);
  const told = last?.report.findings.find(({ check }) => check === "data-mode");
  assert.match(told?.why ?? "", /may read \/d \(mode 0755\)/);
});

test("of each kind its own number is kept", async () => {
  for (let hour = 1; hour <= 50; hour++) await keep(hour * HOUR_MS + 1000, "light", open);
  const names = readdirSync(directory);
  assert.equal(names.filter((name) => name.includes("-light")).length, 48);
  assert.equal(names.length, 51);
});
