import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { randomFacts, randomLists, randomWorld } from "../../test/policy/random-rules.ts";
import { STRANGER } from "../../test/policy/stranger.ts";
import type { Judgement } from "../journal/record.ts";
import { liveAsk } from "./ask.ts";
import { evaluate } from "./evaluate.ts";
import type { PolicyFacts } from "./facts.ts";
import { readPolicy, type PolicyLists } from "./policy-lists.ts";
import { recordedCommands, replay, type Recorded } from "./replay.ts";
import type { Fates } from "./replay-fates.ts";
import { mergeReplays } from "./replay-merge.ts";
import { TableShelf } from "./table-shelf.ts";

const listsOf = (client: string): PolicyLists => readPolicy({ client: { text: client } }).lists;

async function record(lists: PolicyLists, facts: PolicyFacts, seed: number): Promise<Recorded> {
  const { decision, steps, asked } = await evaluate(lists, "rcpt", facts, liveAsk(randomWorld(seed)));
  const judgement: Judgement = { at_ms: 0, command: "rcpt", decision, steps, asked };
  const kept = JSON.stringify({ id: "s1", messages: ["m1"], judgements: [{ ...judgement, facts }] });
  const [recorded] = recordedCommands(kept);
  assert.ok(recorded, kept);
  assert.deepEqual(recorded.facts, { ...facts });
  return recorded;
}

const FACTS: PolicyFacts = {
  ...STRANGER,
  clientAddress: "192.0.2.1",
  reverseClientName: "mx.example.com",
  reverseClientNameState: "ok",
  sender: "a@b.example",
  encrypted: false,
};

test("counts what stays, what changes and what was never asked", async () => {
  const before = await record(listsOf("reject_unknown_reverse_client_hostname"), FACTS, 1);
  assert.equal(before.judgement.decision, "permit");
  const same = await replay([before], listsOf("permit"));
  assert.deepEqual([same.judged, same.same, same.unknown, same.changes], [1, 1, 0, {}]);
  const changed = await replay([before, before], listsOf("reject_unknown_client_hostname"));
  assert.deepEqual(changed.changes, { "permit -> defer": 2 });
  assert.equal(changed.examples[0]?.decidedBy, "reject_unknown_client_hostname");
  const unknown = await replay([before], listsOf("reject_rbl_client psbl.surriel.com=127.0.0.2"));
  assert.equal(unknown.unknown, 1);
  assert.equal(unknown.same, 0);
  assert.deepEqual(unknown.neverAsked, { "list psbl.surriel.com": 1, "dns A psbl.surriel.com": 1 });
});

test("tables of the new rules are asked anew, others answer as recorded", async () => {
  const before = await record(listsOf("dunno"), FACTS, 1);
  const lists = listsOf("check_client_access hash:new");
  assert.equal((await replay([before], lists)).unknown, 1);
  const tables = new TableShelf(lists.settings);
  tables.load("new", "indexed", "192.0.2 REJECT");
  assert.deepEqual((await replay([before], lists, { tables })).changes, { "permit -> reject": 1 });
});

test("commands that rules do not judge are passed over", async () => {
  const before = await record(listsOf("permit"), FACTS, 1);
  const helo = { ...before, judgement: { ...before.judgement, command: "helo" } } as Recorded;
  assert.equal((await replay([helo], listsOf("reject"))).judged, 0);
});

test("where nothing stays unknown, the replay comes to what a fresh judgement comes to", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(randomLists, randomLists, randomFacts, fc.nat(10_000), async (old, now, facts, seed) => {
      const recorded = await record(old, facts, seed);
      const again = await replay([recorded], now);
      const fresh = await evaluate(now, "rcpt", facts, liveAsk(randomWorld(seed)));
      if (again.unknown > 0) return;
      compared++;
      const change = again.examples[0]?.becomes ?? recorded.judgement.decision;
      assert.equal(change, fresh.decision);
    }),
    { numRuns: 500 },
  );
  assert.ok(compared > 100, `${compared}`);
});

test("steps are passed over, whatever they quote, and nothing else is", () => {
  const judgement = { command: "rcpt", decision: "permit", asked: [], facts: FACTS };
  const evidence = { text: '],"asked":[', more: '"steps":[' };
  const steps = [{ stage: "helo", rule: 'x "steps":[', verdict: "dunno", evidence }];
  const asked = [{ kind: "dns", question: "A a", answer: { steps: [1], asked: ["x"] } }];
  const all = [
    { ...judgement, steps, asked },
    { asked, steps, command: "rcpt", decision: "permit", facts: FACTS },
    { ...judgement, steps: [], asked },
  ];
  const found = recordedCommands(JSON.stringify({ id: "s", messages: ["m"], judgements: all }));
  assert.equal(found.length, 3);
  for (const [i, { judgement, facts }] of found.entries()) {
    assert.deepEqual(facts, FACTS);
    assert.deepEqual(judgement.asked, all[i]?.asked);
  }
});

test("parts judged one by one come to what the whole comes to", async () => {
  const before = await record(listsOf("dunno"), FACTS, 1);
  const other = { ...before, facts: { ...FACTS, clientAddress: "192.0.2.2" }, messages: ["m2"] };
  const fates: Fates = new Map([
    ["m1", [{ login: "you@example.org", event: "read" }]],
    ["m2", [{ login: "you@example.org", event: "to-junk" }]],
  ]);
  const judge = (recorded: readonly Recorded[]) =>
    replay(recorded, listsOf("reject_unknown_client_hostname, reject_rbl_client bl.example"), { fates });
  const parts = [[before, before], [], [other]];
  assert.deepEqual(mergeReplays(await Promise.all(parts.map(judge))), await judge(parts.flat()));
  assert.equal((await judge(parts.flat())).missed.length, 3);
});

test("facts that are not whole are not judged", () => {
  const judgement: Judgement = { at_ms: 0, command: "rcpt", decision: "permit", steps: [], asked: [] };
  for (const facts of [
    undefined,
    null,
    "x",
    {},
    { ...FACTS, spf: "perhaps" },
    { ...FACTS, mayRelay: "yes" },
  ]) {
    assert.deepEqual(
      recordedCommands(JSON.stringify({ id: "s", messages: [], judgements: [{ ...judgement, facts }] })),
      [],
    );
  }
});

test("texts that are no session, or not a whole one, hold no commands", () => {
  const whole = {
    id: "s",
    messages: [],
    judgements: [{ command: "rcpt", decision: "permit", asked: [], facts: FACTS }],
  };
  assert.equal(recordedCommands(JSON.stringify(whole)).length, 1);
  const [judgement] = whole.judgements;
  const others: unknown[] = [
    null,
    1,
    [],
    {},
    "x",
    { ...whole, id: 1 },
    { ...whole, messages: [1] },
    { ...whole, judgements: {} },
  ];
  for (const more of [
    { command: "noop" },
    { decision: "maybe" },
    { asked: undefined },
    { asked: [null] },
    { asked: [{ kind: "dns" }] },
  ])
    others.push({ ...whole, judgements: [{ ...judgement, ...more }, null, 7] });
  for (const other of others) assert.deepEqual(recordedCommands(JSON.stringify(other)), []);
  for (const text of ["", "{", "\0", "x".repeat(2_000_000)]) assert.deepEqual(recordedCommands(text), []);
});
