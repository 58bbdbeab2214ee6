/**
 * Properties of `src/journal` under random records: `node --test test/fuzz/journal.ts`; FUZZ_RUNS makes it longer.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeRecord } from "../../src/journal/decode.ts";
import { encodeRecord } from "../../src/journal/encode.ts";
import { explain } from "../../src/journal/explain.ts";
import { JOURNAL_LIMITS } from "../../src/journal/limits.ts";
import { DEFAULT_PRIVACY, withoutListKeys } from "../../src/journal/privacy.ts";
import type { JournalRecord } from "../../src/journal/record.ts";
import { reasonsWithWords } from "../../src/journal/words/catalogue.ts";
import { shown } from "../../src/journal/words/fill.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|\p{Cs}/u;

const text = fc.string({ unit: "binary", maxLength: 40 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const time = fc.integer({ min: 0, max: 4e12 });
const reason = fc.oneof(fc.constantFrom(...reasonsWithWords()), text);

const step = fc.record({
  stage: fc.constantFrom("connect", "helo", "sender", "relay", "recipient", "data", "content"),
  rule: fc.oneof(
    fc.constantFrom("check_client_access table:clients", "check_helo_access table:helos", "reject"),
    text,
  ),
  verdict: fc.constantFrom("permit", "dunno", "reject", "defer", "tag", "would-reject", "would-defer"),
  reason: optional(reason),
  evidence: fc.dictionary(
    fc.oneof(fc.constantFrom("zone", "domain", "helo", "table", "key"), text),
    fc.oneof(text, fc.integer(), fc.boolean()),
    { maxKeys: 5 },
  ),
});
const judgement = fc.record({
  at_ms: time,
  command: fc.constantFrom("connect", "helo", "mail", "rcpt", "data", "message"),
  sender: optional(text),
  recipient: optional(text),
  steps: fc.array(step, { maxLength: 5 }),
  asked: fc.array(fc.record({ kind: text, question: text, answer: fc.jsonValue() }), { maxLength: 3 }),
  decision: fc.constantFrom("permit", "reject", "defer"),
  decidedBy: optional(fc.oneof(fc.constant("reject"), text)),
  reply: optional(fc.record({ code: fc.integer({ min: 200, max: 599 }), text, reason: optional(reason) })),
});
const id = fc.constantFrom("a1", "b2", "c3");
const session = fc.record({
  kind: fc.constant("session"),
  id,
  at_ms: time,
  facts: fc.record({
    session: id,
    profile: fc.constantFrom("mx", "submission", "lmtp"),
    clientAddress: fc.oneof(fc.ipV4(), fc.ipV6(), text),
    clientName: text,
    reverseClientName: text,
    helo: optional(text),
  }),
  judgements: fc.array(judgement, { maxLength: 4 }),
  messages: fc.array(id, { maxLength: 2 }),
});
const message = fc.record({
  kind: fc.constant("message"),
  id,
  at_ms: time,
  session: id,
  sender: text,
  recipients: fc.array(text, { maxLength: 8 }),
  size_octets: fc.nat(),
  subject: optional(text),
  authentication: optional(fc.jsonValue()),
  outcome: fc.constantFrom("delivered", "junk", "queued", "rejected", "deferred"),
  copies: fc.array(fc.record({ login: text, mailbox: text }), { maxLength: 3 }),
  judgement: optional(judgement),
});
const others = fc.oneof(
  fc.record({
    kind: fc.constant("delivery"),
    id,
    at_ms: time,
    recipient: text,
    state: fc.constantFrom("delivered", "relayed", "deferred", "failed", "expired"),
    reply: text,
    host: optional(text),
    reason: optional(reason),
    security: optional(text),
  }),
  fc.record({
    kind: fc.constant("login"),
    id,
    at_ms: time,
    protocol: text,
    clientAddress: text,
    login: text,
    outcome: fc.constantFrom("ok", "wrong", "throttled", "disabled"),
  }),
  fc.record({
    kind: fc.constant("fate"),
    id,
    at_ms: time,
    login: text,
    event: fc.constantFrom("read", "answered", "to-junk", "from-junk", "removed"),
  }),
);
const record = fc.oneof(session, message, others) as fc.Arbitrary<JournalRecord>;

test("a record is bounded, and reads back as what was written, without what is not kept", () => {
  fc.assert(
    fc.property(record, (one) => {
      const entry = encodeRecord(one, { ...DEFAULT_PRIVACY, subjects: true });
      assert.ok(entry.body.length <= JOURNAL_LIMITS.bodyMax && entry.keys.length <= JOURNAL_LIMITS.keysMax);
      const read = decodeRecord(entry);
      assert.ok(read);
      if (one.kind !== "login" && read.cut !== true)
        assert.equal(
          JSON.stringify(sorted(read)),
          withoutListKeys(JSON.stringify(sorted(JSON.parse(JSON.stringify(one))))),
        );
    }),
    { numRuns },
  );
});

/** zod keeps the order of its schema, not ours. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, sorted(one)]),
  );
}

test("reading is total", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        fc.json(),
        record.map((one) => JSON.stringify(one).slice(0, -3)),
      ),
      (body) => {
        decodeRecord({ body });
      },
    ),
    { numRuns },
  );
});

test("explaining is total, one printable line per sentence, in both languages", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      for (const language of ["en", "de"] as const) {
        for (const line of explain(records, language, { zone: "Europe/Berlin" })) {
          assert.doesNotMatch(line, CONTROLS);
          assert.ok(line.length < 4_000);
        }
      }
    }),
    { numRuns },
  );
});

test("what is shown is printable, short, and cannot close its quotation", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 500 }), (value) => {
      const out = shown(value, "en");
      assert.doesNotMatch(out, CONTROLS);
      if (out.startsWith("“")) assert.doesNotMatch(out.slice(1, -1), /["“”]/);
      else assert.match(out, /^[A-Za-z0-9._:@/+=<>-]+$/);
    }),
    { numRuns: numRuns * 10 },
  );
});
