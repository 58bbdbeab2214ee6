import assert from "node:assert/strict";
import type { ReportCount, ReportKey, ReportSettled } from "../report-counts.ts";
import { STORE_LIMITS } from "../store.ts";
import { addAccount, delivery, mailboxNamed, queued, RECEIVED_MS, sample } from "./fixtures.ts";
import type { Suite } from "./fixtures.ts";

const key = (domain: string, more: Partial<ReportKey> = {}): ReportKey => ({
  kind: "dmarc",
  day: "2026-11-24",
  domain,
  ...more,
});
const counted = (facts: string, count = 1, about = key("x.example")): ReportCount => ({
  ...about,
  facts,
  count,
});
const settled = (about = key("x.example"), more: Partial<ReportSettled> = {}): ReportSettled => ({
  ...about,
  settled_ms: RECEIVED_MS,
  reportId: "r1",
  outcome: "sent",
  told: 3,
  sentTo: [{ id: "q1", to: "dmarc@x.example" }],
  ...more,
});
const NEXT_DAY = { before_day: "2026-11-25", limit: 100 };

/** What reports to other domains tell, and that each is sent once. */
export const reportSuite: Suite = {
  async "equal facts add up, by kind, day and domain; also after reopening"(engine) {
    const { reports } = engine.store;
    await reports.countReports([counted("a"), counted("b"), counted("a", 2)]);
    await reports.countReports([counted("a", 4, key("x.example", { kind: "tls" }))]);
    await reports.countReports([counted("a", 5, key("x.example", { day: "2026-11-25" }))]);
    const again = (await engine.reopen()).reports;
    await again.countReports([counted("b", 7), counted("a", 1, key("a.example"))]);
    assert.deepEqual(await again.reportRows(key("x.example")), [
      { facts: "b", count: 8 },
      { facts: "a", count: 3 },
    ]);
    assert.deepEqual(await again.reportsDue(NEXT_DAY), [
      { ...key("a.example"), rows: 1, dropped: 0 },
      { ...key("x.example"), rows: 2, dropped: 0 },
      { ...key("x.example", { kind: "tls" }), rows: 1, dropped: 0 },
    ]);
    assert.equal((await again.reportsDue({ ...NEXT_DAY, limit: 1 })).length, 1);
    assert.equal((await again.reportDue(key("x.example")))?.rows, 2);
    assert.equal(await again.reportDue(key("none.example")), undefined);
  },

  async "a report is settled once, with its mails in the same commit; later counts are not kept"(engine) {
    const { store } = engine;
    const account = await addAccount(store, "you@example.org");
    await store.reports.countReports([counted("a")]);
    const mails = [
      { ...delivery(sample("report"), []), queue: queued("q1", ["dmarc@x.example"]) },
      delivery(sample("report at home"), [account]),
    ];
    assert.equal(await store.reports.settleReport(settled(), mails), true);
    assert.equal(await store.reports.settleReport(settled(), mails), false);
    const reopened = await engine.reopen();
    assert.equal(await reopened.reports.settleReport(settled(), mails), false);
    assert.equal(await reopened.queue.queueLength(), 1);
    assert.equal((await mailboxNamed(reopened, account)).messages, 1);
    await reopened.reports.countReports([counted("late")]);
    assert.deepEqual(await reopened.reports.reportRows(key("x.example")), []);
    assert.deepEqual(await reopened.reports.reportsDue(NEXT_DAY), []);
    assert.deepEqual(await reopened.reports.reportsSettled({ since_day: "2026-11-24", limit: 9 }), [
      settled(),
    ]);
    assert.deepEqual(await reopened.reports.reportsSettled({ since_day: "2026-11-25", limit: 9 }), []);
    assert.equal(await reopened.reports.settleReport(settled(key("nobody.example")), []), false);
  },

  async "what finds no room is counted as dropped, what is old is forgotten"({ store: { reports } }) {
    const { rowsPerReport, reportFacts } = STORE_LIMITS;
    const many = Array.from({ length: rowsPerReport + 3 }, (_, i) => counted(`f${i}`, 2));
    await reports.countReports(many);
    await reports.countReports([counted("f1", 5), counted("x".repeat(reportFacts + 1), 7)]);
    const due = await reports.reportDue(key("x.example"));
    assert.deepEqual([due?.rows, due?.dropped], [rowsPerReport, 13]);
    assert.deepEqual((await reports.reportRows(key("x.example")))[0], { facts: "f1", count: 7 });
    await reports.countReports([counted("a", 1, key("y.example")), counted("a", 1, key("z.example"))]);
    await reports.settleReport(settled(key("y.example")), []);
    const bounds = { settled_before_day: "2026-11-24", due_before_day: "2026-11-25" };
    assert.equal(await reports.pruneReports(bounds), 2);
    assert.deepEqual(await reports.reportRows(key("x.example")), []);
    assert.deepEqual(await reports.reportsDue(NEXT_DAY), []);
    assert.equal((await reports.reportsSettled({ since_day: "2026-11-01", limit: 9 })).length, 1);
    assert.equal(await reports.pruneReports({ ...bounds, settled_before_day: "2026-11-25" }), 1);
  },
};
