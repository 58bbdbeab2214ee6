/** Setup as a person meets it: questions on a terminal, slips, and leaving. Needs python3 for the pseudo terminal. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { missing } from "../e2e/programs.ts";
import { DOMAIN, LAUNCHER, run, Workshop } from "./workshop.ts";

const skip = missing("python3", "python3");
const workshop = await Workshop.open();
after(() => workshop[Symbol.dispose]());

type Seen = { readonly status: number; readonly screen: string; readonly unanswered: readonly unknown[] };

/** What stands on the screen of somebody who types this. */
async function atTerminal(
  language: string,
  answers: readonly (readonly [question: string, typed: string])[],
): Promise<Seen> {
  const flags = workshop.flags
    .filter((flag) => flag !== "--yes")
    .flatMap((flag, at, all) =>
      ["--lang", "--public-address"].includes(flag) ||
      ["--lang", "--public-address"].includes(all[at - 1] ?? "")
        ? []
        : [flag],
    );
  const closed = `127.0.0.1:${workshop.ports.http}`;
  const command = [process.execPath, LAUNCHER, "setup", DOMAIN, ...flags];
  const world = ["--dns", closed, "--acme-directory", `https://${closed}/directory`];
  const terminal = fileURLToPath(new URL("terminal.py", import.meta.url));
  const { stdout, stderr } = await run("env", [
    `LC_ALL=${language}.UTF-8`,
    "python3",
    terminal,
    JSON.stringify(answers),
    ...command,
    ...world,
  ]);
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout) as Seen;
}

test("Ctrl-C at a question leaves quietly, and nothing was changed", { skip }, async () => {
  const { status, screen } = await atTerminal("en_US", [["on the Internet", "\u0003"]]);
  assert.equal(status, 130, screen);
  assert.match(screen, /^A few questions first\./);
  assert.doesNotMatch(screen, /Error|at .*\.ts/);
  assert.deepEqual(readdirSync(workshop.directory), []);
});

test("slips are said and asked again; what was answered is what is set up", { skip }, async () => {
  const { status, screen, unanswered } = await atTerminal("de_DE", [
    ["Name dieser Maschine im Internet", "mail\r"],
    ["Name dieser Maschine im Internet", "mx.example.test\r"],
    ["öffentliche IP-Adresse", "zu Hause\r"],
    ["öffentliche IP-Adresse", "192.0.2.25\r"],
    ["[admin@example.test]", "anna\r"],
    ["[admin@example.test]", "anna@example.test\r"],
    ["[J/n]", "n\r"],
    ["dann Enter", "\r"],
  ]);
  assert.deepEqual(unanswered, [], screen);
  for (const said of [
    "mail ist kein Name eines Servers. Schreiben Sie ihn wie mail.example.test.",
    "zu Hause ist keine IP-Adresse. Schreiben Sie sie wie 203.0.113.25 oder 2001:db8::25.",
    "anna kann hier keine Adresse sein. Schreiben Sie sie wie anna@example.test.",
    "example.test wird auf mx.example.test eingerichtet.",
    "Passwort von anna@example.test, nur jetzt zu sehen:",
    "Das DNS antwortet nicht (kein Resolver ist zu erreichen)",
  ])
    assert.ok(screen.includes(said), `${said}\n${screen}`);
  assert.match(workshop.read("wachpost.toml"), /^hostname = "mx\.example\.test"$/m);
  assert.match(screen, /mx\.example\.test\. A 192\.0\.2\.25/);
  assert.equal(
    existsSync(workshop.file("data/tls/acme")),
    false,
    "no certificate of an authority was wanted",
  );
  assert.equal(status, 1, "the DNS is still to do");
});

test("the second time nothing is asked but to enter the records", { skip }, async () => {
  const { screen, unanswered } = await atTerminal("en_US", [["then press Enter", "s\r"]]);
  assert.deepEqual(unanswered, [], screen);
  assert.doesNotMatch(screen, /A few questions/);
  assert.match(screen, /First account +anna@example\.test/);
});
