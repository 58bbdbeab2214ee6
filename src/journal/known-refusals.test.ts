import assert from "node:assert/strict";
import { test } from "node:test";
import { explain } from "./explain.ts";
import { knownRefusal } from "./known-refusals.ts";

const GMAIL = "gmail-smtp-in.l.google.com";
const OUTLOOK = "outlook-com.olc.protection.outlook.com";
const CASES: readonly (readonly [host: string, reply: string, want: string | undefined])[] = [
  [
    GMAIL,
    "550 5.7.26 Your email has been blocked because the sender is unauthenticated.",
    "provider-unproven",
  ],
  [
    GMAIL,
    "421 4.7.32 Your email has been rate limited because the From: header isn't aligned",
    "provider-bulk-unproven",
  ],
  [GMAIL, "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail", "provider-rate"],
  [OUTLOOK, "550 5.7.515 Access denied, sending domain a.test does not meet", "provider-bulk-unproven"],
  [OUTLOOK, "550 5.7.1 part of their network is on our block list (S3140).", "provider-network-blocked"],
  ["mx01.mail.icloud.com", "554 5.7.1 [HM07] Message rejected due to local policy.", "provider-local-policy"],
  ["mx.example.org", "550 5.7.26 no", undefined],
  ["notgoogle.com", "550 5.7.26 no", undefined],
  [GMAIL, "550 5.1.1 The email account does not exist, 15.7.26", undefined],
];
for (const [host, reply, want] of CASES)
  test(`${host} ${reply.slice(0, 30)}`, () => assert.equal(knownRefusal(host, reply), want));

test("explain tells the cause in place of the reply's own words, in both languages", () => {
  const record = {
    kind: "delivery",
    id: "m1",
    at_ms: 0,
    state: "failed",
    recipient: "x@gmail.com",
    host: GMAIL,
    reply: "550 5.7.26 unauthenticated",
  } as const;
  assert.match(explain([record], "en").join("\n"), /found that neither does[^]*wachpost doctor/);
  assert.match(explain([record], "de").join("\n"), /fand, dass keins es tut/);
});
