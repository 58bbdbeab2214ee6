/** A rule or an entry that refuses mail to postmaster is seen, whoever the doctor himself may be for the rules. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { refusedRoles } from "../../src/doctor/net-role-mail.ts";
import { openStore } from "../../src/store/sqlite/open.ts";

const directory = mkdtempSync(join(tmpdir(), "wachpost-role-mail-"));
const store = await openStore({ directory, log: silentLog, clock: systemClock });
after(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});
await store.directory.addDomain("example.org");

const cases: readonly { name: string; toml: string; want: readonly string[] }[] = [
  { name: "the rules of a fresh server", toml: "", want: [] },
  { name: "greylisting only puts off", toml: '[policy]\nrecipient = "check_greylist"', want: [] },
  {
    name: "everything is refused",
    toml: '[policy]\nrecipient = "reject"',
    want: ["postmaster@example.org reject", "abuse@example.org reject"],
  },
  {
    name: "strangers are refused, this machine is not",
    toml: '[policy]\nclient = "permit_mynetworks, reject"',
    want: ["postmaster@example.org reject", "abuse@example.org reject"],
  },
  {
    name: "a name in the DNS that agrees is enough",
    toml: '[policy]\nclient = "reject_unknown_client_hostname"\nsender = "reject_unknown_sender_domain"',
    want: [],
  },
];
for (const { name, toml, want } of cases)
  test(`role mail: ${name}`, async () => {
    const config = parseConfig(`hostname = "mail.example.org"\n${toml}`);
    assert.ok(config.ok, JSON.stringify(config));
    const refused = await refusedRoles(config.value, store, systemClock);
    assert.deepEqual(
      refused.map(({ address, rule }) => `${address} ${rule}`),
      want,
    );
  });

test("role mail: one entry of a table of the fresh server", async () => {
  const config = parseConfig('hostname = "mail.example.org"');
  assert.ok(config.ok);
  await store.tables.putAccess({
    table: "recipients",
    key: "abuse@example.org",
    value: "REJECT nobody reads this",
    reason: "",
    author: "",
    created_ms: 0,
  });
  const [refused, ...others] = await refusedRoles(config.value, store, systemClock);
  assert.deepEqual([refused?.address, others.length], ["abuse@example.org", 0]);
  assert.match(refused?.reply ?? "", /nobody reads this/);
});
