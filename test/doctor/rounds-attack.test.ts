/** The daily examination attacks the running server in a process of its own; a defence that is gone is in what it keeps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { CheckId } from "../../src/doctor/checks.ts";
import { historyDirectory, keepReport, lastScheduled } from "../../src/doctor/history.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import { runExamination } from "../../src/rounds/examination.ts";
import { newsOf } from "../../src/rounds/news.ts";
import { MUTATIONS } from "../attack/mutation-table.ts";
import { Workshop } from "../attack/workshop.ts";

const ONLY: readonly CheckId[] = ["imap-stranger-literal", "pop3-garbage", "web-host"];

test("the daily examination sees its attacks through, and tells of a defence that is gone", async () => {
  // Not under .test of ours: a trial server is not attacked. Nobody answers at this resolver.
  await using workshop = await Workshop.open({
    hostName: "mail.example.org",
    domain: "example.org",
    toml: `[dns]\nservers = ["127.0.0.1:9"]\n`,
  });
  const gone = MUTATIONS.filter(({ name }) => name === "strangers send large literals");
  assert.equal(gone.length, 1);
  await workshop.running(gone, async (server) => {
    const config = await loadConfig(server.config);
    const order = { config, kind: "full", only: ONLY } as const;
    const ended = await runExamination(order, AbortSignal.timeout(60_000));
    assert.ok(ended.ok, ended.ok ? "" : ended.error);
    const directory = historyDirectory(config.data, "self");
    const report = reportJson(ended.value.looked, "en", ended.value.expected);
    assert.equal(await keepReport(directory, report, systemClock.now(), "full"), undefined);
    const kept = await lastScheduled(directory);
    assert.deepEqual(
      kept?.report.findings.map(({ check, grade }) => `${check} ${grade}`),
      ["pop3-garbage ok", "imap-stranger-literal fail", "web-host ok"].sort(byTable),
    );
    const { changes } = newsOf({ book: new Map() }, ended.value.looked, "full", "en");
    assert.deepEqual(
      changes.map(({ state, alert }) => `${state} ${alert.kind} ${alert.id.split(" ")[0]}`),
      ["raised doctor-fail doctor:imap-stranger-literal"],
    );
    // Without the switch nobody attacks.
    const quiet = { ...order, config: { ...config, doctor: { ...config.doctor, attack: false } } };
    const left = await runExamination(quiet, AbortSignal.timeout(60_000));
    assert.deepEqual(left, { ok: true, value: { looked: [], expected: [] } });
  });
});

/** As the attacks come one after the other. */
const byTable = (one: string, other: string): number =>
  ONLY.findIndex((check) => one.startsWith(check)) - ONLY.findIndex((check) => other.startsWith(check));
