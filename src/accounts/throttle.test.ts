import assert from "node:assert/strict";
import { test } from "node:test";
import { ip } from "../../test/accounts/house.ts";
import { ManualClock } from "../base/clock.ts";
import { MemoryLog } from "../base/log.ts";
import { MemoryThrottle } from "./throttle.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const HERE = ip("192.0.2.1");
const THERE = ip("192.0.2.2");
const ANNA = "anna@example.org";

class Gate {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly throttle = new MemoryThrottle(this.clock, this.log);

  async fail(times: number, login = ANNA, remote = HERE): Promise<void> {
    for (let i = 0; i < times; i++) await this.throttle.failed(login, remote);
  }

  async blocked(login = ANNA, remote = HERE): Promise<boolean> {
    return (await this.throttle.admit(login, remote)).blocked;
  }

  async delay_ms(login = ANNA, remote = HERE): Promise<number> {
    return (await this.throttle.admit(login, remote)).delay_ms;
  }

  blocks(): readonly unknown[] {
    return this.log.events
      .filter(({ event }) => event === "login.throttle-blocked")
      .map(({ fields }) => fields["scope"]);
  }
}

const delays = [
  { failures: 0, want: 0 },
  { failures: 4, want: 0 },
  { failures: 5, want: 500 },
  { failures: 6, want: 1_000 },
  { failures: 7, want: 2_000 },
  { failures: 8, want: 4_000 },
  { failures: 19, want: 4_000 },
];
for (const { failures, want } of delays) {
  test(`after ${failures} failures the answer waits ${want} ms`, async () => {
    const gate = new Gate();
    await gate.fail(failures);
    assert.equal(await gate.delay_ms(), want);
    assert.equal(await gate.delay_ms(ANNA, THERE), 0);
    assert.equal(await gate.blocked(), false);
  });
}

test("twenty failures block the pair for an hour, and nobody else", async () => {
  const gate = new Gate();
  await gate.fail(20);
  assert.equal(await gate.blocked(), true);
  assert.equal(await gate.blocked(ANNA, THERE), false);
  assert.equal(await gate.blocked("bert@example.org"), false);
  assert.deepEqual(gate.blocks(), ["pair"]);
  gate.clock.advance(HOUR_MS - 1);
  assert.equal(await gate.blocked(), true);
  gate.clock.advance(1);
  assert.equal(await gate.blocked(), false);
  assert.equal(await gate.delay_ms(), 0);
});

test("failures nine minutes apart add up, eleven do not", async () => {
  for (const { gap, want } of [
    { gap: 9 * MINUTE_MS, want: true },
    { gap: 11 * MINUTE_MS, want: false },
  ]) {
    const gate = new Gate();
    for (let i = 0; i < 20; i++) {
      gate.clock.advance(gap);
      await gate.fail(1);
    }
    assert.equal(await gate.blocked(), want);
  }
});

test("fifty failures of one client at all accounts block it; a /64 is one client", async () => {
  const gate = new Gate();
  for (let i = 0; i < 50; i++) await gate.fail(1, `user${i}@example.org`, ip(`2001:db8::${i + 1}`));
  assert.equal(await gate.blocked(ANNA, ip("2001:db8::ffff:1")), true);
  assert.equal(await gate.blocked(ANNA, ip("2001:db8:0:1::1")), false);
  assert.deepEqual(gate.blocks(), ["client"]);
});

test("a hundred failures at one account from everywhere block strangers (F-16), not who logged in lately (D-28)", async () => {
  const gate = new Gate();
  await gate.throttle.succeeded(ANNA, HERE);
  for (let i = 0; i < 100; i++) {
    assert.equal(await gate.blocked(ANNA, THERE), false, `after ${i}`);
    gate.clock.advance(20 * MINUTE_MS);
    await gate.fail(1, ANNA, ip(`198.51.100.${i}`));
  }
  assert.equal(await gate.blocked(ANNA, THERE), true);
  assert.equal(await gate.blocked(ANNA, HERE), false);
  assert.deepEqual(gate.blocks(), ["account"]);
});

test("an owner who polls does not hide an attack on his account", async () => {
  const gate = new Gate();
  for (let i = 0; i < 100; i++) {
    await gate.fail(1, ANNA, ip(`198.51.100.${i}`));
    await gate.throttle.succeeded(ANNA, HERE);
  }
  assert.equal(await gate.blocked(ANNA, THERE), true);
  assert.equal(await gate.blocked(ANNA, HERE), false);
});

test("a success clears the client's own failures", async () => {
  const gate = new Gate();
  for (let i = 0; i < 20; i++) {
    await gate.fail(19);
    await gate.throttle.succeeded(ANNA, HERE);
  }
  assert.equal(await gate.delay_ms(), 0);
  assert.equal(await gate.blocked(ANNA, THERE), false);
});

test("a known client is not shut out by its neighbours, but by its own failures", async () => {
  const gate = new Gate();
  await gate.throttle.succeeded(ANNA, HERE);
  for (let i = 0; i < 50; i++) await gate.fail(1, `user${i}@example.org`);
  assert.equal(await gate.blocked("bert@example.org"), true);
  assert.equal(await gate.blocked(), false);
  await gate.fail(20);
  assert.equal(await gate.blocked(), true);
});

test("a client is known for thirty days", async () => {
  const gate = new Gate();
  await gate.throttle.succeeded(ANNA, HERE);
  gate.clock.advance(30 * 24 * HOUR_MS - 1);
  assert.equal((await gate.throttle.admit(ANNA, HERE)).known, true);
  gate.clock.advance(1);
  assert.equal((await gate.throttle.admit(ANNA, HERE)).known, false);
});

test("a flood of names forgets the oldest, and the attacked stay", async () => {
  const gate = new Gate();
  await gate.fail(19, "old@example.org", ip("203.0.113.1"));
  await gate.fail(10);
  for (let i = 0; i < 60_000; i++) {
    const client = ip(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    await gate.throttle.failed(`${"x".repeat(500)}${i}`, client);
    if (i % 6_000 === 0) await gate.fail(1);
  }
  assert.equal(await gate.blocked(), true);
  assert.equal(await gate.delay_ms("old@example.org", ip("203.0.113.1")), 0);
});
