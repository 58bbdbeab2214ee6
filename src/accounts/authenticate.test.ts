import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chosen, from, House, ip } from "../../test/accounts/house.ts";
import { Secret } from "../base/secret.ts";
import { scramClient } from "../sasl/scram-client.ts";
import { startExchange } from "../sasl/start.ts";
import type { AuthResult, Authenticator } from "../sasl/exchange.ts";
import { openStore } from "../store/sqlite/open.ts";
import { Bookkeeping } from "./bookkeeping.ts";
import type { AuthProtocol, Logins } from "./contract.ts";
import { HashGate } from "./hash-gate.ts";
import { addAppPassword, putAlias, removeAppPassword, setPassword } from "./manage.ts";
import { HASH_COST_MIN } from "./password-hash.ts";

const ANNA = "violet turbine cooks anna's soup";
const CARL = "seven grey carpets fly at noon";

const shown = (result: AuthResult): string => (result.ok ? result.identity.login : result.failure.kind);
const say = async (to: Authenticator, login: string, password: string): Promise<string> =>
  shown(await to.password(login, new Secret(password)));

/** The least of five, so that a busy machine does not matter: a slow hash never takes less than 30 ms. */
async function fastest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return Math.min(...times);
}

async function sayScram(to: Authenticator, login: string, password: string): Promise<string> {
  const client = scramClient(login, password, "abcdefghijkl");
  const exchange = startExchange("SCRAM-SHA-256", to, undefined, ["SCRAM-SHA-256"]);
  const first = await exchange.step(Buffer.from(client.first));
  if (first.kind !== "challenge") return first.kind;
  const final = await client.final(Buffer.from(first.octets).toString());
  const last = await exchange.step(Buffer.from(final ?? ""));
  if (last.kind !== "success") return last.kind === "failure" ? last.failure.kind : last.kind;
  assert.ok(client.verify(Buffer.from(last.octets ?? []).toString()));
  return last.identity.login;
}

describe("logins", () => {
  let house: House;
  let all: Logins & AsyncDisposable;
  let generated: string;
  let phone: string;
  before(async () => {
    house = await House.open();
    await house.account("anna@example.org", chosen(ANNA));
    generated = (await house.account("bert@example.org")).password;
    const carl = await house.account("carl@example.org", chosen(CARL));
    await house.store.directory.changeAccount(carl.id, { disabled: true });
    await house.account("grün@example.org", chosen(CARL));
    await putAlias(house.managing, "sales@example.org", ["anna@example.org"]);
    const app = await addAppPassword(house.managing, "anna@example.org", "phone", ["imap"]);
    assert.ok(app.ok);
    phone = app.value.generated.reveal();
    all = await house.logins();
  });
  after(async () => {
    await all[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  });

  const table: readonly {
    readonly name: string;
    readonly login: string;
    readonly password: () => string;
    readonly protocol?: AuthProtocol;
    readonly want: string;
  }[] = [
    { name: "right", login: "anna@example.org", password: () => ANNA, want: "anna@example.org" },
    { name: "other case", login: "Anna@Example.ORG", password: () => ANNA, want: "anna@example.org" },
    { name: "NFD", login: "gru\u0308n@example.org", password: () => CARL, want: "grün@example.org" },
    { name: "generated", login: "bert@example.org", password: () => generated, want: "bert@example.org" },
    { name: "app password", login: "anna@example.org", password: () => phone, want: "anna@example.org" },
    {
      name: "app password out of scope (F-11)",
      login: "anna@example.org",
      password: () => phone,
      protocol: "smtp",
      want: "invalid",
    },
    { name: "wrong", login: "anna@example.org", password: () => "wrong", want: "invalid" },
    {
      name: "somebody else's",
      login: "anna@example.org",
      password: () => generated,
      want: "invalid",
    },
    { name: "unknown", login: "nobody@example.org", password: () => ANNA, want: "invalid" },
    { name: "disabled", login: "carl@example.org", password: () => CARL, want: "invalid" },
    { name: "alias", login: "sales@example.org", password: () => ANNA, want: "invalid" },
    { name: "subaddress", login: "anna+x@example.org", password: () => ANNA, want: "invalid" },
    { name: "bare local part", login: "anna", password: () => ANNA, want: "invalid" },
    { name: "no login", login: "", password: () => ANNA, want: "invalid" },
  ];
  for (const { name, login, password, protocol, want } of table) {
    test(`password: ${name}`, async () => {
      assert.equal(await say(from(all, "192.0.2.1", protocol), login, password()), want);
    });
  }

  const scramTable = table.filter(({ want, password }) => want === "invalid" || password() !== ANNA);
  for (const { name, login, password, protocol, want } of scramTable) {
    if (login === "" || name === "NFD") continue;
    test(`SCRAM: ${name}`, async () => {
      assert.equal(await sayScram(from(all, "192.0.2.2", protocol), login, password()), want);
    });
  }

  test("a password a person chose has no SCRAM verifier (E-28)", async () => {
    assert.equal(await sayScram(from(all, "192.0.2.3"), "anna@example.org", ANNA), "invalid");
  });

  test("an unknown login has one salt, after a restart too (D-27)", async () => {
    const salt = async (logins: Logins): Promise<string> =>
      Buffer.from((await from(logins, "192.0.2.4").scram("nobody@example.org")).salt).toString("hex");
    const again = await house.logins();
    assert.equal(await salt(all), await salt(again));
    const other = await from(all, "192.0.2.4").scram("other@example.org");
    assert.notEqual(Buffer.from(other.salt).toString("hex"), await salt(all));
    assert.equal(other.salt.length, (await from(all, "192.0.2.4").scram("anna@example.org")).salt.length);
  });

  test("SCRAM is offered only inside TLS and while everybody can use it", async () => {
    assert.deepEqual(all.mechanisms(false), []);
    // grün@ has a chosen password and nothing else.
    assert.deepEqual(all.mechanisms(true), ["PLAIN", "LOGIN"]);
    await setPassword(house.managing, "grün@example.org", { kind: "generate" });
    const later = await house.logins();
    assert.deepEqual(later.mechanisms(true), ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"]);
  });

  test("last use is noted once a minute", async () => {
    const lastUsed = async (): Promise<number | undefined> => {
      await all[Symbol.asyncDispose]();
      const account = await house.store.directory.accountByLogin("bert@example.org");
      assert.ok(account);
      return (await house.store.directory.credentials(account.id))[0]?.lastUsed_ms;
    };
    house.clock.advance(120_000);
    const first = house.clock.now();
    await say(from(all, "192.0.2.5"), "bert@example.org", generated);
    assert.equal(await lastUsed(), first);
    house.clock.advance(30_000);
    await say(from(all, "192.0.2.5"), "bert@example.org", generated);
    assert.equal(await lastUsed(), first);
    house.clock.advance(30_000);
    await say(from(all, "192.0.2.5"), "bert@example.org", generated);
    assert.equal(await lastUsed(), first + 60_000);
  });

  test("what looks like no address is not logged", async () => {
    await say(from(all, "192.0.2.6"), ANNA, "x");
    assert.ok(!JSON.stringify(house.log.events).includes("turbine"));
  });
});

test("a remembered password dies with its credential", async () => {
  await using house = await House.open();
  await using all = await house.logins();
  await house.account("anna@example.org", chosen(ANNA));
  const app = await addAppPassword(house.managing, "anna@example.org", "phone", []);
  assert.ok(app.ok);
  const session = from(all, "192.0.2.1");
  assert.equal(await say(session, "anna@example.org", ANNA), "anna@example.org");
  assert.ok((await fastest(() => say(session, "anna@example.org", ANNA))) < 20, "no slow hash again");
  await setPassword(house.managing, "anna@example.org", chosen(CARL));
  assert.equal(await say(session, "anna@example.org", ANNA), "invalid");
  assert.equal(await say(session, "anna@example.org", CARL), "anna@example.org");
  const phone = app.value.generated.reveal();
  assert.equal(await say(session, "anna@example.org", phone), "anna@example.org");
  await removeAppPassword(house.managing, "anna@example.org", app.value.id);
  assert.equal(await say(session, "anna@example.org", phone), "invalid");
});

test("a password that was wrong is right once it is set", async () => {
  await using house = await House.open();
  await using all = await house.logins();
  await house.account("anna@example.org", chosen(ANNA));
  const session = from(all, "192.0.2.1");
  assert.equal(await say(session, "anna@example.org", CARL), "invalid");
  await setPassword(house.managing, "anna@example.org", chosen(CARL));
  assert.equal(await say(session, "anna@example.org", CARL), "anna@example.org");
});

test("hashes grow with the settings at the next good login (F-07)", async () => {
  await using house = await House.open();
  const { id } = await house.account("anna@example.org", chosen(ANNA));
  await using all = await house.logins({ memory_kib: 20_480, passes: 2 });
  const session = from(all, "192.0.2.1");
  assert.equal(await say(session, "anna@example.org", "wrong"), "invalid");
  const before = await house.store.directory.credentials(id);
  assert.match(before[0]?.hash ?? "", /m=19456,/);
  const result = await session.password("anna@example.org", new Secret(ANNA));
  const [row, ...more] = await house.store.directory.credentials(id);
  assert.deepEqual(more, []);
  assert.match(row?.hash ?? "", /m=20480,/);
  assert.ok(result.ok);
  assert.equal(result.identity.credential, row?.id);
  assert.equal(await say(session, "anna@example.org", ANNA), "anna@example.org");
  assert.equal((await house.store.directory.credentials(id))[0]?.id, row?.id, "once");
});

test("a password that was changed during the rehash stays", async () => {
  await using house = await House.open();
  const { id } = await house.account("anna@example.org", chosen(ANNA));
  const { store, clock, log } = house;
  const cost = { memory_kib: 20_480, passes: 2 };
  await using bookkeeping = new Bookkeeping({ store, clock, log, cost, gate: new HashGate() });
  const [old] = await store.directory.credentials(id);
  assert.ok(old);
  await setPassword(house.managing, "anna@example.org", chosen(CARL));
  const changed = await store.directory.credentials(id);
  assert.equal(await bookkeeping.rehashed(old, new Secret(ANNA), "anna@example.org"), old);
  assert.deepEqual(await store.directory.credentials(id), changed);
});

test("a store that cannot write lets people in", async () => {
  await using house = await House.open();
  await house.account("anna@example.org", chosen(ANNA));
  await (await house.logins())[Symbol.asyncDispose]();
  const { directory, log, clock } = house;
  await using frozen = await openStore({ directory, log, clock, readOnly: true });
  await using all = await house.logins({ memory_kib: 20_480, passes: 2 }, frozen);
  assert.equal(await say(from(all, "192.0.2.1"), "anna@example.org", ANNA), "anna@example.org");
  await all[Symbol.asyncDispose]();
  const failures = log.events.filter(({ event }) => event === "login.bookkeeping-failed");
  assert.deepEqual(new Set(failures.map(({ fields }) => fields["what"])), new Set(["last-used", "rehash"]));
});

test("twenty guesses on any protocols shut one client out; devices and others go on (D-26, D-28)", async () => {
  await using house = await House.open();
  await using all = await house.logins();
  await house.account("anna@example.org", chosen(ANNA));
  const app = await addAppPassword(house.managing, "anna@example.org", "phone", []);
  assert.ok(app.ok);
  const phone = app.value.generated.reveal();
  const protocols: readonly AuthProtocol[] = ["smtp", "imap", "pop3"];
  assert.equal(await say(from(all, "192.0.2.1"), "anna@example.org", ANNA), "anna@example.org");
  const guess = (n: number): Promise<string> =>
    say(from(all, "2001:db8::1", protocols[n % 3]), "anna@example.org", `guess ${n}`);
  for (let n = 0; n < 20; n++) assert.equal(await guess(n), "invalid", `guess ${n}`);
  assert.deepEqual(house.clock.slept.slice(0, 5), [500, 1_000, 2_000, 4_000, 4_000]);
  let n = 20;
  assert.equal(await guess(n), "throttled");
  assert.ok((await fastest(() => guess(++n))) < 20, "throttled attempts run no argon2");
  assert.equal(await say(from(all, "2001:db8::2"), "anna@example.org", ANNA), "throttled", "same /64");
  assert.equal(await sayScram(from(all, "2001:db8::2"), "anna@example.org", "x"), "throttled");
  assert.equal(await say(from(all, "2001:db8::2"), "anna@example.org", phone), "anna@example.org");
  assert.equal(await sayScram(from(all, "2001:db8::2"), "anna@example.org", phone), "anna@example.org");
  assert.equal(await say(from(all, "192.0.2.1"), "anna@example.org", ANNA), "anna@example.org");
});

test("a program that repeats an old password is one guess (S-18)", async () => {
  await using house = await House.open();
  await using all = await house.logins();
  await house.account("anna@example.org", chosen(ANNA));
  const session = from(all, "192.0.2.1");
  for (let n = 0; n < 30; n++) assert.equal(await say(session, "anna@example.org", CARL), "invalid");
  const admission = await house.throttle.admit("anna@example.org", ip("192.0.2.1"));
  assert.deepEqual(admission, { delay_ms: 0, blocked: false, known: false });
  assert.equal(await say(session, "anna@example.org", ANNA), "anna@example.org");
});

test("what waits in the queue does not get past a block", async () => {
  await using house = await House.open();
  await using all = await house.logins();
  await house.account("anna@example.org", chosen(ANNA));
  for (let n = 0; n < 19; n++) await house.throttle.failed("anna@example.org", ip("192.0.2.1"));
  const guesses = Array.from({ length: 6 }, (_, n) =>
    say(from(all, "192.0.2.1"), "anna@example.org", `guess ${n}`),
  );
  const outcomes = await Promise.all(guesses);
  assert.deepEqual(outcomes.slice(2), ["throttled", "throttled", "throttled", "throttled"]);
});

test("unknown, wrong and disabled take equally long (D-27)", async () => {
  await using house = await House.open();
  await using all = await house.logins(HASH_COST_MIN);
  await house.account("anna@example.org", chosen(ANNA));
  await house.account("bert@example.org");
  const carl = await house.account("carl@example.org", chosen(CARL));
  await house.store.directory.changeAccount(carl.id, { disabled: true });
  const cases = {
    wrong: ["anna@example.org", "wrong password here"],
    generated: ["bert@example.org", "wrong password here"],
    disabled: ["carl@example.org", CARL],
    unknown: ["nobody@example.org", ANNA],
  } as const;
  const times: Record<string, number[]> = { wrong: [], generated: [], disabled: [], unknown: [] };
  // Interleaved, so that a busy machine slows all alike; from new addresses, so that nothing is remembered or delayed.
  for (let round = 0; round < 13; round++) {
    for (const [name, [login, password]] of Object.entries(cases)) {
      const session = from(all, `198.51.${round}.${name.length}`);
      const begin = performance.now();
      assert.equal(await say(session, login, password), "invalid");
      times[name]?.push(performance.now() - begin);
    }
  }
  const median = (name: string): number => times[name]?.toSorted((a, b) => a - b)[6] ?? 0;
  for (const name of Object.keys(cases)) {
    const ratio = median(name) / median("wrong");
    assert.ok(ratio > 0.65 && ratio < 1.55, `${name}: ${ratio.toFixed(2)} of a wrong password`);
  }
});
