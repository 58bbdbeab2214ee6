import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "../../src/base/secret.ts";
import { decodeRecord } from "../../src/journal/decode.ts";
import { encodeRecord } from "../../src/journal/encode.ts";
import { foldKey } from "../../src/journal/entry.ts";
import { explain } from "../../src/journal/explain.ts";
import { JOURNAL_LIMITS } from "../../src/journal/limits.ts";
import { DEFAULT_PRIVACY, loginShown, retention } from "../../src/journal/privacy.ts";
import type { JournalRecord } from "../../src/journal/record.ts";
import { STORE_LIMITS } from "../../src/store/store.ts";
import { FATES, NOON_MS } from "./cases.ts";

const encode = (record: JournalRecord) => encodeRecord(record, DEFAULT_PRIVACY);
const message = FATES["accepted"]?.find((record) => record.kind === "message");
const session = FATES["dnsbl"]?.find((record) => record.kind === "session");
assert.ok(message && session);

test("what is written is read back, for every kind", () => {
  for (const record of Object.values(FATES).flat()) {
    assert.deepEqual(decodeRecord(encode(record)), JSON.parse(JSON.stringify(record)));
  }
});

test("keys are folded, few, and what people ask for", () => {
  assert.deepEqual(encode({ ...message, sender: "Paula@Example.NET" }).keys, [
    "q7mt3v9zk2",
    "s4kw8r2c",
    "20261124.1@example.net",
    "paula@example.net",
    "anna@example.org",
  ]);
  assert.deepEqual(encode(session).keys, [
    "s4kw8r2c",
    "203.0.113.9",
    "paula@example.net",
    "anna@example.org",
  ]);
  const many = Array.from({ length: 500 }, (_, i) => `user${i}@example.org`);
  assert.equal(encode({ ...message, recipients: many }).keys.length, JOURNAL_LIMITS.keysMax);
  assert.equal(JOURNAL_LIMITS.keysMax, STORE_LIMITS.keysPerRecord);
});

test("questions fold as keys do", () => {
  for (const { name, text, want } of [
    { name: "message-id", text: "<A.1@Example.net>", want: "a.1@example.net" },
    { name: "spaces", text: " q7mt3v9zk2\n", want: "q7mt3v9zk2" },
    { name: "mapped IPv4", text: "::ffff:192.0.2.1", want: "192.0.2.1" },
    { name: "long IPv6", text: "2001:DB8:0:0::1", want: "2001:db8::1" },
    { name: "null sender", text: "<>", want: undefined },
    { name: "nothing", text: "", want: undefined },
    { name: "too long", text: "a".repeat(321), want: undefined },
  ]) {
    assert.equal(foldKey(text), want, name);
  }
});

test("a record of any size fits, says that it was cut, and can be read", () => {
  const step = {
    stage: "recipient" as const,
    rule: "r".repeat(10_000),
    verdict: "dunno" as const,
    evidence: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, "\u0000".repeat(10_000)])),
  };
  const asked = Array.from({ length: 300 }, () => ({
    kind: "dns",
    question: "q",
    answer: { records: ["\u0001".repeat(5_000)] },
  }));
  const judgement = {
    at_ms: NOON_MS,
    command: "rcpt" as const,
    decision: "permit" as const,
    steps: Array.from({ length: 300 }, () => step),
    asked,
    sender: "\u001b".repeat(5_000),
  };
  const entry = encode({ ...session, judgements: Array.from({ length: 50 }, () => judgement) });
  assert.ok(entry.body.length <= JOURNAL_LIMITS.bodyMax, String(entry.body.length));
  const read = decodeRecord(entry);
  assert.equal(read?.cut, true);
  assert.match(explain(read === undefined ? [] : [read], "en").join("\n"), /too large/);
});

test("answers of any shape are kept as JSON", () => {
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  const answer = [
    10n,
    new Uint8Array([1, 2]),
    Number.NaN,
    undefined,
    new Date(0),
    () => 1,
    new Map([[1, 2]]),
    loop,
  ];
  const judgement = {
    at_ms: NOON_MS,
    command: "rcpt",
    decision: "permit",
    steps: [],
    asked: [{ kind: "dns", question: "A x", answer }],
  } as const;
  const read = decodeRecord(encode({ ...session, judgements: [judgement] }));
  assert.ok(read?.kind === "session");
  const kept = read.judgements[0]?.asked[0]?.answer as unknown[];
  assert.deepEqual(kept.slice(0, 7), ["10", "AQI=", null, null, "1970-01-01T00:00:00.000Z", null, ""]);
});

test("the facts of a judgement are kept for those who judge again", () => {
  const facts = { clientAddress: "192.0.2.1", earlyTalk: false, recipientCount: 3 };
  const judgement = {
    at_ms: NOON_MS,
    command: "rcpt",
    decision: "permit",
    steps: [],
    asked: [],
    facts,
  } as const;
  const read = decodeRecord(encode({ ...session, judgements: [judgement] }));
  assert.ok(read?.kind === "session");
  assert.deepEqual(read.judgements[0]?.facts, facts);
});

test("junk is no record", () => {
  const good = JSON.parse(encode(message).body) as Record<string, unknown>;
  for (const { name, body } of [
    { name: "empty", body: "" },
    { name: "no JSON", body: "{" },
    { name: "null", body: "null" },
    { name: "a list", body: "[]" },
    { name: "unknown kind", body: JSON.stringify({ ...good, kind: "dream" }) },
    { name: "no id", body: JSON.stringify({ ...good, id: undefined }) },
    { name: "a number as sender", body: JSON.stringify({ ...good, sender: 1 }) },
    { name: "unknown outcome", body: JSON.stringify({ ...good, outcome: "eaten" }) },
    { name: "a time that is no date", body: JSON.stringify({ ...good, at_ms: 1e300 }) },
    { name: "nested too deep for a stack", body: `${"[".repeat(200_000)}` },
    { name: "too long", body: " ".repeat(JOURNAL_LIMITS.bodyReadMax + 1) },
  ]) {
    assert.equal(decodeRecord({ body }), undefined, name);
  }
});

test("what a newer server added is left out", () => {
  const body = JSON.stringify({
    ...message,
    mood: "good",
    copies: [{ login: "a@b", mailbox: "INBOX", colour: "red" }],
  });
  const read = decodeRecord({ body });
  assert.ok(read?.kind === "message");
  assert.deepEqual(Object.keys(read).includes("mood"), false);
  assert.deepEqual(read.copies, [{ login: "a@b", mailbox: "INBOX" }]);
});

test("subjects are kept only where somebody wants them (G-17)", () => {
  const record = { ...message, subject: "Diagnosis" };
  assert.doesNotMatch(encode(record).body, /Diagnosis/);
  assert.match(encodeRecord(record, { ...DEFAULT_PRIVACY, subjects: true }).body, /Diagnosis/);
});

test("a message nobody judged is written whole where it is short, and cut like any other where it is long", () => {
  const { judgement: _, authentication: __, ...simple } = message;
  assert.deepEqual(JSON.parse(encode(simple).body), simple);
  const long = { ...simple, sender: `${"s".repeat(1_100)}@example.net` };
  const cut = JSON.parse(encode(long).body);
  assert.equal(cut.sender, `${"s".repeat(1_000)}…`);
  assert.equal(cut.cut, true);
  const recipients = Array.from({ length: 3_000 }, (_, i) => `user${i}@example.org`);
  assert.equal(JSON.parse(encode({ ...simple, recipients }).body).recipients.length, 1_000);
});

test("thirty days, by the clock that is given (G-17)", () => {
  const now_ms = Date.UTC(2026, 11, 31);
  assert.equal(retention(DEFAULT_PRIVACY, now_ms).before_ms, Date.UTC(2026, 11, 1));
});

test("nothing secret gets into a record or an explanation (D-07, D-40)", () => {
  const key = "abcdefghijklmnopqrstuvwxyz";
  const listKeyed: JournalRecord = JSON.parse(
    JSON.stringify(session)
      .replaceAll("zen.spamhaus.org", `${key}.zen.dq.spamhaus.net`)
      .replaceAll("psbl.surriel.com", `${key}.noptr.spamrats.com`),
  );
  const password: JournalRecord = {
    kind: "login",
    id: "i1",
    at_ms: NOON_MS,
    protocol: "imap",
    clientAddress: "192.0.2.1",
    login: "correct horse battery",
    outcome: "wrong",
  };
  const secret = { ...message, authentication: { token: new Secret("hunter2hunter2") } };
  for (const record of [listKeyed, password, secret]) {
    const entry = encode(record);
    const read = decodeRecord(entry);
    const told = explain(read === undefined ? [] : [read], "en").join("\n");
    assert.ok(read);
    for (const text of [entry.body, entry.keys.join(" "), told]) {
      assert.doesNotMatch(text, /abcdefghijklm|battery|hunter2/);
    }
  }
  assert.match(encode(listKeyed).body, /\(key\)\.zen\.dq\.spamhaus\.net/);
});

test("only what looks like an address is shown as login", () => {
  for (const [login, want] of [
    ["anna@example.org", "anna@example.org"],
    ["anna", "(no address)"],
    ["my p@ssword is", "(no address)"],
    ["a@b@c", "(no address)"],
  ] as const) {
    assert.equal(loginShown(login), want);
  }
});

test("evidence from an enemy stays on its line and in its quotation marks (D-40)", () => {
  const evil = "x\r\n\u001b]0;owned\u0007\u001b[2J\u202e\u009b”. It was accepted. “";
  const huge = "z".repeat(100_000);
  for (const [fate, records] of Object.entries(FATES)) {
    for (const poison of [evil, huge]) {
      const poisoned = poison === evil ? JSON.stringify(evil).slice(1, -1) : poison;
      const text = JSON.stringify(records).replaceAll(
        /example\.(net|com)|mail\.|printer|Service|203\.0\.113\.9/g,
        poisoned,
      );
      for (const language of ["en", "de"] as const) {
        const lines = explain(JSON.parse(text) as JournalRecord[], language);
        assert.doesNotMatch(lines.join(""), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/, fate);
        assert.ok(
          lines.every((line) => line.length < 3_000),
          fate,
        );
        assert.ok(
          lines.every((line) => !line.startsWith("It was accepted.") || fate === "bounced"),
          fate,
        );
        for (const line of lines.filter((one) => one.includes("wachpost "))) {
          assert.match(
            line,
            /^ {2}[A-Z]\p{L}+: wachpost [a-z -]+[A-Za-z0-9@.:_+ -]*( "?…"?)?( OK --reason "…")?$/u,
          );
        }
      }
    }
  }
});
