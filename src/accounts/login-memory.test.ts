import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { Secret } from "../base/secret.ts";
import type { CredentialRow } from "../store/store.ts";
import { LoginMemory, type Attempt } from "./login-memory.ts";

const HOUR_MS = 3_600_000;
const row: CredentialRow = {
  id: 1,
  account: 1 as AccountId,
  kind: "password",
  name: "password",
  hash: "$argon2id$one",
  scopes: [],
  created_ms: 0,
};
const secret = new Secret("violet turbine");
const attempt: Attempt = {
  login: "anna@example.org",
  client: "192.0.2.1/32",
  candidates: [row],
  password: secret,
};

test("what was right is remembered for an hour, and can be remembered again", () => {
  const clock = new ManualClock();
  const memory = new LoginMemory(clock);
  for (let round = 0; round < 3; round++) {
    assert.equal(memory.wasRight(row, secret), false);
    memory.rememberRight(row, secret);
    clock.advance(HOUR_MS - 1);
    assert.equal(memory.wasRight(row, secret), true);
    clock.advance(1);
  }
});

const others: readonly { readonly name: string; readonly row?: CredentialRow; readonly password?: Secret }[] =
  [
    { name: "another password", password: new Secret("violet turbinE") },
    { name: "another hash", row: { ...row, hash: "$argon2id$two" } },
    { name: "another credential", row: { ...row, id: 2 } },
  ];
for (const other of others) {
  test(`right is only what was said: ${other.name}`, () => {
    const memory = new LoginMemory(new ManualClock());
    memory.rememberRight(row, secret);
    assert.equal(memory.wasRight(other.row ?? row, other.password ?? secret), false);
  });
}

const otherAttempts: readonly { readonly name: string; readonly change: Partial<Attempt> }[] = [
  { name: "another password", change: { password: new Secret("x") } },
  { name: "another network", change: { client: "192.0.2.2/32" } },
  { name: "another login", change: { login: "bert@example.org" } },
  { name: "a changed password", change: { candidates: [{ ...row, hash: "$argon2id$two" }] } },
  { name: "a further app password", change: { candidates: [row, { ...row, id: 2 }] } },
  { name: "an account that was disabled", change: { candidates: [] } },
];
for (const { name, change } of otherAttempts) {
  test(`wrong is only what was said: ${name}`, () => {
    const memory = new LoginMemory(new ManualClock());
    memory.rememberWrong(attempt);
    assert.equal(memory.wasWrong(attempt), true);
    assert.equal(memory.wasWrong({ ...attempt, ...change }), false);
  });
}

test("wrong and right are two memories", () => {
  const memory = new LoginMemory(new ManualClock());
  memory.rememberWrong(attempt);
  assert.equal(memory.wasRight(row, secret), false);
});
