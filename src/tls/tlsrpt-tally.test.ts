import assert from "node:assert/strict";
import { test } from "node:test";
import { TLSRPT_LIMITS, TlsrptTally, type TlsrptFailure, type TlsrptPolicy } from "./tlsrpt-tally.ts";

const DAY_MS = 86_400_000;
const NOON_MS = Date.UTC(2026, 10, 24, 12);
const sts: TlsrptPolicy = {
  type: "sts",
  domain: "x.test",
  lines: ["version: STSv1", "mode: testing"],
  mxPatterns: ["*.x.test"],
};
const none: TlsrptPolicy = { type: "no-policy-found", domain: "x.test", lines: [], mxPatterns: [] };
const expired: TlsrptFailure = {
  result: "certificate-expired",
  mx: "mx.x.test",
  ip: "192.0.2.1",
  detail: "CERT_HAS_EXPIRED",
};

test("tally: successes and failures per day, domain and policy", () => {
  const tally = new TlsrptTally();
  for (let i = 0; i < 3; i++) tally.record(NOON_MS, "x.test", sts);
  tally.record(NOON_MS, "x.test", sts, expired);
  tally.record(NOON_MS, "x.test", sts, expired);
  tally.record(NOON_MS, "x.test", sts, { ...expired, ip: "192.0.2.2" });
  tally.record(NOON_MS, "x.test", none);
  tally.record(NOON_MS + DAY_MS, "x.test", sts);
  assert.deepEqual(tally.take(), [
    {
      day: "2026-11-24",
      domain: "x.test",
      policies: [
        {
          policy: sts,
          successes: 3,
          failures: 3,
          details: [
            { ...expired, count: 2 },
            { ...expired, ip: "192.0.2.2", count: 1 },
          ],
        },
        { policy: none, successes: 1, failures: 0, details: [] },
      ],
    },
    {
      day: "2026-11-25",
      domain: "x.test",
      policies: [{ policy: sts, successes: 1, failures: 0, details: [] }],
    },
  ]);
  assert.equal(tally.take().length, 0, "taken once");
});

test("tally: a day ends at midnight UTC (RFC 8460 §4.1)", () => {
  const tally = new TlsrptTally();
  tally.record(Date.UTC(2026, 10, 24, 23, 59, 59), "x.test", none);
  tally.record(Date.UTC(2026, 10, 25), "x.test", none);
  assert.deepEqual(
    tally.take().map(({ day }) => day),
    ["2026-11-24", "2026-11-25"],
  );
});

test("tally: bounded in domains, policies and kinds of failure; sums stay right", () => {
  const tally = new TlsrptTally();
  for (let i = 0; i <= TLSRPT_LIMITS.detailsMax + 5; i++)
    tally.record(NOON_MS, "x.test", sts, { ...expired, detail: `${i} ${"x".repeat(1000)}` });
  for (let i = 0; i <= TLSRPT_LIMITS.policiesMax; i++)
    tally.record(NOON_MS, "x.test", { ...sts, lines: [String(i)] });
  for (let i = 0; i <= TLSRPT_LIMITS.reportsMax; i++) tally.record(NOON_MS, `d${i}.test`, none);
  const days = tally.take();
  assert.equal(days.length, TLSRPT_LIMITS.reportsMax);
  const [first] = days;
  assert.equal(first?.policies.length, TLSRPT_LIMITS.policiesMax);
  assert.equal(first.policies[0]?.failures, TLSRPT_LIMITS.detailsMax + 6);
  assert.equal(first.policies[0].details.length, TLSRPT_LIMITS.detailsMax);
  assert.ok(first.policies[0].details.every(({ detail }) => detail.length <= TLSRPT_LIMITS.detail_chars));
});
