import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import { parseIp } from "../base/ip.ts";
import { MemoryLog } from "../base/log.ts";
import { Secret } from "../base/secret.ts";
import { openStore } from "../store/sqlite/open.ts";
import { logins } from "./authenticate.ts";
import { CanaryAccount, isCanary } from "./canary.ts";
import { OpenSessions } from "./open-sessions.ts";
import { HASH_COST_MIN } from "./password-hash.ts";
import { MemoryThrottle } from "./throttle.ts";

test("the canary's login: with this process's password, for sending and IMAP; all others as if it were not there", async () => {
  const directory = mkdtempSync(join(tmpdir(), "canary-"));
  const [clock, log] = [new ManualClock(), new MemoryLog()];
  try {
    await using store = await openStore({ directory, log, clock });
    await using people = await logins({
      store,
      throttle: new MemoryThrottle(clock, log),
      clock,
      log,
      cost: HASH_COST_MIN,
      scram: "auto",
    });
    const canary = await CanaryAccount.create(store, clock);
    const other = await CanaryAccount.create(store, clock);
    const remote = parseIp("127.0.0.1");
    assert.ok(remote);
    const at = (protocol: "smtp" | "imap" | "pop3") =>
      canary.among(people).authenticator({ protocol, remote, id: "x" });
    const { user, password } = canary.login;
    assert.equal((await at("smtp").password(user, password)).ok, false, "not before there is an account");
    const account = await canary.ready();
    assert.equal((await store.directory.account(account))?.disabled, true);
    assert.deepEqual(await store.directory.credentials(account), []);
    for (const protocol of ["smtp", "imap"] as const) {
      const found = await at(protocol).password(user, password);
      assert.ok(found.ok && isCanary(found.identity) && found.identity.account === account, protocol);
    }
    assert.equal((await at("pop3").password(user, password)).ok, false);
    for (const wrong of [new Secret(""), new Secret("canary"), other.login.password])
      assert.equal((await at("smtp").password(user, wrong)).ok, false);
    assert.equal((await at("smtp").password("canary@example.org", password)).ok, false);
    const { verifiers } = await at("smtp").scram(user);
    assert.equal(verifiers.length, 1);
    assert.equal((await at("smtp").scramDone(user, undefined)).ok, false);
    assert.equal((await at("smtp").scramDone("you@example.org", verifiers[0]?.credential)).ok, false);
    assert.equal((await at("smtp").scramDone(user, verifiers[0]?.credential)).ok, true);
    const sessions = new OpenSessions(store);
    const ended: string[] = [];
    const identity = { account, login: user, credential: -1 };
    sessions.enter(identity, "imap", () => ended.push("canary"));
    sessions.enter({ ...identity, credential: 7 }, "imap", () => ended.push("another"));
    await sessions.look();
    assert.deepEqual(ended, ["another"], "its session stands on no password of the store");
    assert.doesNotMatch(JSON.stringify([canary, log.events]), new RegExp(password.reveal()));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("the canary's account: kept for a week, then a new one, so that no marks pile up", async () => {
  const directory = mkdtempSync(join(tmpdir(), "canary-"));
  const clock = new ManualClock();
  try {
    await using store = await openStore({ directory, log: new MemoryLog(), clock });
    const canary = await CanaryAccount.create(store, clock);
    const first = await canary.ready();
    clock.advance(6 * 86_400_000);
    assert.equal(await canary.ready(), first);
    clock.advance(86_400_000);
    const second = await canary.ready();
    assert.notEqual(second, first);
    assert.equal(await store.directory.account(first), undefined);
    assert.deepEqual(await store.directory.accounts(), []);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
