import assert from "node:assert/strict";
import { test } from "node:test";
import { CANARY_SENDER } from "../accounts/canary.ts";
import { Counters } from "./counters.ts";

test("the server's mail to itself is counted nowhere, what people send is", () => {
  const counters = new Counters();
  const counted = (family: string): number =>
    (counters.families().find(({ name }) => name === family)?.samples ?? []).reduce(
      (sum, { value }) => sum + value,
      0,
    );
  for (const from of [CANARY_SENDER, "you@example.org"]) {
    counters.event("info", "message.accepted", { from });
    counters.event("info", "delivery.sent", { from });
  }
  assert.equal(counted("wachpost_messages_accepted"), 1);
  assert.equal(counted("wachpost_deliveries"), 1);
});
