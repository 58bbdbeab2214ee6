import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { test } from "node:test";
import { Secret } from "../base/secret.ts";
import { generatePassword, isFastHash, verifyFastHash } from "./app-password.ts";
import { HASH_COST_MIN, hashOfNobody, hashPassword, needsRehash, verifyPassword } from "./password-hash.ts";

const PASSWORD = new Secret("violet turbine cooks soup");
const PHC = /^\$argon2id\$v=19\$m=([0-9]+),t=([0-9]+),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

test("the string says what was computed", async () => {
  const phc = await hashPassword(PASSWORD, HASH_COST_MIN);
  const [, memory, passes, salt = "", tag = ""] = PHC.exec(phc) ?? [];
  assert.deepEqual([memory, passes], ["19456", "2"]);
  const again = argon2Sync("argon2id", {
    message: PASSWORD.reveal(),
    nonce: Buffer.from(salt, "base64"),
    parallelism: 1,
    tagLength: 32,
    memory: 19_456,
    passes: 2,
  });
  assert.deepEqual(again, Buffer.from(tag, "base64"));
  assert.ok(await verifyPassword(PASSWORD, phc));
  assert.ok(!(await verifyPassword(new Secret("violet turbine cooks soaps"), phc)));
});

test("two hashes of one password share nothing", async () => {
  const [a, b] = await Promise.all([
    hashPassword(PASSWORD, HASH_COST_MIN),
    hashPassword(PASSWORD, HASH_COST_MIN),
  ]);
  assert.notEqual(PHC.exec(a)?.[3], PHC.exec(b)?.[3]);
  assert.notEqual(PHC.exec(a)?.[4], PHC.exec(b)?.[4]);
});

test("nothing goes below the floor (F-06)", async () => {
  assert.match(await hashPassword(PASSWORD, { memory_kib: 8, passes: 1 }), /m=19456,t=2,p=1/);
  assert.match(await hashPassword(PASSWORD, { memory_kib: 20_480, passes: 1 }), /m=20480,t=2,p=1/);
});

test("nobody's hash asks for as much work as anybody's, and opens to nothing", async () => {
  for (const cost of [HASH_COST_MIN, { memory_kib: 8, passes: 3 }]) {
    const [, ...asked] = PHC.exec(hashOfNobody(cost)) ?? [];
    assert.deepEqual(asked.slice(0, 2), (PHC.exec(await hashPassword(PASSWORD, cost)) ?? []).slice(1, 3));
  }
  assert.notEqual(hashOfNobody(HASH_COST_MIN), hashOfNobody(HASH_COST_MIN));
  assert.ok(!(await verifyPassword(PASSWORD, hashOfNobody(HASH_COST_MIN))));
});

test("256 characters count to the last (F-02)", async () => {
  const long = "x".repeat(255);
  const phc = await hashPassword(new Secret(`${long}a`), HASH_COST_MIN);
  assert.ok(await verifyPassword(new Secret(`${long}a`), phc));
  assert.ok(!(await verifyPassword(new Secret(`${long}b`), phc)));
});

const SALT = "A".repeat(22);
const TAG = "A".repeat(43);
const strange = [
  "",
  "$argon2id$",
  `$argon2i$v=19$m=19456,t=2,p=1$${SALT}$${TAG}`,
  `$argon2id$v=16$m=19456,t=2,p=1$${SALT}$${TAG}`,
  `$argon2id$v=19$m=9999999,t=2,p=1$${SALT}$${TAG}`,
  `$argon2id$v=19$m=19456,t=99,p=1$${SALT}$${TAG}`,
  `$argon2id$v=19$m=1,t=1,p=1$${SALT}$${TAG}`,
  `$argon2id$v=19$m=19456,t=2,p=4$${SALT}$${TAG}`,
  `$argon2id$v=19$m=19456,t=2,p=1$${SALT}$`,
];
for (const phc of strange) {
  test(`matches nothing: ${phc}`, async () => assert.equal(await verifyPassword(PASSWORD, phc), false));
}

const raised = [
  { name: "the same", cost: HASH_COST_MIN, want: false },
  { name: "below the floor", cost: { memory_kib: 1, passes: 1 }, want: false },
  { name: "more memory", cost: { memory_kib: 65_536, passes: 2 }, want: true },
  { name: "more passes", cost: { memory_kib: 19_456, passes: 3 }, want: true },
];
for (const { name, cost, want } of raised) {
  test(`rehash: ${name}`, () => {
    assert.equal(needsRehash(`$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${TAG}`, cost), want);
  });
}

test("passwords the server makes: long, different, each with its own hash", async () => {
  const salt = Buffer.alloc(16, 1);
  const [a, b] = await Promise.all([generatePassword(salt), generatePassword(salt)]);
  assert.match(a.password.reveal(), /^[0-9a-z]{5}(?:-[0-9a-z]{5}){5}$/);
  assert.notEqual(a.password.reveal(), b.password.reveal());
  assert.ok(isFastHash(a.hash) && verifyFastHash(a.password, a.hash));
  assert.ok(!verifyFastHash(b.password, a.hash));
  assert.ok(!verifyFastHash(a.password, "$sha256$"));
  assert.equal(a.scram.iterations, 10_000);
});
