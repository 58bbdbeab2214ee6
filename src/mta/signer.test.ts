import assert from "node:assert/strict";
import { test } from "node:test";
import { openTemporary } from "../../test/store/engine.ts";
import { zoneDns } from "../../test/authentication/spf-zone.ts";
import { HASH_COST_MIN } from "../accounts/password-hash.ts";
import { ensureSigningKeys, signingRecords } from "../accounts/signing-keys.ts";
import { verifySignatures } from "../authentication/dkim/verify.ts";
import { ManualClock } from "../base/clock.ts";
import { parseConfig } from "../config/parse.ts";
import { defaultQueuePolicy } from "../queue/schedule.ts";
import { Signer, signatureLifetime_s } from "./signer.ts";

const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
const MESSAGE = Buffer.from(
  "From: anna@example.test\r\nDate: Mon, 1 Jun 2026 00:00:00 +0000\r\nSubject: once\r\n\r\nHello\r\n",
);

const lifetimeOf = (toml: string): number | undefined => {
  const config = parseConfig(`hostname = "mail.example.test"\n${toml}`);
  assert.ok(config.ok);
  return signatureLifetime_s(config.value);
};

test("signatures end only where that is asked for, and two days after the queue gives up", () => {
  assert.equal(lifetimeOf(""), undefined);
  assert.equal(lifetimeOf("[outbound]\nsignatures_end = true\n"), 7 * 86_400);
  assert.equal(lifetimeOf("[outbound]\nsignatures_end = true\n[queue]\nexpire_s = 1_209_600\n"), 16 * 86_400);
});

test("a signature that ends holds at the last try of the queue, and not for a replay afterwards", async (t) => {
  const clock = new ManualClock(NOW_MS);
  const engine = await openTemporary();
  t.after(() => engine.close());
  const managing = { store: engine.store, clock, cost: HASH_COST_MIN };
  await engine.store.directory.addDomain("example.test");
  await ensureSigningKeys(managing, "example.test");
  const records = await signingRecords(managing, "example.test");
  assert.ok(records.ok);
  const dns = zoneDns(records.value.map(({ name, text }) => [name, "TXT", text]));
  const resultsAt = async (signer: Signer, later_ms: number): Promise<readonly string[]> => {
    const octets = Buffer.concat([await signer.signatures(MESSAGE), MESSAGE]);
    const reports = await verifySignatures(octets, dns, { now_ms: NOW_MS + later_ms });
    return reports.map(({ result, problem }) => `${result} ${problem ?? "-"}`);
  };
  const ending = new Signer(engine.store, clock, lifetimeOf("[outbound]\nsignatures_end = true\n"));
  const good = ["pass -", "pass -"];
  assert.deepEqual(await resultsAt(ending, 0), good);
  assert.deepEqual(await resultsAt(ending, defaultQueuePolicy.expire_ms + DAY_MS), good);
  assert.deepEqual(await resultsAt(ending, 8 * DAY_MS), ["fail expired", "fail expired"]);
  assert.deepEqual(await resultsAt(new Signer(engine.store, clock), 8 * DAY_MS), good);
});
