import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp, type IpAddress } from "../base/ip.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { Secret } from "../base/secret.ts";
import type { Authenticator, AuthResult } from "../sasl/exchange.ts";
import { SessionCount } from "./session-count.ts";

const ip = (text: string): IpAddress => parseIp(text) as IpAddress;
const success: AuthResult = { ok: true, identity: { account: 1 as AccountId, login: "a", credential: 1 } };
const answering = (result: AuthResult): Authenticator => ({
  password: async () => result,
  scram: async () => ({ salt: Buffer.alloc(0), iterations: 1, verifiers: [] }),
  scramDone: async () => result,
});
const login = (count: SessionCount, session: string, result: AuthResult = success): Promise<AuthResult> =>
  count.authenticator(session, answering(result)).password("a", new Secret("b"));

test("a client has so many sessions without a login; its login makes room", async () => {
  const count = new SessionCount({ clientPreauth: 2, accountSessions: 9 });
  assert.ok(count.enter("a", ip("192.0.2.1")) && count.enter("b", ip("192.0.2.1")));
  assert.equal(count.enter("c", ip("192.0.2.1")), false);
  assert.ok(count.enter("d", ip("192.0.2.2")), "another client is not concerned");
  await login(count, "a", { ok: false, failure: { kind: "invalid" } });
  assert.equal(count.enter("c", ip("192.0.2.1")), false);
  await login(count, "a");
  assert.ok(count.enter("c", ip("192.0.2.1")));
});

test("one IPv6 /64 is one client (D-14)", () => {
  const count = new SessionCount({ clientPreauth: 1, accountSessions: 9 });
  assert.ok(count.enter("a", ip("2001:db8::1")));
  assert.equal(count.enter("b", ip("2001:db8::ffff:2")), false);
  assert.ok(count.enter("c", ip("2001:db8:0:1::1")));
});

test("an account has so many sessions; leaving makes room, twice does no harm", async () => {
  const count = new SessionCount({ clientPreauth: 9, accountSessions: 1 });
  for (const session of ["a", "b"]) count.enter(session, ip("192.0.2.1"));
  assert.ok((await login(count, "a")).ok);
  assert.deepEqual(await login(count, "b"), { ok: false, failure: { kind: "unavailable" } });
  count.leave("a");
  count.leave("a");
  count.leave("never entered");
  assert.ok((await login(count, "b")).ok);
  assert.equal((await count.authenticator("x", answering(success)).scramDone("a", 1)).ok, true);
});
