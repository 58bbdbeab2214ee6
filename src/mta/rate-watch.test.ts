import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { Secret } from "../base/secret.ts";
import { err } from "../base/result.ts";
import type { AuthResult } from "../sasl/exchange.ts";
import type {
  MailTransaction,
  Profile,
  RcptCommand,
  SmtpBackend,
  SmtpSessionFacts,
} from "../smtp/backend.ts";
import { reply } from "../smtp/reply.ts";
import { Conduct } from "./ban-conduct.ts";
import { BanList } from "./ban-list.ts";
import { ClientRates } from "./rate.ts";
import { RATE_LIMITS } from "./rate-limits.ts";
import { watchedLogins, watchedStrangers } from "./rate-watch.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? assert.fail(text);
const RIGHT: AuthResult = {
  ok: true,
  identity: { account: 1 as AccountId, login: "you@x.test", credential: 1 },
};
const WRONG: AuthResult = { ok: false, failure: { kind: "invalid" } };

/** Knows `you@x.test` with the password `right`; anything else is wrong. Counts what reaches it. */
class House implements SmtpBackend {
  readonly hostName = "mx.test";
  readonly messageSizeMax = 1000;
  asked = 0;
  connected = 0;
  connect = async (): Promise<undefined> => void this.connected++;
  disconnected = (): void => {};
  mechanisms = () => [];
  mail = async (): Promise<undefined> => void this.asked++;
  data = async () => err(reply(550, "5.7.1", "no"));
  rcpt = async (_: SmtpSessionFacts, _mail: MailTransaction, { to }: RcptCommand) => {
    this.asked++;
    if (to.domain !== "x.test") return reply(554, "5.7.1", "Relay", "relay-denied");
    return to.localPart === "you" ? undefined : reply(550, "5.1.1", "No", "unknown-recipient");
  };
  authenticator: SmtpBackend["authenticator"] = () => ({
    password: async (_, password) => {
      this.asked++;
      return password.reveal() === "right" ? RIGHT : WRONG;
    },
    scram: async () => ({ salt: Buffer.alloc(8), iterations: 4096, verifiers: [] }),
    scramDone: async (_, credential) => (credential === 1 ? RIGHT : WRONG),
  });
}

function stage() {
  const clock = new ManualClock();
  const bans = new BanList(clock);
  const conduct = new Conduct({ bans, clock, key: Buffer.alloc(32), banned: () => {} });
  const watch = { bans, rates: new ClientRates(clock), conduct, tally: () => "d1" };
  const house = new House();
  return { clock, bans, house, mx: watchedStrangers(house, watch), users: watchedLogins(house, watch) };
}

const session = (address: string, profile: Profile = "mx"): SmtpSessionFacts => ({
  id: "s",
  profile,
  remote: { address: ip(address), port: 1 },
  local: { address: "127.0.0.1", port: 25 },
});
const MAIL: MailTransaction = { id: "q", from: null, body: "7BIT", smtpUtf8: false, recipients: [] };
const to = (localPart: string, domain: string): RcptCommand => ({
  to: { localPart, domain, text: `${localPart}@${domain}` },
});

test("messages and recipients in a minute: 450, and the house is not asked (D-16)", async () => {
  const { mx, house } = stage();
  const here = session("192.0.2.1");
  for (let i = 0; i < RATE_LIMITS.messages; i++) assert.equal(await mx.mail(here, MAIL), undefined);
  for (let i = 0; i < RATE_LIMITS.recipients; i++)
    assert.equal(await mx.rcpt(here, MAIL, to("you", "x.test")), undefined);
  const { asked } = house;
  const refusals = [await mx.mail(here, MAIL), await mx.rcpt(here, MAIL, to("you", "x.test"))];
  assert.deepEqual(
    refusals.map((one) => [one?.code, one?.enhanced, one?.reason]),
    [
      [450, "4.7.1", "rate-limited"],
      [450, "4.7.1", "rate-limited"],
    ],
  );
  assert.equal(house.asked, asked);
  assert.equal(await mx.mail(session("198.51.100.1"), MAIL), undefined, "another client is free");
});

for (const { name, here } of [
  { name: "this machine", here: session("127.0.0.1") },
  { name: "LMTP", here: session("192.0.2.1", "lmtp") },
]) {
  test(`rates and bans leave ${name} alone`, async () => {
    const { mx, bans } = stage();
    for (let i = 0; i < 1_000; i++) assert.equal(await mx.mail(here, MAIL), undefined);
    for (let i = 0; i < 100; i++)
      assert.equal((await mx.rcpt(here, MAIL, to("x", "elsewhere.test")))?.reason, "relay-denied");
    assert.deepEqual(bans.list(), []);
    assert.equal(await mx.connect(here), undefined);
  });
}

for (const { name, rcpt, reason } of [
  { name: "relaying", rcpt: to("x", "elsewhere.test"), reason: "relay-denied" },
  { name: "asking for users", rcpt: to("nobody", "x.test"), reason: "unknown-recipient" },
]) {
  test(`${name} is answered as before, and then banned for whom XCLIENT names too`, async () => {
    const { mx, bans, clock, house } = stage();
    const here = session("203.0.113.9");
    for (let i = 0; bans.list().length === 0 && i < 100; i++)
      assert.equal((await mx.rcpt(here, MAIL, rcpt))?.reason, reason);
    const refusal = await mx.connect(here);
    assert.deepEqual([refusal?.code, refusal?.close, refusal?.reason], [421, true, "banned"]);
    assert.equal(house.connected, 1, "connect and disconnected come in pairs");
    clock.advance(3_600_000);
    assert.equal(await mx.connect(here), undefined);
  });
}

test("guesses: counted on every port, slowed by the minute, then banned", async () => {
  const { users, house, bans } = stage();
  const guesser = users.authenticator(session("203.0.113.9"));
  for (let i = 0; i < 29; i++)
    assert.deepEqual(await guesser.password("you@x.test", new Secret(`p${i}`)), WRONG);
  assert.equal(bans.list().length, 0);
  await users.authenticator(session("203.0.113.9")).scramDone("you@x.test", undefined);
  assert.equal(bans.list()[0]?.reason, "guessed 30 passwords");
  assert.equal(house.asked, 29);
});

test("the same wrong password is no new guess, but has its number a minute", async () => {
  const { users, house, bans } = stage();
  const poller = users.authenticator(session("203.0.113.9"));
  const kinds = new Map<string, number>();
  for (let i = 0; i < 100; i++) {
    const result = await poller.password("you@x.test", new Secret("old"));
    const kind = result.ok ? "ok" : result.failure.kind;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  assert.deepEqual(
    [...kinds],
    [
      ["invalid", RATE_LIMITS.logins],
      ["throttled", 100 - RATE_LIMITS.logins],
    ],
  );
  assert.equal(house.asked, RATE_LIMITS.logins);
  assert.deepEqual(bans.list(), []);
});

test("right logins cost nothing, and who has logged in is never shut out by others behind its address (D-28)", async () => {
  const { users, bans } = stage();
  const office = users.authenticator(session("203.0.113.9"));
  for (let i = 0; i < 500; i++)
    assert.equal((await office.password("you@x.test", new Secret("right"))).ok, true);
  for (let i = 0; i < 500; i++) await office.password("boss@x.test", new Secret(`p${i}`));
  assert.equal((await office.password("you@x.test", new Secret("right"))).ok, true);
  assert.equal((await office.scramDone("you@x.test", 1)).ok, true);
  assert.deepEqual(bans.list(), []);
});
