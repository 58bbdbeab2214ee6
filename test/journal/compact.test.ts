import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compacted, expanded, withFacts } from "../../src/journal/compact.ts";
import { decodeRecord } from "../../src/journal/decode.ts";
import { encodeRecord } from "../../src/journal/encode.ts";
import { DEFAULT_PRIVACY } from "../../src/journal/privacy.ts";
import type { JournalRecord, Judgement, Stage, StepVerdict } from "../../src/journal/record.ts";

const STAGES: readonly Stage[] = ["connect", "helo", "sender", "relay", "recipient", "data", "content"];
const VERDICTS: readonly StepVerdict[] = ["dunno", "dunno", "dunno", "reject", "tag", "would-defer"];
const plain = fc.oneof(fc.string({ maxLength: 20 }), fc.boolean(), fc.integer());
const words = fc.dictionary(fc.constantFrom("helo", "sender", "recipient", "spf", "count"), plain);
const step = fc.record(
  {
    stage: fc.constantFrom(...STAGES),
    rule: fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom("permit_mynetworks", "a\nb", " x", "")),
    verdict: fc.constantFrom(...VERDICTS),
    reason: fc.constantFrom("no-entry", "listed"),
    evidence: fc.oneof(fc.constant({}), words),
  },
  { requiredKeys: ["stage", "rule", "verdict", "evidence"] },
);
const answer = fc.oneof(
  fc.constantFrom("none", "on", 0, null),
  fc.record({ kind: fc.constant("nxdomain"), ttl_s: fc.nat(), authenticated: fc.boolean() }),
  fc.record({ kind: fc.constant("records"), records: fc.array(fc.string()), ttl_s: fc.nat() }),
);
const asked = fc.record({
  kind: fc.constantFrom("dns", "dns", "table", "list"),
  question: fc.string(),
  answer,
});
const judgement = fc.record(
  {
    at_ms: fc.nat(),
    command: fc.constantFrom("rcpt" as const, "data" as const),
    facts: words,
    steps: fc.array(step, { maxLength: 5 }),
    asked: fc.array(asked, { maxLength: 5 }),
    decision: fc.constantFrom("permit" as const, "reject" as const),
  },
  { requiredKeys: ["at_ms", "command", "steps", "asked", "decision"] },
);

const session = (judgements: readonly Judgement[]): JournalRecord => ({
  kind: "session",
  id: "s1",
  at_ms: 1,
  facts: {
    session: "s1",
    profile: "mx",
    clientAddress: "192.0.2.1",
    clientName: "unknown",
    reverseClientName: "unknown",
  },
  judgements,
  messages: [],
});

/** As JSON has it: no undefined fields, no prototypes. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("what is written down briefly is read in full", () => {
  fc.assert(
    fc.property(fc.array(judgement, { maxLength: 5 }), (judgements) => {
      const record = session(judgements as readonly Judgement[]);
      const read = decodeRecord(encodeRecord(record, DEFAULT_PRIVACY));
      assert.deepEqual(asJson(read), asJson(record));
      assert.deepEqual(asJson(withFacts(judgements)), asJson(judgements), "records in full stay as they are");
    }),
  );
});

test("a usual session takes less than half of the room", () => {
  const facts = {
    clientAddress: "192.0.2.1",
    helo: "mail.example.org",
    sender: "a@example.org",
    spf: "none",
  };
  const steps = Array.from({ length: 20 }, (_, i) => ({
    stage: "recipient" as const,
    rule: `reject_rule_${i}`,
    verdict: "dunno" as const,
    ...(i % 3 === 0 ? { reason: "no-entry" } : {}),
    evidence: {},
  }));
  const asked = Array.from({ length: 8 }, (_, i) => ({
    kind: "dns",
    question: `A 1.2.0.192.list${i}.example`,
    answer: { kind: "nxdomain", ttl_s: 60, authenticated: false },
  }));
  const one = { at_ms: 1, command: "rcpt", facts, steps, asked, decision: "permit" } as const;
  const record = session([one, { ...one, facts: { ...facts, spf: "pass" } }]);
  const whole = JSON.stringify(record).length;
  assert.ok(JSON.stringify(compacted(record)).length * 2 < whole);
  assert.deepEqual(decodeRecord({ body: JSON.stringify(record) }), record, "as older servers wrote it");
});

test("anything may come to be expanded", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (steps, facts) => {
      expanded(steps);
      const judgement_ = { steps, facts, asked: steps };
      expanded({ judgement: { asked: [steps, [], [facts], [steps, facts], [1, 2, 3, 4]] } });
      expanded({
        judgement: judgement_,
        judgements: [judgement_, facts, { ...judgement_, facts: { "=": facts } }],
      });
      expanded({
        judgements: [judgement_, facts, { facts: { "=": facts } }, { facts: { "=": [1, "a"], b: 1 } }],
      });
    }),
  );
});
