/** The running server attacks itself when its schedule says so, in a process of its own; a defence that is gone is in what it keeps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import type { CheckId } from "../../src/doctor/checks.ts";
import { findingsOf } from "../../src/doctor/kept-findings.ts";
import type { DoctorReport } from "../../src/doctor/report-json.ts";
import { runExamination } from "../../src/rounds/examination.ts";
import { newsOf } from "../../src/rounds/news.ts";
import { MUTATIONS } from "../attack/mutation-table.ts";
import { Workshop } from "../attack/workshop.ts";
import type { TestServer } from "../e2e/server.ts";

const ONLY: readonly CheckId[] = ["imap-stranger-literal", "pop3-garbage", "web-host"];

/** The schedule as it is, with the short form of the attack. */
const SHORT = {
  file: "src/assembly/rounds.ts",
  before: "runExamination({ config: this.#config, kind }",
  after: `runExamination({ config: this.#config, kind, only: ${JSON.stringify(ONLY)} }`,
};

test("the schedule of the running server sees its attacks through, and keeps that a defence is gone", async () => {
  // Not under .test of ours: a trial server is not attacked. Nobody answers at this resolver.
  await using workshop = await Workshop.open({
    hostName: "mail.example.org",
    domain: "example.org",
    toml: `[dns]\nservers = ["127.0.0.1:9"]\n[doctor]\nstart_s = 0\nlight_s = 2\ncanary = false\n`,
  });
  const gone = MUTATIONS.filter(({ name }) => name === "strangers send large literals");
  const [first] = gone;
  assert.ok(first !== undefined && gone.length === 1);
  await workshop.running([{ ...first, edits: [...first.edits, SHORT] }], async (server) => {
    await examined(server);
    const last = server.cli("doctor", "--last", "--json", "--lang", "en");
    assert.equal(last.status, 2, last.stderr);
    const found = findingsOf(JSON.parse(last.stdout) as DoctorReport);
    const grades = new Map(found.map(({ check, grade }) => [check, grade]));
    assert.deepEqual(
      ONLY.map((check) => `${check} ${grades.get(check)}`),
      ["imap-stranger-literal fail", "pop3-garbage ok", "web-host ok"],
    );
    const { changes } = newsOf({ book: new Map() }, found, "full", "en");
    assert.deepEqual(
      changes.map(({ state, alert }) => `${state} ${alert.kind} ${alert.id.split(" ")[0]}`),
      ["raised doctor-fail doctor:imap-stranger-literal"],
    );
    // The mailbox the attack used is gone again.
    assert.equal((JSON.parse(server.cliOk("account", "list", "--json")) as unknown[]).length, 1);
    // Without the switch nobody attacks.
    const config = await loadConfig(server.config);
    const quiet = { ...config, doctor: { ...config.doctor, attack: false } };
    const left = await runExamination(
      { config: quiet, kind: "full", only: ONLY },
      AbortSignal.timeout(60_000),
    );
    assert.deepEqual(left, { ok: true, value: { looked: [], expected: [] } });
  });
});

/** Waits for the full examination that the schedule makes after a start. */
async function examined(server: TestServer): Promise<void> {
  const over_ms = Date.now() + 90_000;
  while (
    !server.log.some((line) => line.includes('"event":"doctor.examined"') && line.includes('"kind":"full"'))
  ) {
    assert.ok(Date.now() < over_ms, server.log.slice(-20).join("\n"));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
