/** Old mail goes when its time is over: on the real store, with time by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../../test/mailbox/house.ts";
import { ManualClock } from "../base/clock.ts";
import type { MailboxId } from "../base/mail-ids.ts";
import { clockInDoubt, expireMessages } from "./expiry.ts";
import { CLOCK_JUMP_MS, CLOCK_PROOF_MS, judgeClock, readBelief, type ClockBelief } from "./expiry-clock.ts";
import { MAILBOX_LIMITS, type MailboxLimits } from "./limits.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = 1_800_000_000_000;
const YEAR_MS = 365 * DAY_MS;

class Keeping {
  readonly clock = new ManualClock(START_MS);
  readonly house: House;

  private constructor(house: House, clock: ManualClock) {
    this.house = house;
    this.clock = clock;
  }

  static async open(): Promise<Keeping> {
    const clock = new ManualClock(START_MS);
    return new Keeping(await House.open({ clock }), clock);
  }

  async deliver(count: number, mailbox: string): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, (_, i) => this.house.deliver(`Subject: ${i}\r\n\r\n`, mailbox)),
    );
  }

  run(limits: Partial<MailboxLimits> = {}): Promise<number> {
    const { store, log } = this.house;
    return expireMessages({ store, clock: this.clock, log }, new AbortController().signal, {
      ...MAILBOX_LIMITS,
      ...limits,
    });
  }

  /** As the server does, every hour. */
  async days(count: number): Promise<number> {
    let removed = 0;
    for (let hours = 0; hours < count * 24; hours += 12) {
      this.clock.advance(12 * HOUR_MS);
      removed += await this.run();
    }
    return removed;
  }

  async left(): Promise<Record<string, number>> {
    const rows = await this.house.store.mail.mailboxes(this.house.identity.account);
    return Object.fromEntries(
      rows.flatMap(({ name, messages }) => (messages === 0 ? [] : [[name, messages]])),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]();
  }
}

test("a new account's Trash and Junk are emptied after thirty days, and nothing else is", async () => {
  await using at = await Keeping.open();
  for (const mailbox of ["INBOX", "Sent", "Drafts", "Archive", "Junk", "Trash"]) await at.deliver(2, mailbox);
  assert.equal(await at.days(29), 0);
  await at.deliver(1, "Junk");
  assert.equal(await at.days(2), 4);
  assert.deepEqual(await at.left(), { INBOX: 2, Sent: 2, Drafts: 2, Archive: 2, Junk: 1 });
  assert.match(JSON.stringify(at.house.log), /mailbox\.expired/);
  assert.equal(await at.days(28), 1);
});

test("one run removes so many and no more, and a full mailbox does not hold up the others", async () => {
  await using at = await Keeping.open();
  await at.deliver(25, "Junk");
  await at.deliver(3, "Trash");
  for (let i = 0; i < 31; i++) {
    at.clock.advance(DAY_MS);
    await at.run({ expiryRun: 0 });
  }
  const few = { expiryRun: 12, expiryMailbox: 10, expiryStep: 4 };
  assert.equal(await at.run(few), 12);
  assert.deepEqual(await at.left(), { Junk: 15, Trash: 1 });
  assert.equal(await at.run(few), 11);
  assert.equal(await at.run(few), 5);
  assert.deepEqual(await at.left(), {});
});

test("under legal hold nothing goes; afterwards what is old goes", async () => {
  await using at = await Keeping.open();
  const { store, identity } = at.house;
  await at.deliver(2, "Trash");
  await store.directory.changeAccount(identity.account, { legalHold: true });
  assert.equal(await at.days(60), 0);
  assert.deepEqual(await at.left(), { Trash: 2 });
  await store.directory.changeAccount(identity.account, { legalHold: false });
  assert.equal(await at.run(), 2);
});

test("a hold that comes between the look and the removal is in time", async () => {
  await using at = await Keeping.open();
  const { store, identity, log } = at.house;
  await at.deliver(3, "Trash");
  await at.days(29);
  at.clock.advance(2 * DAY_MS);
  const savedUntil = async (mailbox: MailboxId, at_ms: number, limit: number) => {
    const uids = await store.retention.savedUntil(mailbox, at_ms, limit);
    await store.directory.changeAccount(identity.account, { legalHold: true });
    return uids;
  };
  const retention = { ...store.retention, savedUntil };
  const tools = { store: { ...store, retention }, clock: at.clock, log };
  assert.equal(await expireMessages(tools, new AbortController().signal), 0);
  assert.deepEqual(await at.left(), { Trash: 3 });
});

test("a clock that jumps removes nothing; set right it goes on at once, gone on evenly for days it is believed", async () => {
  await using at = await Keeping.open();
  await at.deliver(2, "Trash");
  await at.run();
  at.clock.advance(3 * YEAR_MS);
  assert.equal(await at.run(), 0);
  const doubt = await clockInDoubt(at.house.store);
  assert.deepEqual([doubt?.believed_ms, doubt?.said_ms], [START_MS, START_MS + 3 * YEAR_MS]);
  assert.match(JSON.stringify(at.house.log), /expiry\.clock-doubted/);
  at.clock.advance(-3 * YEAR_MS);
  await at.run();
  assert.equal(await clockInDoubt(at.house.store), undefined);
  at.clock.advance(YEAR_MS);
  assert.equal(await at.days(6), 0);
  assert.deepEqual(await at.left(), { Trash: 2 });
  assert.equal(await at.days(2), 2);
  assert.equal(await clockInDoubt(at.house.store), undefined);
});

test("what comes while the clock is back in 1970 stays its time once the clock is right", async () => {
  await using at = await Keeping.open();
  await at.run();
  at.clock.advance(-START_MS);
  await at.deliver(2, "Junk");
  assert.equal(await at.run(), 0);
  at.clock.advance(START_MS + HOUR_MS);
  assert.equal(await at.days(29), 0);
  assert.deepEqual(await at.left(), { Junk: 2 });
  assert.equal(await at.days(2), 2);
});

const belief = (believed_ms: number, since_ms?: number, last_ms = since_ms): ClockBelief => ({
  believed_ms,
  ...(since_ms === undefined || last_ms === undefined ? {} : { doubt: { since_ms, last_ms } }),
});
const judged: readonly {
  readonly name: string;
  readonly before: ClockBelief | undefined;
  readonly now: number;
  readonly want: ClockBelief;
}[] = [
  { name: "the first look believes", before: undefined, now: 5, want: belief(5) },
  { name: "time goes on", before: belief(0), now: HOUR_MS, want: belief(HOUR_MS) },
  { name: "three days without power", before: belief(0), now: CLOCK_JUMP_MS, want: belief(CLOCK_JUMP_MS) },
  { name: "a little backwards", before: belief(DAY_MS), now: 0, want: belief(0) },
  { name: "a jump ahead", before: belief(0), now: CLOCK_JUMP_MS + 1, want: belief(0, CLOCK_JUMP_MS + 1) },
  { name: "a start in 1970", before: belief(START_MS), now: 0, want: belief(START_MS, 0) },
  { name: "1970 is over", before: belief(START_MS, 0), now: START_MS + 1, want: belief(START_MS + 1) },
  {
    name: "an hour of doubt",
    before: belief(0, YEAR_MS),
    now: YEAR_MS + HOUR_MS,
    want: belief(0, YEAR_MS, YEAR_MS + HOUR_MS),
  },
  {
    name: "doubt that has lasted",
    before: belief(0, YEAR_MS, YEAR_MS + CLOCK_PROOF_MS - HOUR_MS),
    now: YEAR_MS + CLOCK_PROOF_MS,
    want: belief(YEAR_MS + CLOCK_PROOF_MS),
  },
  {
    name: "a jump in the doubt begins a new one",
    before: belief(0, YEAR_MS, YEAR_MS + CLOCK_PROOF_MS - HOUR_MS),
    now: 2 * YEAR_MS,
    want: belief(0, 2 * YEAR_MS),
  },
];
for (const { name, before, now, want } of judged)
  test(`the clock: ${name}`, () => {
    assert.deepEqual(judgeClock(before, now), want);
    assert.deepEqual(readBelief(JSON.stringify(want)), want);
  });

test("what was kept of the clock and cannot be read is not known", () => {
  for (const text of [undefined, "", "{", "1", "null", "[]", '{"believed_ms":"1"}', '{"believed_ms":1.5}'])
    assert.equal(readBelief(text), undefined);
  for (const text of ['{"believed_ms":1,"doubt":7}', '{"believed_ms":1,"doubt":{"since_ms":1}}'])
    assert.deepEqual(readBelief(text), { believed_ms: 1 }, text);
});
