/** The server attacks itself, and notices when a defence is missing; the long form is `npm run attack-mutations`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ADVISORIES } from "../../src/doctor/attack/advisories.ts";
import { ATTACKED } from "../../src/doctor/attack/cases.ts";
import type { DoctorReport } from "../../src/doctor/report-json.ts";
import { attackPage, attackPageWithTables } from "../../tools/attack-table.ts";
import { TestServer } from "../e2e/server.ts";
import { MUTATIONS } from "./mutation-table.ts";
import type { Mutation } from "./mutation.ts";
import { misplaced, moreDoors, unnoticed, Workshop } from "./workshop.ts";

/** Enough of them at once to see that red is red, at every kind of door. */
const TOGETHER = [
  "a NUL is content",
  "everybody is a proxy (XCLIENT)",
  "a login writes any From",
  "strangers send large literals",
  "parts are not counted",
  "every host has our policy",
];
const CHECKS = [
  "stray-octets",
  "foreign-commands",
  "forged-header",
  "imap-stranger-literal",
  "mime-parts",
  "web-host",
  "smuggling",
  "report-bomb",
];

test("the tables of docs/attack.md are current (node tools/attack-table.ts)", () => {
  const page = attackPage();
  assert.equal(attackPageWithTables(page), page);
});

test("every published hole is tried by an attack there is, or has a reason why not", () => {
  for (const one of ADVISORIES) {
    if ("notHere" in one) assert.match(one.notHere, /\S/, one.id);
    else
      for (const check of one.tried)
        assert.ok(
          ATTACKED.some((known) => known === check),
          `${one.id}: ${check}`,
        );
  }
  assert.equal(new Set(ADVISORIES.map(({ id }) => id)).size, ADVISORIES.length);
});

test("every defence that is removed in turn stands where the table says", () => {
  assert.deepEqual(MUTATIONS.flatMap(misplaced), []);
  assert.equal(new Set(MUTATIONS.map(({ name }) => name)).size, MUTATIONS.length);
});

test("the server as it is holds, and nothing of the attack is left", async () => {
  await using server = await TestServer.start({ toml: await moreDoors() });
  const { status, stdout, stderr } = await server.cliLater(
    "--json",
    "attack",
    ...CHECKS.flatMap((check) => ["--only", check]),
  );
  assert.equal(status, 0, stdout + stderr);
  const { findings, exit, spent } = JSON.parse(stdout) as DoctorReport & { spent: { connections: number } };
  assert.deepEqual([...new Set(findings.map(({ check }) => check))].sort(), [...CHECKS].sort());
  assert.equal(exit, 0);
  assert.ok(spent.connections > 0);
  const accounts = JSON.parse(server.cliOk("account", "list", "--json")) as { login: string }[];
  assert.deepEqual(
    accounts.map(({ login }) => login),
    [server.login()],
  );
  assert.match(server.cliOk("queue", "list"), /empty/);
});

test("removed defences are noticed", async () => {
  const chosen = TOGETHER.map((name) => MUTATIONS.find((one) => one.name === name) as Mutation);
  await using workshop = await Workshop.open();
  const report = await workshop.attacked(chosen);
  assert.equal(report.exit, 2);
  assert.deepEqual(
    chosen.flatMap((one) => unnoticed(one, report)),
    [],
  );
});
