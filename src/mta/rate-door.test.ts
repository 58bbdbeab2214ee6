import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import { MemoryLog, silentLog } from "../base/log.ts";
import { networksOf } from "../policy/settings.ts";
import { BanList } from "./ban-list.ts";
import { door, handshakeBound, type DoorOptions } from "./rate-door.ts";
import { ClientRates } from "./rate.ts";
import { RATE_LIMITS } from "./rate-limits.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? assert.fail(text);

class TestGuest {
  idle = 0;
  dismissed = "";
  idle_ms(): number {
    return this.idle;
  }
  dismiss(text: string): void {
    this.dismissed = text;
  }
}

function made(more: Partial<DoorOptions> = {}) {
  const clock = new ManualClock();
  const log = new MemoryLog();
  const bans = new BanList(clock);
  const options: DoorOptions = {
    name: "smtp",
    tally: () => "d1",
    perClient: 2,
    seats: 3,
    rate: "connections",
    rates: new ClientRates(clock),
    bans,
    clock,
    log,
    ...more,
  };
  const doorkeeper = door(options);
  const enter = (address: string, guest = new TestGuest()) => {
    const answer = doorkeeper.admit(ip(address), guest);
    return { answer, text: answer.ok ? "in" : answer.text.split(":")[0], guest };
  };
  return { clock, log, bans, enter };
}

test("the third connection of a client is refused, and let in when one has left", () => {
  const { enter } = made();
  const { answer } = enter("192.0.2.1");
  assert.equal(enter("192.0.2.1").text, "in");
  assert.match(enter("192.0.2.1").text ?? "", /^Too many connections from your network, please/);
  assert.ok(answer.ok);
  answer.leave();
  answer.leave();
  assert.equal(enter("192.0.2.1").text, "in");
  assert.match(enter("192.0.2.1").text ?? "", /^Too many/);
});

test("when all seats are taken, the first of those that were silent for long goes", () => {
  const { enter } = made({ idleWhenFull_ms: 10_000 });
  const busy = enter("192.0.2.1").guest;
  const silent = enter("198.51.100.1").guest;
  const quiet = enter("203.0.113.1").guest;
  assert.match(enter("10.0.0.1").text ?? "", /^All connections are in use, please/);
  [busy.idle, silent.idle, quiet.idle] = [9_999, 10_000, 20_000];
  assert.equal(enter("10.0.0.1").text, "in");
  assert.deepEqual([busy.dismissed, quiet.dismissed], ["", ""]);
  assert.match(silent.dismissed, /idle/);
  assert.equal(enter("10.0.1.1").text, "in");
  assert.match(quiet.dismissed, /idle/);
  assert.match(enter("10.0.2.1").text ?? "", /^All connections/, "nobody is left who may be sent away");
});

test("where people may be silent nobody is sent away", () => {
  const { enter } = made();
  const guests = ["192.0.2.1", "198.51.100.1", "203.0.113.1"].map((address) => enter(address).guest);
  for (const guest of guests) guest.idle = 1_800_000;
  assert.match(enter("10.0.0.1").text ?? "", /^All connections/);
  assert.deepEqual(
    guests.map(({ dismissed }) => dismissed),
    ["", "", ""],
  );
});

test("too many connections in a minute, though each is closed again", () => {
  const { enter, clock } = made();
  const knock = (address: string): string | undefined => {
    const { answer, text } = enter(address);
    if (answer.ok) answer.leave();
    return text;
  };
  for (let i = 0; i < RATE_LIMITS.connections; i++) assert.equal(knock("192.0.2.1"), "in");
  for (let i = 0; i < 3; i++) assert.match(knock("192.0.2.1") ?? "", /in a short time/);
  assert.equal(enter("192.0.2.2").text, "in", "what was refused holds no seat");
  clock.advance(1_000);
  assert.equal(knock("192.0.2.1"), "in");
  for (let i = 0; i < 500; i++)
    assert.equal(knock("127.0.0.1"), "in", "this machine is not counted by the minute");
});

test("who is banned stays out, and the log has one line a minute", () => {
  const { enter, bans, clock, log } = made();
  bans.ban(ip("203.0.113.9"), "guessed 30 passwords");
  for (let i = 0; i < 100; i++) assert.equal(enter("203.0.113.9").text, "Access denied for now");
  assert.equal(log.events.length, 1);
  clock.advance(RATE_LIMITS.refusalLog_ms);
  enter("203.0.113.9");
  assert.equal(log.events.length, 2);
  clock.advance(3_600_000);
  assert.equal(enter("203.0.113.9").text, "in");
});

test("handshakes: so many at once of a client, of a network and of all, and so many a minute", () => {
  const clock = new ManualClock();
  const bans = new BanList(clock);
  bans.spare(networksOf("100.64.0.0/10"));
  const { handshakesAtOnce, handshakesAtOnceAll, networkFactor, handshakes } = RATE_LIMITS;
  const bound = handshakeBound({ bans, rates: new ClientRates(clock) });
  const begun = (count: number, address: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => bound.begin(ip(address(i)))).filter((end) => end !== undefined);
  const own = begun(100, () => "192.0.2.1");
  assert.equal(own.length, handshakesAtOnce);
  assert.equal(begun(200, (i) => `192.0.2.${i + 2}`).length, handshakesAtOnce * (networkFactor - 1));
  own[0]?.();
  assert.equal(begun(5, () => "192.0.2.1").length, 1);
  const open = handshakesAtOnce * networkFactor;
  assert.equal(begun(1000, (i) => `100.64.${i % 200}.1`).length, handshakesAtOnceAll - open);

  const quick = handshakeBound({ bans, rates: new ClientRates(clock) });
  let count = 0;
  for (let i = 0; i < 1000; i++) {
    const end = quick.begin(ip("198.51.100.1"));
    if (end !== undefined) count++;
    end?.();
  }
  assert.equal(count, handshakes);
});

test("doors of different ports count for themselves, so that a flood on one leaves the other open (D-15)", () => {
  const shared = { rates: new ClientRates(new ManualClock()), log: silentLog };
  const mx = made(shared);
  const users = made({ ...shared, rate: "userConnections" });
  for (let i = 0; i < 300; i++) mx.enter(`10.0.${i % 200}.1`);
  assert.match(mx.enter("192.0.2.1").text ?? "", /^All/);
  assert.equal(users.enter("192.0.2.1").text, "in");
});
