import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../../test/accounts/house.ts";
import { ManualClock } from "../base/clock.ts";
import { MemoryLog } from "../base/log.ts";
import type { Dns } from "../dns/answer.ts";
import { keepKeys } from "./key-keeper.ts";
import { NOT_YET_MS, rotationSteps } from "./key-rotation.ts";
import type { SigningKeyRow } from "../store/store.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * A year of rotation with an accelerated clock. The operator publishes what the log asks for when he gets to it, and takes
 * records away once the key is gone. At every hour, a message signed then is verified at once and up to five days later, by
 * whoever has asked up to a day before: the record must have been there all that time.
 */
test("no signature is ever unverifiable for any cache", () => {
  for (const patience_days of [0, 1, 5, 40]) {
    let keys: SigningKeyRow[] = [row("k0", 0, 0)];
    const published = new Map<string, { from: number; to: number }>([
      ["k0", { from: -10 * DAY_MS, to: Infinity }],
    ]);
    const signedBy: [number, string][] = [];
    let made = 0;
    for (let now = 0; now < 500 * DAY_MS; now += HOUR_MS) {
      for (const { selector, created_ms } of keys)
        if (!published.has(selector) && now >= created_ms + patience_days * DAY_MS)
          published.set(selector, { from: now, to: Infinity });
      const seen = new Map([...published].map(([selector, { from }]) => [selector, Math.max(from, 0)]));
      for (const step of rotationSteps(keys, seen, now)) {
        if (step.kind === "prepare") keys = [...keys, row(`k${++made}`, now, NOT_YET_MS)];
        if (step.kind === "activate")
          keys = keys.map((key) =>
            key.selector === step.selector
              ? { ...key, active_ms: now }
              : key.retired_ms === undefined
                ? { ...key, retired_ms: now }
                : key,
          );
        if (step.kind === "remove") {
          keys = keys.filter((key) => key.selector !== step.selector);
          const was = published.get(step.selector);
          if (was) published.set(step.selector, { ...was, to: now });
        }
      }
      const active = keys.filter((key) => key.active_ms <= now && key.retired_ms === undefined);
      assert.equal(active.length, 1, `one key signs at ${now / DAY_MS}`);
      signedBy.push([now, active[0]?.selector ?? ""]);
    }
    assert.ok(made >= 2, `rotated ${made} times`);
    for (const [at, selector] of signedBy) {
      const record = published.get(selector) ?? assert.fail(selector);
      assert.ok(
        record.from <= at - DAY_MS,
        `${selector} signs at ${at / DAY_MS}, published ${record.from / DAY_MS}`,
      );
      assert.ok(record.to >= Math.min(at + 5 * DAY_MS, 500 * DAY_MS), `${selector} was taken away too early`);
    }
  }
});

const row = (selector: string, created_ms: number, active_ms: number): SigningKeyRow => ({
  domain: "example.org",
  selector,
  algorithm: "rsa-sha256",
  privateKey: "",
  created_ms,
  active_ms,
});

test("the keeper waits for the record in the DNS, whatever the calendar says", async () => {
  await using home = await House.open();
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const log = new MemoryLog();
  const { store } = home;
  await store.directory.addDomain("rotate.test");
  const zone = new Map<string, string>();
  const dns = {
    query: async (name: string) => {
      const text = zone.get(name);
      return text === undefined
        ? { kind: "nxdomain", ttl_s: 60, authenticated: false }
        : { kind: "records", records: [text], ttl_s: 60, authenticated: false };
    },
  } as unknown as Dns;
  const tools = { store, dns, clock, log };
  await keepKeys(tools);
  const waiting = await store.directory.signingKeys("rotate.test");
  assert.equal(waiting.length, 2);
  assert.ok(waiting.every(({ active_ms }) => active_ms === NOT_YET_MS));
  for (let day = 0; day < 30; day++, clock.advance(DAY_MS)) await keepKeys(tools);
  assert.ok(
    (await store.directory.signingKeys("rotate.test")).every(({ active_ms }) => active_ms === NOT_YET_MS),
  );
  for (const { event, fields } of log.events)
    if (event === "dkim.publish" && String(fields["name"]).endsWith(".rotate.test"))
      zone.set(String(fields["name"]), String(fields["text"]));
  assert.equal(zone.size, 2);
  await keepKeys(tools);
  clock.advance(DAY_MS);
  await keepKeys(tools);
  assert.ok(
    (await store.directory.signingKeys("rotate.test")).every(({ active_ms }) => active_ms === NOT_YET_MS),
  );
  clock.advance(DAY_MS);
  await keepKeys(tools);
  assert.ok(
    (await store.directory.signingKeys("rotate.test")).every(({ active_ms }) => active_ms === clock.now()),
  );
});
