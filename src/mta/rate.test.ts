import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import { ClientCount } from "./client-count.ts";
import { ClientRates } from "./rate.ts";
import { RATE_LIMITS } from "./rate-limits.ts";
import { descriptorLimit, seatsOf } from "./rate-seats.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? assert.fail(text);
const LIMITS = { ...RATE_LIMITS, messages: 6 };

/** How many of `wanted` were allowed. */
function taken(rates: ClientRates, addresses: readonly string[], wanted: number): number {
  let count = 0;
  for (let i = 0; i < wanted; i++)
    if (rates.take("messages", ip(addresses[i % addresses.length] ?? ""))) count++;
  return count;
}

const range = (n: number, text: (i: number) => string): string[] =>
  Array.from({ length: n }, (_, i) => text(i));

for (const { name, addresses, want } of [
  { name: "one IPv4 address is one client", addresses: ["192.0.2.1"], want: 6 },
  {
    name: "100 addresses of one /64 count as one client (D-14)",
    addresses: range(100, (i) => `2001:db8::${i + 1}`),
    want: 6,
  },
  { name: "an IPv4 /24 has four clients' worth", addresses: range(100, (i) => `192.0.2.${i + 1}`), want: 24 },
  {
    name: "and so has an IPv6 /56",
    addresses: range(100, (i) => `2001:db8:0:${i.toString(16)}::1`),
    want: 24,
  },
  { name: "two networks do not count together", addresses: ["192.0.2.1", "192.0.3.1"], want: 12 },
]) {
  test(`rates: ${name}`, () => {
    assert.equal(taken(new ClientRates(new ManualClock(), LIMITS), addresses, 200), want);
  });
}

test("a bucket fills evenly, and holds a minute's worth at most", () => {
  const clock = new ManualClock();
  const rates = new ClientRates(clock, LIMITS);
  const one = ["192.0.2.1"];
  assert.equal(taken(rates, one, 10), 6);
  clock.advance(9_000);
  assert.equal(taken(rates, one, 10), 0);
  clock.advance(1_000);
  assert.equal(taken(rates, one, 10), 1);
  clock.advance(3_600_000);
  assert.equal(taken(rates, one, 10), 6);
});

test("kinds have buckets of their own, and what was refused costs nothing", () => {
  const rates = new ClientRates(new ManualClock(), LIMITS);
  assert.equal(taken(rates, ["192.0.2.1"], 100), 6);
  assert.equal(rates.take("recipients", ip("192.0.2.1")), true);
  // 94 refusals of one client have not emptied the bucket of its network.
  assert.equal(taken(rates, ["192.0.2.2", "192.0.2.3", "192.0.2.4"], 100), 18);
});

test("what is given back can be taken again, and no more", () => {
  const rates = new ClientRates(new ManualClock(), LIMITS);
  const address = ip("192.0.2.1");
  rates.giveBack("messages", address);
  assert.equal(taken(rates, ["192.0.2.1"], 10), 6);
  rates.giveBack("messages", address);
  assert.equal(taken(rates, ["192.0.2.1"], 10), 1);
});

test("a clock set back fills nothing", () => {
  const clock = new ManualClock();
  const rates = new ClientRates(clock, LIMITS);
  taken(rates, ["192.0.2.1"], 6);
  clock.advance(-86_400_000);
  assert.equal(taken(rates, ["192.0.2.1"], 10), 0);
});

test("a flood of addresses costs no more than its buckets", () => {
  const rates = new ClientRates(new ManualClock(), LIMITS, 10);
  for (let i = 0; i < 1_000; i++) rates.take("messages", ip(`10.${i >> 8}.${i & 255}.1`));
  // The latest are still remembered.
  assert.equal(taken(rates, ["10.3.231.1"], 10), 5);
});

test("connections at once: per client, per network, and free again when they end", () => {
  const count = new ClientCount(2, 3);
  assert.equal(count.enter("a", ip("2001:db8::1")), true);
  assert.equal(count.enter("b", ip("2001:db8::2")), true);
  assert.equal(count.enter("c", ip("2001:db8::3")), false, "the /64 has two");
  assert.equal(count.enter("d", ip("2001:db8:0:1::1")), true);
  assert.equal(count.enter("e", ip("2001:db8:0:2::1")), false, "the /56 has three");
  assert.equal(count.enter("f", ip("2001:db8:0:100::1")), true, "another /56");
  assert.equal(count.size, 4);
  count.leave("c");
  assert.equal(count.enter("e", ip("2001:db8:0:2::1")), false, "who was refused had nothing to leave");
  count.leave("d");
  count.leave("d");
  assert.equal(count.enter("e", ip("2001:db8:0:2::1")), true);
  for (const session of ["a", "b", "e", "f"]) count.leave(session);
  assert.equal(count.size, 0);
});

for (const { name, descriptors, want } of [
  { name: "no known limit", descriptors: undefined, want: { strangers: 2000, users: 2000 } },
  { name: "plenty", descriptors: 524_288, want: { strangers: 2000, users: 2000 } },
  { name: "4096", descriptors: 4096, want: { strangers: 960, users: 1920 } },
  { name: "1024", descriptors: 1024, want: { strangers: 192, users: 384 } },
  { name: "hardly any", descriptors: 4, want: { strangers: 1, users: 1 } },
]) {
  test(`seats: ${name}`, () => {
    const seats = seatsOf(2000, descriptors);
    assert.deepEqual(seats, want);
    // Port 25 with its second descriptors and all users leave the store its own (D-15).
    if (descriptors !== undefined && descriptors > 8)
      assert.ok(descriptors - seats.strangers * RATE_LIMITS.filesPerStranger - seats.users >= 256);
  });
}

for (const { name, text, want } of [
  {
    name: "Linux",
    text: "Max processes 1 1 p\nMax open files            20000                524288     files \n",
    want: 20_000,
  },
  {
    name: "unlimited",
    text: "Max open files            unlimited            unlimited            files\n",
    want: undefined,
  },
  { name: "another system", text: "", want: undefined },
]) {
  test(`descriptor limit: ${name}`, () => assert.equal(descriptorLimit(text), want));
}
