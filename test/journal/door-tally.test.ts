/** Refusals at the door: the id a client was told is found at once, and no flood fills the journal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "../../src/base/clock.ts";
import { parseIp, type IpAddress } from "../../src/base/ip.ts";
import { silentLog } from "../../src/base/log.ts";
import { decodeRecord } from "../../src/journal/decode.ts";
import { DoorTally, type DoorRecord } from "../../src/journal/door-tally.ts";
import { encodeRecord } from "../../src/journal/encode.ts";
import { explain } from "../../src/journal/explain.ts";
import { findRelated } from "../../src/journal/find.ts";
import { JOURNAL_LIMITS } from "../../src/journal/limits.ts";
import { DEFAULT_PRIVACY } from "../../src/journal/privacy.ts";
import { BanList } from "../../src/mta/ban-list.ts";
import { door } from "../../src/mta/rate-door.ts";
import { ClientRates } from "../../src/mta/rate.ts";
import { openTemporary } from "../store/engine.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? assert.fail(text);
const numbered = (i: number): IpAddress => ip(`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`);

function stage() {
  const clock = new ManualClock();
  const records: DoorRecord[] = [];
  let ids = 0;
  const tally = new DoorTally({ add: (one) => void records.push(one), newId: () => `d${++ids}`, clock });
  return { clock, records, tally };
}

test("the first refusal is a record at once, those of the same minute are one more with the same id", () => {
  const { clock, records, tally } = stage();
  const about = { door: "smtp", address: ip("203.0.113.9"), reason: "connection-rate" } as const;
  assert.equal(tally.refused(about), "d1");
  assert.equal(records.length, 1);
  for (let i = 0; i < 999; i++) assert.equal(tally.refused(about), "d1");
  assert.equal(tally.refused({ ...about, address: ip("203.0.113.10") }), "d2");
  clock.advance(JOURNAL_LIMITS.doorWindow_ms);
  tally.settle();
  assert.deepEqual(
    records.map(({ id, count }) => [id, count]),
    [
      ["d1", 1],
      ["d2", 1],
      ["d1", 1000],
    ],
  );
  assert.equal(tally.refused(about), "d3", "a new minute");
});

test("addresses of one /64 are one client", () => {
  const { records, tally } = stage();
  for (let i = 0; i < 100; i++)
    tally.refused({ door: "smtp", address: ip(`2001:db8::${i + 1}`), reason: "banned" });
  assert.deepEqual(
    records.map(({ client }) => client),
    ["2001:db8::/64"],
  );
});

test("a day's flood of a hundred thousand clients stays below its share of the journal", () => {
  const { clock, records, tally } = stage();
  const { doorRecords, doorRecordsPerMinute } = JOURNAL_LIMITS;
  const minutes = 24 * 60;
  let octets = 0;
  for (let i = 0; i < 100_000; i++) {
    const id = tally.refused({ door: "smtp", address: numbered(i), reason: "connection-rate" });
    assert.ok(id !== "");
    clock.advance((minutes * 60_000) / 100_000);
  }
  tally[Symbol.dispose]();
  for (const record of records) {
    const { keys, body } = encodeRecord(record, DEFAULT_PRIVACY);
    octets += body.length + keys.join().length;
  }
  // Each named client has one or two records, and the nameless rest two a minute.
  assert.ok(records.length <= 2 * (doorRecords + (doorRecordsPerMinute + 2) * minutes), `${records.length}`);
  assert.ok(octets < 8_000_000, `${octets}`);
  const sum = [...new Map(records.map((one) => [one.id, one])).values()].reduce(
    (n, { count }) => n + count,
    0,
  );
  assert.equal(sum, 100_000, "nothing is lost");
});

test("the journal under a flood stays below its budget, and goes back there in bounded steps", async () => {
  const engine = await openTemporary();
  const { store } = engine;
  try {
    const budget = 200_000;
    const { tally, records, clock } = stage();
    for (let i = 0; i < 5_000; i++) {
      for (const reason of ["banned", "rate-limited", "early-talk"] as const)
        tally.refused({ door: "smtp", address: numbered(i), reason });
      clock.advance(6_000);
    }
    const entries = records.map((one) => encodeRecord(one, DEFAULT_PRIVACY));
    assert.ok(entries.length > 2_000);
    let removed = 0;
    for (let i = 0; i < entries.length; i += 500) {
      await store.journal.record(entries.slice(i, i + 500));
      removed += await store.journal.prune({ before_ms: 0, octets_max: budget });
    }
    const left = await store.journal.journalFind({ since_ms: 0, limit: 100_000 });
    const octets = left.reduce((sum, { keys, body }) => sum + body.length + JSON.stringify(keys).length, 0);
    assert.ok(removed > 0 && left.length > 0);
    assert.ok(octets <= budget, `${octets}`);
    assert.equal(removed + left.length, entries.length);
    assert.equal(left[0]?.id, entries.at(-1)?.id, "the newest stay");
  } finally {
    await engine.close();
  }
});

test("the id in the reply and the address lead to the refusal, its ban and the command that lifts it", async () => {
  const engine = await openTemporary();
  const { store } = engine;
  try {
    const { clock, records, tally } = stage();
    const bans = new BanList(clock);
    const keeper = door({
      name: "smtp",
      perClient: 2,
      seats: 3,
      rate: "connections",
      rates: new ClientRates(clock),
      bans,
      clock,
      log: silentLog,
      tally: (refusal) => tally.refused(refusal),
    });
    const guest = { idle_ms: () => 0, dismiss: () => {} };
    for (const address of ["203.0.113.9", "2001:db8::1"]) {
      bans.ban(ip(address), "guessed 30 passwords");
      const answer = keeper.admit(ip(address), guest);
      const id = /\((d[0-9]+)\)$/.exec(answer.ok ? "" : answer.text)?.[1] ?? "";
      await store.journal.record(records.splice(0).map((one) => encodeRecord(one, DEFAULT_PRIVACY)));
      for (const text of [id, address]) {
        const found = await findRelated({ text, now_ms: clock.now() }, store.journal);
        const network = address.includes(":") ? "2001:db8::/64" : "203.0.113.9/32";
        for (const language of ["en", "de"] as const) {
          const told = explain(found.records, language).join("\n");
          assert.ok(told.includes(`wachpost access remove bans ${network}`), told);
          assert.ok(told.includes("guessed 30 passwords") && told.includes(id), told);
        }
      }
    }
  } finally {
    await engine.close();
  }
});

test("a hostile record decodes to nothing or to one that can be told", () => {
  const field = fc.oneof(fc.string(), fc.double(), fc.jsonValue());
  const record = fc.record({
    kind: fc.constantFrom("door", "fate"),
    id: fc.oneof(fc.string(), field),
    at_ms: fc.oneof(fc.integer(), field),
    since_ms: fc.oneof(fc.integer(), field),
    door: fc.oneof(fc.string(), field),
    client: fc.oneof(fc.string(), fc.constant("$(reboot)"), field),
    login: fc.oneof(fc.string(), field),
    event: fc.oneof(fc.constantFrom("read", "removed"), field),
    reason: fc.oneof(fc.constantFrom("banned", "connection-rate", "early-talk"), field),
    count: fc.oneof(fc.integer(), field),
    ban: fc.oneof(fc.record({ network: fc.string(), offence: fc.string() }), field),
  });
  fc.assert(
    fc.property(record, (value) => {
      const read = decodeRecord({ body: JSON.stringify(value) });
      if (read === undefined) return;
      for (const language of ["en", "de"] as const)
        for (const line of explain([read], language)) {
          assert.ok(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(line), line);
          const command = /wachpost access \w+ \w+ (\S+)/.exec(line)?.[1];
          assert.match(command ?? "::", /^[0-9a-f.:]+(\/[0-9]+)?$/);
        }
    }),
    { numRuns: 500 },
  );
});
