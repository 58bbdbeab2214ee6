import assert from "node:assert/strict";
import { chownSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Domain } from "../base/domain-name.ts";
import { HeldDirectory, writeWhole } from "./machine-files.ts";
import { lockSetup, readState, writeState, type SetupState } from "./state.ts";

const workshop = mkdtempSync(join(tmpdir(), "wachpost-state-"));
after(() => rmSync(workshop, { recursive: true, force: true }));

const domain = "example.test" as Domain;
const state: SetupState = {
  schema: 1,
  answers: {
    hostName: "mail.example.test",
    config: "/etc/wachpost/wachpost.toml",
    account: "admin@example.test",
    publicAddresses: [],
    listen: [],
    ports: {},
    dnsServers: [],
  },
  steps: {},
  passwordSeen: true,
};

/** A data directory, and a place that the server's user would like root to write to. */
function places(name: string): { readonly data: string; readonly victim: string } {
  const data = join(workshop, name);
  const victim = join(workshop, `${name}-victim`);
  mkdirSync(data);
  mkdirSync(victim);
  return { data, victim };
}

test("what was written is read again", async () => {
  const { data } = places("plain");
  assert.equal(await readState(data, domain), undefined);
  await using _lock = await lockSetup(data);
  await writeState(data, domain, state);
  assert.deepEqual(await readState(data, domain), state);
  await assert.rejects(lockSetup(data), { code: "setup-busy" });
});

test("a link in place of the directory is not followed", async () => {
  const { data, victim } = places("link");
  symlinkSync(victim, join(data, "setup"));
  await assert.rejects(writeState(data, domain, state), { code: "setup-directory" });
  await assert.rejects(lockSetup(data), { code: "setup-directory" });
  assert.equal(await readState(data, domain), undefined);
  assert.deepEqual(readdirSync(victim), []);
});

test("a link put there between the look and the writing is not followed either", async () => {
  const { data, victim } = places("swap");
  const setup = join(data, "setup");
  await using held = (await HeldDirectory.make(setup)) ?? assert.fail();
  renameSync(setup, join(data, "moved"));
  symlinkSync(victim, setup);
  await writeWhole(join(held.path, "example.test.json"), "{}", 0o600);
  assert.deepEqual(readdirSync(victim), []);
  assert.deepEqual(readdirSync(join(data, "moved")), ["example.test.json"]);
});

test(
  "a directory of somebody else is not ours",
  { skip: process.getuid?.() !== 0 && "only root" },
  async () => {
    const { data } = places("theirs");
    mkdirSync(join(data, "setup"));
    chownSync(join(data, "setup"), 65_534, 65_534);
    await assert.rejects(writeState(data, domain, state), { code: "setup-directory" });
  },
);
