/** Whose message would have been missed: fates meet the commands of their own recipients only. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JournalRecord } from "../../src/journal/record.ts";
import { collectFate, FateCount, fatesOf, type Fates } from "../../src/policy/replay-fates.ts";
import { recordedCommands, type Recorded } from "../../src/policy/replay.ts";

const fate = (id: string, login: string, event: string): string =>
  JSON.stringify({ kind: "fate", id, at_ms: 1, login, event });

function collected(...bodies: readonly string[]): Fates {
  const fates = new Map();
  for (const body of bodies) collectFate(fates, body);
  return fates;
}

const FACTS = {
  clientAddress: "192.0.2.1",
  clientName: "unknown",
  clientNameState: "unknown",
  reverseClientName: "unknown",
  reverseClientNameState: "unknown",
  recipientCount: 0,
  encrypted: false,
  earlyTalk: false,
  heloIsOurs: false,
  recipientIsOurs: true,
  recipientExists: true,
  mayRelay: false,
  senderIsOurs: false,
  senderExists: true,
  senderOwner: "nobody",
};

/** The commands of a session that wrote to these people and brought these messages. */
function commands(messages: readonly string[], ...recipients: readonly string[]): readonly Recorded[] {
  const judgements = recipients.map((recipient) => ({
    at_ms: 1,
    command: "rcpt",
    decision: "permit",
    recipient,
    facts: FACTS,
    steps: [],
    asked: [],
  }));
  const found = recordedCommands(JSON.stringify({ id: "s", messages, judgements }));
  assert.equal(found.length, recipients.length);
  return found;
}

const eventsOf = (recorded: Recorded | undefined, fates: Fates): string[] =>
  recorded === undefined ? [] : [...fatesOf(recorded, fates).values()].flatMap((events) => [...events]);

test("each recipient speaks for himself, and an alias for who stands behind it", () => {
  const fates = collected(
    fate("m", "anna@example.org", "read"),
    fate("m", "bert@example.org", "to-junk"),
    fate("other", "anna@example.org", "answered"),
  );
  const [anna, bert] = commands(["m"], "Anna@example.org", "bert@example.org");
  assert.deepEqual(eventsOf(anna, fates), ["read"]);
  assert.deepEqual(eventsOf(bert, fates), ["to-junk"]);
  const [info, own] = commands(["m"], "info@example.org", "bert@example.org");
  assert.deepEqual(eventsOf(info, fates), ["read"], "Bert has a command of his own");
  assert.deepEqual(eventsOf(own, fates), ["to-junk"]);
  assert.deepEqual(eventsOf(commands([], "anna@example.org")[0], fates), []);
});

test("a message counts once, however many commands lead to it", () => {
  const fates = collected(fate("m", "x@example.org", "read"), fate("m", "y@example.org", "read"));
  const count = new FateCount();
  for (const recorded of commands(["m"], "all@example.org", "info@example.org"))
    count.add(fatesOf(recorded, fates));
  assert.deepEqual(count.counts, { read: 1 });
});

test("nothing that stands in a body breaks it", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((v) => JSON.stringify({ kind: "fate", ...(v as object) })),
      ),
      (body) => {
        const fates = new Map();
        collectFate(fates, body);
        for (const [id, list] of fates) {
          assert.equal(typeof id, "string");
          for (const { login, event } of list as JournalRecord[] & { login: string; event: string }[]) {
            assert.equal(typeof login, "string");
            assert.match(event, /^(read|answered|to-junk|from-junk|removed)$/);
          }
        }
        recordedCommands(body);
      },
    ),
  );
});

test("what the server removed when its time was over says nothing of its reader", () => {
  const fates = collected(fate("m", "anna@example.org", "expired"), fate("n", "anna@example.org", "read"));
  assert.deepEqual(eventsOf(commands(["m", "n"], "anna@example.org")[0], fates), ["read"]);
});
