import assert from "node:assert/strict";
import { test } from "node:test";
import { reply, type Reply } from "../smtp/reply.ts";
import type { QueueEntry, QueueRecipient } from "../store/store.ts";
import { failureReply } from "./failure.ts";
import { judge, type TryEnd } from "./judge.ts";
import { defaultQueuePolicy as policy } from "./schedule.ts";
import { diagnosticLines, replyLine, statusOf } from "./status.ts";

const HOUR_MS = 3_600_000;
const CREATED_MS = 1_700_000_000_000;

const recipient = (change: Partial<QueueRecipient> = {}): QueueRecipient => ({
  index: 3,
  address: "you@x.test",
  state: "pending",
  attempts: 0,
  nextAttempt_ms: CREATED_MS,
  delayNoticeSent: false,
  ...change,
});
const entry: QueueEntry = {
  id: "q1",
  from: "me@ours.test",
  smtpUtf8: false,
  body: "7BIT",
  created_ms: CREATED_MS,
  blob: "b",
  size_octets: 100,
  held: false,
  recipients: [],
};
const ended = (answer: Reply, onSuccess: TryEnd["onSuccess"] = "relayed"): TryEnd => ({
  reply: answer,
  host: "mx.x.test",
  saidByHost: true,
  onSuccess,
});

const taken = reply(250, "2.0.0", "Ok");
const later = reply(450, "4.2.0", "Later");
const never = reply(550, "5.1.1", "No such user");
type Notify = NonNullable<QueueRecipient["notify"]>;

const cases: readonly {
  name: string;
  reply: Reply;
  age_h?: number;
  notify?: Notify;
  sent?: boolean;
  onSuccess?: TryEnd["onSuccess"];
  want: string;
}[] = [
  { name: "taken", reply: taken, want: "delivered -" },
  {
    name: "taken, success asked, remote has DSN",
    reply: taken,
    notify: ["SUCCESS"],
    onSuccess: "relayed-with-dsn",
    want: "delivered -",
  },
  {
    name: "taken, success asked, remote has none",
    reply: taken,
    notify: ["SUCCESS"],
    want: "delivered relayed",
  },
  {
    name: "in our own mailbox, success asked",
    reply: taken,
    notify: ["SUCCESS"],
    onSuccess: "delivered",
    want: "delivered delivered",
  },
  { name: "taken, only failure asked", reply: taken, notify: ["FAILURE", "DELAY"], want: "delivered -" },
  { name: "refused", reply: never, want: "failed failed" },
  { name: "refused, failure asked", reply: never, notify: ["FAILURE"], want: "failed failed" },
  { name: "refused, never asked", reply: never, notify: ["NEVER"], want: "failed -" },
  { name: "refused, only success asked", reply: never, notify: ["SUCCESS"], want: "failed -" },
  { name: "put off", reply: later, want: "pending -" },
  { name: "put off for four hours", reply: later, age_h: 4, want: "pending delayed" },
  { name: "put off for four hours, told already", reply: later, age_h: 4, sent: true, want: "pending -" },
  {
    name: "put off for four hours, delay asked",
    reply: later,
    age_h: 5,
    notify: ["DELAY"],
    want: "pending delayed",
  },
  {
    name: "put off for four hours, only failure asked",
    reply: later,
    age_h: 5,
    notify: ["FAILURE"],
    want: "pending -",
  },
  { name: "put off for five days", reply: later, age_h: 120, want: "failed failed" },
  {
    name: "put off for five days, never asked",
    reply: later,
    age_h: 120,
    notify: ["NEVER"],
    want: "failed -",
  },
  { name: "a stray 354 is no success", reply: { code: 354, lines: ["go on"] }, want: "pending -" },
];
for (const { name, reply: answer, age_h = 0, notify, sent = false, onSuccess, want } of cases) {
  test(`judge: ${name}`, () => {
    const who = recipient({ delayNoticeSent: sent, ...(notify ? { notify } : {}) });
    const by = { policy, now_ms: CREATED_MS + age_h * HOUR_MS, jitter: 0 };
    const { result, notice } = judge(entry, who, ended(answer, onSuccess), by);
    assert.equal(`${result.state} ${notice ?? "-"}`, want);
    assert.equal(result.delayNoticeSent, notice === "delayed" ? true : undefined);
    assert.equal(result.index, 3);
    assert.equal(result.lastHost, "mx.x.test");
  });
}

test("judge: the next try follows the schedule, or waits for the destination, but never past the end", () => {
  const now_ms = CREATED_MS;
  const at = (by: { now_ms: number; notBefore_ms?: number }) =>
    judge(entry, recipient(), ended(later), { policy, jitter: 0, ...by }).result.nextAttempt_ms;
  assert.equal(at({ now_ms }), now_ms + policy.firstRetry_ms);
  assert.equal(at({ now_ms, notBefore_ms: now_ms + 7 }), now_ms + 7);
  const end_ms = CREATED_MS + policy.expire_ms;
  assert.equal(at({ now_ms: end_ms - 10, notBefore_ms: end_ms + HOUR_MS }), end_ms);
});

const lines = [
  { reply: later, host: "mx.test", want: "450 4.2.0 mx.test said: Later" },
  { reply: later, host: undefined, want: "450 4.2.0 Later" },
  { reply: { code: 250, lines: ["a", "b"] }, host: undefined, want: "250 a b" },
  {
    reply: { code: 550, lines: ["x\r\nBcc: y\u202e"] },
    host: undefined,
    want: "550 x\\u000d\\u000aBcc: y\\u202e",
  },
];
for (const { reply: answer, host, want } of lines) {
  test(`reply line: ${want}`, () => assert.equal(replyLine(answer, host), want));
}

test("reply line and diagnostic: a flood of text is cut", () => {
  const flood: Reply = { code: 550, lines: Array.from({ length: 1000 }, () => "x".repeat(5000)) };
  assert.ok(replyLine(flood).length < 600);
  const quoted = diagnosticLines(flood);
  assert.ok(quoted.length === 10 && quoted.every((line) => line.length < 500));
});

const statuses = [
  { code: 550, enhanced: "5.1.1", want: "5.1.1" },
  { code: 550, enhanced: "4.1.1", want: "5.0.0" },
  { code: 450, enhanced: undefined, want: "4.0.0" },
  { code: 250, enhanced: undefined, want: "2.0.0" },
  { code: 354, enhanced: undefined, want: "4.0.0" },
  { code: 550, enhanced: "5.1.1\r\nx", want: "5.0.0" },
];
for (const { code, enhanced, want } of statuses) {
  test(`status of ${code} ${JSON.stringify(enhanced)}`, () =>
    assert.equal(statusOf({ code, ...(enhanced === undefined ? {} : { enhanced }) }), want));
}

test("diagnostic lines are the reply as it came (RFC 3461 §9.2)", () => {
  const answer = { code: 550, lines: ["mailbox unavailable", "user has moved with no forwarding address"] };
  assert.deepEqual(diagnosticLines(answer), [
    "550-mailbox unavailable",
    "550 user has moved with no forwarding address",
  ]);
  assert.deepEqual(diagnosticLines({ code: 250, lines: [] }), ["250"]);
});

const failure = { detail: "it broke", ambiguous: false };
const failures = [
  { name: "no connection", kind: "connect", temporary: true, want: "451 4.4.1 h: it broke" },
  {
    name: "timeout after the dot",
    kind: "timeout",
    temporary: false,
    ambiguous: true,
    want: "451 4.4.2 h: it broke",
  },
  {
    name: "greeting for good",
    kind: "greeting",
    temporary: false,
    reply: reply(554, "5.7.1", "Blocked"),
    want: "554 5.7.1 Blocked",
  },
  {
    name: "greeting later",
    kind: "greeting",
    temporary: true,
    reply: reply(421, "4.3.2", "Busy"),
    want: "421 4.3.2 Busy",
  },
  {
    name: "login refused for good still waits",
    kind: "login",
    temporary: false,
    reply: reply(535, "5.7.8", "No"),
    want: "451 4.7.8 h: it broke",
  },
  {
    name: "login put off",
    kind: "login",
    temporary: true,
    reply: reply(454, "4.7.0", "Later"),
    want: "454 4.7.0 Later",
  },
  { name: "TLS", kind: "tls", temporary: false, want: "451 4.7.5 h: it broke" },
  {
    name: "lacks what the message needs",
    kind: "unsupported",
    temporary: false,
    want: "554 5.6.3 h: it broke",
  },
] as const;
for (const { name, want, ...rest } of failures) {
  test(`failure: ${name}`, () => {
    const { code, enhanced, lines: text } = failureReply("h", { ...failure, ...rest });
    assert.equal(`${code} ${enhanced} ${text.join(" ")}`, want);
  });
}
