import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chosen, from, House } from "../../test/accounts/house.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { Secret } from "../base/secret.ts";
import { scramClient } from "../sasl/scram-client.ts";
import { startExchange } from "../sasl/start.ts";
import type { AuthProtocol } from "./contract.ts";
import { logins, type LoginAttempt } from "./authenticate.ts";
import { addAppPassword, removeAppPassword, setPassword } from "./manage.ts";
import { oldPasswords } from "./old-passwords.ts";
import { OpenSessions } from "./open-sessions.ts";
import { HASH_COST_MIN } from "./password-hash.ts";
import { isTooOld, passwordAges } from "./standing.ts";

const DAY_MS = 86_400_000;
const ANNA = "violet turbine cooks anna's soup";
const ROOT = "seven grey carpets fly at noon";
const PROTOCOLS: readonly AuthProtocol[] = ["smtp", "imap", "pop3"];

let house: House;
let anna: AccountId;
const told: LoginAttempt[] = [];
const opened: AsyncDisposable[] = [];
before(async () => {
  house = await House.open();
  anna = (await house.account("anna@example.org", chosen(ANNA))).id;
  await house.account("root@example.org", chosen(ROOT), true);
});
after(async () => {
  for (const one of opened) await one[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

async function doors() {
  const { store, clock, log, throttle } = house;
  const ages = passwordAges({ max_age_days: 365, admin_max_age_days: 90 });
  const options = { store, clock, log, throttle, cost: HASH_COST_MIN, scram: "auto", ages } as const;
  const all = await logins({ ...options, told: (attempt) => void told.push(attempt) });
  opened.push(all);
  return async (login: string, password: string, protocol: AuthProtocol): Promise<string> => {
    const result = await from(all, "192.0.2.7", protocol).password(login, new Secret(password));
    return result.ok ? "ok" : result.failure.kind;
  };
}

async function appPassword(login: string, scopes: readonly string[] = []) {
  const made = await addAppPassword(house.managing, login, "phone", scopes);
  assert.ok(made.ok);
  return { id: made.value.id, password: made.value.generated.reveal() };
}

test("app passwords only: the own password opens nothing, also by SCRAM, and is told like a wrong one (F-10)", async () => {
  const say = await doors();
  const { id, password } = await appPassword("anna@example.org");
  await house.store.directory.changeAccount(anna, { appPasswordsOnly: true });
  told.length = 0;
  for (const protocol of PROTOCOLS) {
    assert.equal(await say("anna@example.org", ANNA, protocol), "invalid", protocol);
    assert.equal(await say("anna@example.org", password, protocol), "ok", protocol);
  }
  const [wrong, right] = told;
  assert.deepEqual(
    [wrong?.outcome, wrong?.password, right?.outcome, right?.password],
    ["wrong", undefined, "ok", "phone"],
  );
  const credentials = await house.store.directory.credentials(anna);
  assert.ok(credentials.some((one) => one.id === id));
  await house.store.directory.changeAccount(anna, { appPasswordsOnly: false });
  assert.equal(await say("anna@example.org", ANNA, "imap"), "ok");
});

test("an app password opens its protocols and no other, whatever they are (F-11)", async () => {
  const say = await doors();
  for (const scopes of [["smtp"], ["imap"], ["pop3"], ["imap", "smtp"], []] as const) {
    const { password } = await appPassword("anna@example.org", scopes);
    for (const protocol of PROTOCOLS) {
      const opens = scopes.length === 0 || scopes.some((scope) => scope === protocol);
      const got = await say("anna@example.org", password, protocol);
      assert.equal(got, opens ? "ok" : "invalid", `${scopes.join()} at ${protocol}`);
    }
  }
});

test("an administrator's own password expires, his app password and other people's passwords do not (F-04)", async () => {
  const say = await doors();
  const { password } = await appPassword("root@example.org");
  assert.equal(await say("root@example.org", ROOT, "imap"), "ok");
  house.clock.advance(91 * DAY_MS);
  told.length = 0;
  for (const protocol of PROTOCOLS) assert.equal(await say("root@example.org", ROOT, protocol), "expired");
  assert.deepEqual([told[0]?.outcome, told[0]?.password], ["expired", "password"]);
  // Who does not know it learns nothing of its age.
  assert.equal(await say("root@example.org", "not his password", "imap"), "invalid");
  assert.equal(await say("root@example.org", password, "imap"), "ok");
  assert.equal(await say("anna@example.org", ANNA, "imap"), "ok");
  assert.ok((await setPassword(house.managing, "root@example.org", chosen("nine green kettles hum low"))).ok);
  assert.equal(await say("root@example.org", "nine green kettles hum low", "imap"), "ok");
});

test("an expired password that the server made is refused by SCRAM too", async () => {
  const { store, clock, log, throttle } = house;
  const { password } = await house.account("made@example.org", { kind: "generate" }, true);
  const ages = passwordAges({ max_age_days: 0, admin_max_age_days: 90 });
  const all = await logins({ store, clock, log, throttle, cost: HASH_COST_MIN, scram: "auto", ages });
  opened.push(all);
  const outcome = async (): Promise<string> => {
    const client = scramClient("made@example.org", password, "abcdefghijkl");
    const exchange = startExchange("SCRAM-SHA-256", from(all, "192.0.2.8"), undefined, ["SCRAM-SHA-256"]);
    const first = await exchange.step(Buffer.from(client.first));
    assert.ok(first.kind === "challenge");
    const last = await exchange.step(
      Buffer.from((await client.final(String(Buffer.from(first.octets)))) ?? ""),
    );
    return last.kind === "failure" ? last.failure.kind : last.kind;
  };
  assert.equal(await outcome(), "success");
  clock.advance(91 * DAY_MS);
  assert.equal(await outcome(), "expired");
});

test("too old: the stricter rule counts for administrators; 0 is no rule", () => {
  const password = { kind: "password", created_ms: 0 } as const;
  const at = (administrator: boolean, everybody: number, administrators: number, days: number): boolean =>
    isTooOld(
      { administrator },
      password,
      passwordAges({ max_age_days: everybody, admin_max_age_days: administrators }),
      days * DAY_MS,
    );
  assert.deepEqual(
    [
      at(false, 30, 0, 31),
      at(false, 30, 0, 30),
      at(false, 0, 30, 31),
      at(true, 30, 0, 31),
      at(true, 365, 30, 31),
      at(true, 0, 0, 9999),
    ],
    [true, false, false, true, true, false],
  );
});

test("old passwords are found by the rules: an administrator's before it locks him out", async () => {
  await using other = await House.open();
  await other.account("boss@example.org", chosen(ROOT), true);
  await other.account("bert@example.org", chosen(ANNA));
  const start_ms = other.clock.now();
  const found = async (days: number, everybody: number, administrators: number): Promise<string> => {
    const ages = passwordAges({ max_age_days: everybody, admin_max_age_days: administrators });
    const old = await oldPasswords(other.store, ages, start_ms + days * DAY_MS + 1);
    return old
      .map(({ login, opensUntil_ms: until }) =>
        until === undefined ? login : `${login} ${(until - start_ms) / DAY_MS}`,
      )
      .join(", ");
  };
  assert.equal(await found(9_999, 0, 0), "");
  assert.equal(await found(75, 80, 90), "");
  assert.equal(await found(76, 80, 90), "boss@example.org 90");
  assert.equal(await found(81, 80, 90), "bert@example.org, boss@example.org 90");
  assert.equal(await found(81, 80, 0), "bert@example.org, boss@example.org");
});

const ENDINGS: readonly {
  readonly name: string;
  /** By which password the session was opened. */
  readonly by: "own" | "app";
  readonly change: (login: string, app: number) => Promise<unknown>;
  readonly ended: number;
}[] = [
  { name: "nothing", by: "own", change: async () => {}, ended: 0 },
  {
    name: "app password revoked",
    by: "app",
    change: (l, id) => removeAppPassword(house.managing, l, id),
    ended: 1,
  },
  {
    name: "another's app password revoked",
    by: "own",
    change: (l, id) => removeAppPassword(house.managing, l, id),
    ended: 0,
  },
  {
    name: "password changed",
    by: "own",
    change: (l) => setPassword(house.managing, l, chosen(ROOT)),
    ended: 1,
  },
  {
    name: "password changed, app session",
    by: "app",
    change: (l) => setPassword(house.managing, l, chosen(ROOT)),
    ended: 0,
  },
  { name: "disabled", by: "app", change: (l) => changed(l, { disabled: true }), ended: 1 },
  { name: "app passwords only", by: "own", change: (l) => changed(l, { appPasswordsOnly: true }), ended: 1 },
  {
    name: "app passwords only, app session",
    by: "app",
    change: (l) => changed(l, { appPasswordsOnly: true }),
    ended: 0,
  },
  {
    name: "removed",
    by: "app",
    change: async (l) => house.store.directory.removeAccount(await idOf(l)),
    ended: 1,
  },
  { name: "hashed anew", by: "own", change: (l) => rehashed(l), ended: 0 },
];

const idOf = async (login: string): Promise<AccountId> =>
  (await house.store.directory.accountByLogin(login))?.id ?? assert.fail(login);
const changed = async (login: string, change: { disabled?: boolean; appPasswordsOnly?: boolean }) =>
  house.store.directory.changeAccount(await idOf(login), change);
async function rehashed(login: string): Promise<void> {
  const row = (await house.store.directory.credentials(await idOf(login))).find(
    ({ kind }) => kind === "password",
  );
  assert.ok(row);
  const { id: _, ...rest } = row;
  await house.store.directory.putCredential({ ...rest, hash: `${row.hash}2` });
}

for (const [index, { name, by, change, ended }] of ENDINGS.entries()) {
  test(`sessions end: ${name} (F-09)`, async () => {
    const login = `session${index}@example.org`;
    const { id: account } = await house.account(login, chosen(ANNA));
    const app = await appPassword(login, ["imap"]);
    house.clock.advance(1);
    const own =
      (await house.store.directory.credentials(account)).find(({ kind }) => kind === "password")?.id ?? 0;
    const sessions = new OpenSessions(house.store);
    let calls = 0;
    const credential = by === "own" ? own : app.id;
    sessions.enter({ account, login, credential }, "imap", () => void calls++);
    assert.equal(await sessions.look(), 0);
    await change(login, app.id);
    assert.equal(await sessions.look(), ended);
    assert.equal(await sessions.look(), 0);
    assert.deepEqual([calls, sessions.size], [ended, 1 - ended]);
  });
}

test("a session that is over is not ended once more", async () => {
  const { id: account } = await house.account("over@example.org", chosen(ANNA));
  const sessions = new OpenSessions(house.store);
  const leave = sessions.enter({ account, login: "over@example.org", credential: -1 }, "imap", () =>
    assert.fail(),
  );
  leave();
  assert.equal(await sessions.look(), 0);
});
