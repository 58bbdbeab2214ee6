import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, House } from "../../test/accounts/house.ts";
import { setPassword } from "./manage.ts";
import { scramOffer } from "./scram-offer.ts";

const CHOSEN = chosen("violet turbine cooks soup");

test("the offer follows the accounts within seconds", async () => {
  await using house = await House.open();
  await house.account("anna@example.org");
  const offered = await scramOffer(house.store, house.clock, "auto");
  assert.equal(offered(), true);
  await setPassword(house.managing, "anna@example.org", CHOSEN);
  assert.equal(offered(), true, "not asked yet");
  house.clock.advance(5_001);
  offered();
  await new Promise(setImmediate);
  assert.equal(offered(), false);
  await setPassword(house.managing, "anna@example.org", { kind: "generate" });
  house.clock.advance(5_001);
  offered();
  await new Promise(setImmediate);
  assert.equal(offered(), true);
});

test("never is never", async () => {
  await using house = await House.open();
  await house.account("anna@example.org");
  const offered = await scramOffer(house.store, house.clock, "never");
  assert.equal(offered(), false);
});

test("a store that fails leaves the last answer standing", async () => {
  const house = await House.open();
  await house.account("anna@example.org");
  const offered = await scramOffer(house.store, house.clock, "auto");
  await house[Symbol.asyncDispose]();
  house.clock.advance(5_001);
  offered();
  await new Promise(setImmediate);
  assert.equal(offered(), true);
});
