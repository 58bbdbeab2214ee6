/** What holds for every rule set, every session and every world. `FUZZ_RUNS` makes it longer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Reply } from "../../src/smtp/reply.ts";
import { liveAsk, replayingAsk } from "../../src/policy/ask.ts";
import type { Judged } from "../../src/policy/contract.ts";
import { evaluate, type Command } from "../../src/policy/evaluate.ts";
import { recordedCommands, replay } from "../../src/policy/replay.ts";
import { randomFacts, randomLists, randomWorld } from "./random-rules.ts";

const runs = { numRuns: Number(process.env["FUZZ_RUNS"] ?? 600) };
const seed = fc.nat(1_000_000);
const command = fc.constantFrom<Command>("rcpt", "rcpt", "data", "message", "connect");

test("no rule set lets a stranger relay, and none asks the world first (S-35)", async () => {
  await fc.assert(
    fc.asyncProperty(randomLists, randomFacts, seed, async (lists, facts, n) => {
      const stranger = { ...facts, recipientIsOurs: false, mayRelay: false };
      const judged = await evaluate(lists, "rcpt", stranger, liveAsk(randomWorld(n)));
      assert.notEqual(judged.decision, "permit");
      assert.equal(judged.asked.length, 0);
      if (facts.recipient !== undefined) {
        assert.equal(judged.reply?.code, 554);
        assert.equal(judged.decidedBy, "reject_unauth_destination");
      }
    }),
    runs,
  );
});

test("no rule set lets an unknown recipient of ours through", async () => {
  await fc.assert(
    fc.asyncProperty(randomLists, randomFacts, seed, async (lists, facts, n) => {
      const unknown = {
        ...facts,
        recipient: "nobody@example.org",
        recipientIsOurs: true,
        recipientExists: false,
      };
      const judged = await evaluate(lists, "rcpt", unknown, liveAsk(randomWorld(n)));
      assert.notEqual(judged.decision, "permit");
    }),
    runs,
  );
});

test("every judgement has a reply fit for the wire exactly where it refuses, and is plain data", async () => {
  await fc.assert(
    fc.asyncProperty(randomLists, command, randomFacts, seed, async (lists, what, facts, n) => {
      const judged = await evaluate(lists, what, facts, liveAsk(randomWorld(n)));
      assert.equal(judged.reply === undefined, judged.decision === "permit");
      if (judged.reply !== undefined) checkReply(judged, judged.reply);
      assert.deepEqual(JSON.parse(JSON.stringify(judged)), judged);
      const shadows = judged.steps.filter((step) => step.verdict.startsWith("would-"));
      assert.ok(shadows.every((step) => step.reason !== undefined));
    }),
    runs,
  );
});

function checkReply({ decision }: Judged, { code, enhanced, lines }: Reply): void {
  assert.equal(decision, code < 500 ? "defer" : "reject");
  assert.ok(code >= 400 && code <= 599);
  assert.match(enhanced ?? "", new RegExp(`^${Math.trunc(code / 100)}\\.[0-9]{1,3}\\.[0-9]{1,3}$`));
  for (const line of lines) assert.match(line, /^[\u0020-\u007e]{1,450}$/);
}

test("the same judgement comes out of the record, which leaves no question open (replay)", async () => {
  await fc.assert(
    fc.asyncProperty(randomLists, command, randomFacts, seed, async (lists, what, facts, n) => {
      const first = await evaluate(lists, what, facts, liveAsk(randomWorld(n)));
      const stored = JSON.parse(JSON.stringify(first)) as Judged;
      const { ask, unanswered } = replayingAsk(stored.asked);
      const second = await evaluate(lists, what, facts, ask);
      assert.deepEqual(unanswered, []);
      assert.deepEqual({ ...second, asked: [] }, { ...first, asked: [] });
    }),
    runs,
  );
});

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    [],
    { kind: "records" },
    { kind: "records", records: [null] },
    { kind: "records", records: [{ exchange: 1 }] },
    { kind: "records", records: "127.0.0.2" },
    { key: 1, value: null },
    { kind: "failure" },
  ),
);

test("stored records that somebody bent never crash a replay", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomLists,
      command,
      randomFacts,
      seed,
      fc.array(hostile, { minLength: 1, maxLength: 8 }),
      async (lists, what, facts, n, answers) => {
        const { asked } = await evaluate(lists, what, facts, liveAsk(randomWorld(n)));
        const bent = asked.map((fact, i) => ({ ...fact, answer: answers[i % answers.length] }));
        const judgement = { at_ms: 0, command: what, decision: "permit", steps: [], asked: bent, facts };
        const body = JSON.stringify({ id: "s", messages: [], judgements: [judgement, ...answers] });
        const result = await replay(recordedCommands(body), lists);
        assert.ok(result.judged >= 1);
        await replay(recordedCommands(JSON.stringify(answers[0])), lists);
      },
    ),
    runs,
  );
});
