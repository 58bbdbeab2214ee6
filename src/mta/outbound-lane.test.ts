import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultQueuePolicy as policy } from "../queue/schedule.ts";
import type { TryEnd } from "../queue/judge.ts";
import type { RemoteFailure, RemoteSession } from "../smtp/remote.ts";
import { reply } from "../smtp/reply.ts";
import { Lane, type Job, type OpenSession } from "./outbound-lane.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { Tally } from "./outbound-tally.ts";

const NOW_MS = 1_700_000_000_000;
const lane = (): Lane => new Lane({ kind: "mx", key: "x.test", domain: "x.test" }, policy);

function job(since_ms: number, change: { attempts?: number; nextAttempt_ms?: number } = {}): Job {
  const recipient = {
    index: 0,
    address: "a@x.test",
    state: "pending" as const,
    attempts: 0,
    nextAttempt_ms: NOW_MS,
    delayNoticeSent: false,
    ...change,
  };
  const entry = {
    id: "q",
    from: "",
    smtpUtf8: false,
    body: "7BIT" as const,
    created_ms: NOW_MS,
    blob: "b",
    size_octets: 1,
    held: false,
    recipients: [recipient],
  };
  return { entry, recipients: [recipient], since_ms };
}

const end: TryEnd = { reply: reply(451, "4.4.1", "no connection"), saidByHost: false, onSuccess: "relayed" };

test("a second connection waits until the first one has shown that the destination answers", () => {
  const it = lane();
  for (let i = 0; i < 9; i++) it.add(job(NOW_MS));
  assert.equal(it.wantsMore(NOW_MS, 5), true);
  it.begin();
  assert.equal(it.wantsMore(NOW_MS, 5), false);
  it.reached();
  assert.equal(it.wantsMore(NOW_MS, 5), true);
});

test("more connections only while two messages wait for each, and never more than allowed", () => {
  const it = lane();
  it.reached();
  for (let i = 0; i < 100; i++) it.add(job(NOW_MS));
  let connections = 0;
  for (; it.wantsMore(NOW_MS, 5); connections++) {
    it.begin();
    it.next();
  }
  assert.equal(connections, 5);
  const short = lane();
  short.reached();
  for (let i = 0; i < 3; i++) short.add(job(NOW_MS));
  short.begin();
  short.next();
  assert.equal(short.wantsMore(NOW_MS, 5), true);
  short.begin();
  short.next();
  assert.equal(short.wantsMore(NOW_MS, 5), false);
  assert.equal(short.wantsMore(NOW_MS + OUTBOUND_LIMITS.patience_ms, 5), true);
});

test("an unreachable destination is left alone, longer each time; an answer ends that", () => {
  const it = lane();
  assert.equal(it.pauseFor(job(NOW_MS), NOW_MS), undefined);
  const first_ms = it.unreachable(NOW_MS, end);
  assert.equal(it.pauseFor(job(NOW_MS), NOW_MS + first_ms - 1)?.until_ms, NOW_MS + first_ms);
  assert.equal(it.pauseFor(job(NOW_MS), NOW_MS + first_ms), undefined);
  assert.equal(it.unreachable(NOW_MS + 1, end), first_ms, "failures at the same time are one");
  assert.ok(it.unreachable(NOW_MS + 1 + first_ms, end) > first_ms);
  it.reached();
  assert.equal(it.pauseFor(job(NOW_MS), NOW_MS + first_ms + 1), undefined);
  assert.equal(it.unreachable(NOW_MS, end), first_ms);
});

test("the operator's flush reaches through a pause; what the pause put off does not", () => {
  const it = lane();
  it.unreachable(NOW_MS, end);
  const flushed = job(NOW_MS, { attempts: 2, nextAttempt_ms: NOW_MS + 1 });
  const dueBefore = job(NOW_MS, { attempts: 2, nextAttempt_ms: NOW_MS - 1 });
  const fresh = job(NOW_MS, { attempts: 0, nextAttempt_ms: NOW_MS + 1 });
  const paused = [flushed, dueBefore, fresh].map((one) => it.pauseFor(one, NOW_MS + 2) !== undefined);
  assert.deepEqual(paused, [false, true, true]);
});

const session = (usable = true): RemoteSession => ({
  host: { name: "h", address: "192.0.2.1", port: 25 },
  extensions: new Map(),
  usable,
  send: async () => ({ ok: true, value: [] }),
  [Symbol.asyncDispose]: async () => {},
});
const open = (change: Partial<OpenSession> = {}): OpenSession => ({
  session: session(),
  security: "opportunistic",
  opened_ms: NOW_MS,
  messages: 1,
  idleSince_ms: NOW_MS,
  ...change,
});

const kept = [
  { name: "fresh", open: open(), want: true },
  { name: "closed by the other side", open: open({ session: session(false) }), want: false },
  { name: "many messages", open: open({ messages: OUTBOUND_LIMITS.messagesPerSession }), want: false },
  { name: "old", open: open({ opened_ms: NOW_MS - OUTBOUND_LIMITS.session_ms }), want: false },
];
for (const { name, open: one, want } of kept) {
  test(`connection kept: ${name}`, () => assert.equal(lane().keepIdle(one, NOW_MS), want));
}

test("idle connections are handed out once and given up when stale", () => {
  const it = lane();
  it.keepIdle(open(), NOW_MS);
  it.keepIdle(open(), NOW_MS + 10);
  assert.equal(it.takeIdleSince(NOW_MS).length, 1);
  assert.ok(it.takeIdle());
  assert.equal(it.takeIdle(), undefined);
  assert.equal(it.isForgettable(NOW_MS), true);
});

// what each recipient's end is

const host = (name: string) => ({ name, address: "192.0.2.1", port: 25 });
const failure = (change: Partial<RemoteFailure> = {}): RemoteFailure => ({
  kind: "connect",
  detail: "refused",
  temporary: true,
  ambiguous: false,
  ...change,
});
const tallyOf = (...addresses: string[]): Tally =>
  new Tally({
    from: "me@ours.test",
    recipients: addresses.map((address) => ({ address })),
    size_octets: 1,
    body: "7BIT",
    smtpUtf8: false,
    octets: async function* () {},
  });
const shown = (tally: Tally): string[] =>
  tally.ends().map(({ reply: { code }, host: name }) => `${code} ${name}`);

test("tally: only who was put off is asked again, at the next host", () => {
  const tally = tallyOf("a", "b", "c");
  tally.replied(
    host("h1"),
    [reply(250, "2.0.0", ""), reply(450, "4.2.0", ""), reply(550, "5.1.1", "")],
    true,
    "dane",
  );
  assert.deepEqual(tally.message().recipients, [{ address: "b" }]);
  assert.equal(tally.isSettled(), false);
  tally.replied(host("h2"), [reply(250, "2.0.0", "")], false, "none");
  assert.deepEqual(shown(tally), ["250 h1", "250 h2", "550 h1"]);
  assert.deepEqual(
    tally.ends().map(({ onSuccess }) => onSuccess),
    ["relayed-with-dsn", "relayed", "relayed-with-dsn"],
  );
  assert.deepEqual(
    tally.ends().map(({ security }) => security),
    ["dane", "none", "dane"],
  );
  assert.equal(tally.isSettled(), true);
});

test("tally: what was said about a recipient outweighs a host that does not answer", () => {
  const tally = tallyOf("a");
  tally.replied(host("h1"), [reply(450, "4.2.0", "greylisted")], false, "none");
  tally.failed(host("h2"), failure());
  assert.deepEqual(shown(tally), ["450 h1"]);
});

test("tally: one host that may answer later keeps the message alive, in either order", () => {
  const permanent = failure({ kind: "greeting", temporary: false, reply: reply(554, "5.7.1", "No") });
  for (const order of [
    [permanent, failure()],
    [failure(), permanent],
  ]) {
    const tally = tallyOf("a");
    for (const one of order) tally.failed(host("h"), one);
    assert.equal(tally.ends()[0]?.reply.code, 451);
    assert.equal(tally.isPermanent(), false);
  }
  const tally = tallyOf("a");
  tally.failed(host("h"), permanent);
  assert.deepEqual([tally.isPermanent(), tally.isSettled()], [true, false]);
  assert.equal(tally.ends()[0]?.saidByHost, true);
});

test("tally: missing replies leave a recipient for later", () => {
  const tally = tallyOf("a", "b");
  tally.replied(host("h"), [reply(250, "2.0.0", "")], false, "none");
  assert.deepEqual(shown(tally), ["250 h", "451 undefined"]);
});
