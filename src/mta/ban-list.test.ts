import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import { networksOf } from "../policy/settings.ts";
import { Conduct } from "./ban-conduct.ts";
import { BanList, type Ban } from "./ban-list.ts";
import { greetingWatch } from "./ban-greeting.ts";
import { BAN_LIMITS, GREETING_LIMITS } from "./rate-limits.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? assert.fail(text);
const HOUR_MS = 3_600_000;
const BAD = ip("203.0.113.9");

test("a ban has an end, and each further one lasts longer, up to a day", () => {
  const clock = new ManualClock();
  const bans = new BanList(clock);
  const hours: number[] = [];
  for (let i = 0; i < 5; i++) {
    const ban = bans.ban(BAD, "guessed 30 passwords") ?? assert.fail("banned");
    const lasts_ms = (ban.until_ms ?? 0) - clock.now();
    hours.push(lasts_ms / HOUR_MS);
    clock.advance(lasts_ms - 1);
    assert.equal(bans.find(BAD)?.reason, "guessed 30 passwords");
    clock.advance(1);
    assert.equal(bans.find(BAD), undefined);
    assert.deepEqual(bans.list(), []);
  }
  assert.deepEqual(hours, [1, 4, 16, 24, 24]);
  clock.advance(BAN_LIMITS.memory_ms);
  assert.equal(bans.ban(BAD, "again")?.until_ms, clock.now() + HOUR_MS, "a week later all is forgotten");
});

for (const { name, banned, asked, want } of [
  { name: "the address", banned: "203.0.113.9", asked: "203.0.113.9", want: true },
  { name: "not its neighbour", banned: "203.0.113.9", asked: "203.0.113.10", want: false },
  { name: "the whole /64", banned: "2001:db8::1", asked: "2001:db8::ffff:1", want: true },
  { name: "not the next /64", banned: "2001:db8::1", asked: "2001:db8:0:1::1", want: false },
  { name: "never IPv4 loopback", banned: "127.0.0.5", asked: "127.0.0.5", want: false },
  { name: "never IPv6 loopback", banned: "::1", asked: "::1", want: false },
  { name: "never who is spared", banned: "198.51.100.7", asked: "198.51.100.7", want: false },
]) {
  test(`a ban meets ${name}`, () => {
    const bans = new BanList(new ManualClock());
    bans.spare(networksOf("198.51.100.0/24"));
    bans.ban(ip(banned), "probed");
    assert.equal(bans.find(ip(asked)) !== undefined, want);
  });
}

test("what an operator wrote stands: networks too, and without an end", () => {
  const clock = new ManualClock();
  const bans = new BanList(clock);
  bans.ban(BAD, "goes when the table says so");
  bans.replace([
    { network: "192.0.2.0/24", reason: "rented block", since_ms: 1 },
    { network: "198.51.100.1", reason: "one", since_ms: 2, until_ms: clock.now() + 10 },
    { network: "nonsense", reason: "", since_ms: 3 },
    { network: "127.0.0.0/8", reason: "a slip of the pen", since_ms: 4 },
  ]);
  assert.equal(bans.find(BAD), undefined);
  assert.equal(bans.find(ip("192.0.2.200"))?.reason, "rented block");
  assert.equal(bans.find(ip("198.51.100.1"))?.network, "198.51.100.1/32");
  assert.equal(bans.find(ip("127.0.0.1")), undefined);
  clock.advance(10);
  assert.equal(bans.find(ip("198.51.100.1")), undefined);
  bans.spare(networksOf("192.0.2.0/25"));
  assert.equal(bans.find(ip("192.0.2.1")), undefined, "the allow list is stronger");
  assert.notEqual(bans.find(ip("192.0.2.200")), undefined);
});

test("bans are bounded; the oldest goes", () => {
  const bans = new BanList(new ManualClock(), 3);
  for (let i = 1; i <= 5; i++) bans.ban(ip(`203.0.113.${i}`), "probed");
  assert.deepEqual(
    bans.list().map(({ network }) => network),
    ["203.0.113.3/32", "203.0.113.4/32", "203.0.113.5/32"],
  );
});

type Stage = {
  readonly clock: ManualClock;
  readonly bans: BanList;
  readonly conduct: Conduct;
  readonly told: Ban[];
};
function stage(): Stage {
  const clock = new ManualClock();
  const bans = new BanList(clock);
  const told: Ban[] = [];
  const conduct = new Conduct({ bans, clock, key: Buffer.alloc(32, 7), banned: (ban) => told.push(ban) });
  return { clock, bans, conduct, told };
}
const times = (n: number, work: (i: number) => void): void =>
  Array.from({ length: n }, (_, i) => i).forEach(work);

for (const { name, act, want } of [
  {
    name: "a list of passwords",
    act: ({ conduct }: Stage) => times(30, (i) => conduct.wrongLogin(BAD, "you@x", `p${i}`)),
    want: "guessed 30 passwords",
  },
  {
    name: "one password at many accounts",
    act: ({ conduct }: Stage) => times(30, (i) => conduct.wrongLogin(BAD, `u${i}@x`, "summer")),
    want: "guessed 30 passwords",
  },
  {
    name: "one guess fewer",
    act: ({ conduct }: Stage) => times(29, (i) => conduct.wrongLogin(BAD, "you@x", `p${i}`)),
    want: undefined,
  },
  {
    name: "a program that repeats its old password all day (S-18)",
    act: ({ conduct, clock }: Stage) =>
      times(1440, () => {
        conduct.wrongLogin(BAD, "you@x", "old");
        clock.advance(60_000);
      }),
    want: undefined,
  },
  {
    name: "guesses behind the address of somebody who has logged in (D-28)",
    act: ({ conduct }: Stage) => {
      conduct.rightLogin(BAD);
      times(100, (i) => conduct.wrongLogin(BAD, "you@x", `p${i}`));
    },
    want: undefined,
  },
  {
    name: "guesses spread over hours with rests between",
    act: ({ conduct, clock }: Stage) =>
      times(10, (hour) => {
        times(10, (i) => conduct.wrongLogin(BAD, "you@x", `p${hour}-${i}`));
        clock.advance(BAN_LIMITS.window_ms);
      }),
    want: undefined,
  },
  {
    name: "relay attempts",
    act: ({ conduct }: Stage) => times(10, () => conduct.relayAttempt(BAD)),
    want: "tried 10 times to relay",
  },
  {
    name: "a dictionary of users",
    act: ({ conduct }: Stage) => times(30, () => conduct.unknownRecipient(BAD)),
    want: "asked for 30 users who do not exist",
  },
  {
    name: "an old list whose other members exist",
    act: ({ conduct }: Stage) =>
      times(40, () => {
        conduct.unknownRecipient(BAD);
        conduct.goodRecipient(BAD);
      }),
    want: undefined,
  },
  {
    name: "early talk",
    act: ({ conduct }: Stage) => times(5, () => conduct.earlyTalk(BAD)),
    want: "talked before the banner 5 times",
  },
]) {
  test(`conduct: ${name}`, () => {
    const here = stage();
    act(here);
    assert.equal(here.bans.find(BAD)?.reason, want);
    assert.equal(here.told[0]?.reason, want);
    assert.ok(here.told.length <= 1, "told once");
  });
}

test("this machine can guess without being banned", () => {
  const { bans, conduct, told } = stage();
  times(100, (i) => conduct.wrongLogin(ip("127.0.0.1"), "you@x", `p${i}`));
  assert.deepEqual([bans.list(), told], [[], []]);
});

test("who waited for the banner once is known for a day; who talked is watched again", () => {
  const { clock, bans, conduct } = stage();
  const watch = greetingWatch({ bans, conduct, tally: () => "d1", clock }, "refuse");
  assert.equal(watch.standing(ip("127.0.0.1")), "spared");
  assert.equal(watch.standing(BAD), "unknown");
  watch.waited(BAD);
  assert.equal(watch.standing(BAD), "known");
  clock.advance(GREETING_LIMITS.passed_ms - 1);
  assert.equal(watch.standing(BAD), "known");
  clock.advance(1);
  assert.equal(watch.standing(BAD), "unknown");
  watch.waited(BAD);
  assert.deepEqual(watch.talked(BAD), { refusedAs: "d1" });
  assert.equal(watch.standing(BAD), "unknown");
  const noting = greetingWatch({ bans, conduct, tally: () => "d1", clock }, "note");
  times(20, () => assert.equal(noting.talked(BAD), "note"));
  assert.equal(bans.find(BAD), undefined, "what is only noted bans nobody");
});
