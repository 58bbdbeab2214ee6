import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

test("one octet per ten seconds uses the credit up (D-19)", () => {
  const pace = new Pace(300_000, 500);
  let waited_ms = 0;
  while (pace.deadline_ms > 10_000) {
    pace.received(1, 10_000);
    waited_ms += 10_000;
  }
  assert.ok(waited_ms <= 300_000);
});

test("a sender of 500 octets per second may go on for ever, and saves nothing up", () => {
  const pace = new Pace(60_000, 500);
  for (let second = 0; second < 10_000; second++) pace.received(500, 1000);
  assert.equal(pace.deadline_ms, 60_000);
  pace.received(10_000_000, 0);
  assert.equal(pace.deadline_ms, 60_000);
});
