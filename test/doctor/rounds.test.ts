/** The doctor inside the running server: it examines itself, tells what broke and what mended, and nothing twice. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseConfig } from "../../src/config/parse.ts";
import { runExamination } from "../../src/rounds/examination.ts";
import { lettersOf } from "../e2e/mail-programs.ts";
import { TestServer } from "../e2e/server.ts";

const PATIENCE_MS = 90_000;
const scratch = mkdtempSync(join(tmpdir(), "wachpost-rounds-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const over_ms = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < over_ms, `${what}: not within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What the server has written to its operator. */
const alerts = async (server: TestServer): Promise<readonly string[]> =>
  (await lettersOf(server))
    .map(({ text }) => text.replaceAll("=\r\n", ""))
    .filter((text) => /^Message-ID: <alert\./m.test(text));

const examined = (server: TestServer, kind: string): number =>
  server.log.filter((line) => line.includes('"event":"doctor.examined"') && line.includes(`"kind":"${kind}"`))
    .length;

test("a server that is sabotaged while it runs writes once, and once more when it is mended", async () => {
  await using server = await TestServer.start({ toml: "[doctor]\nstart_s = 1\nlight_s = 1\n" });
  await until("the full examination after the start", () => examined(server, "full") === 1);
  assert.deepEqual(await alerts(server), [], "what the first one finds is no news");
  const data = join(server.directory, "data");
  chmodSync(data, 0o755);
  await until("an alert", async () => (await alerts(server)).length > 0);
  const [alert = ""] = await alerts(server);
  assert.match(alert, /^Subject: \[mail\.wachpost\.test\] Alert: Not so: Only the server may/m);
  assert.match(
    alert,
    /\r\n\r\nAlert: Not so: Only the server may read its data \(mail\.wachpost\.test\)\. Others/,
  );
  assert.ok(alert.includes(`What to do: chmod 700 ${data}`), alert);
  const before = examined(server, "light");
  await until("two more rounds", () => examined(server, "light") >= before + 2);
  assert.equal((await alerts(server)).length, 1, "it is told once");
  chmodSync(data, 0o700);
  await until("the good news", async () => (await alerts(server)).length > 1);
  assert.match(
    (await alerts(server))[1] ?? "",
    /\r\n\r\nOver: In order again: Only the server may read its data/,
  );

  const history = JSON.parse(server.cliOk("doctor", "--history", "--json")) as {
    examinations: { kind: string; score: number; counts: { fail: number } }[];
  };
  const { examinations } = history;
  assert.equal(examinations.at(-1)?.kind, "full");
  assert.ok(examinations.some(({ kind, counts }) => kind === "light" && counts.fail === 1));
  const last = server.cliOk("doctor", "--last", "--lang", "de");
  assert.match(last, /^Vom Server selbst untersucht am .*Letzter kurzer Blick/);
  assert.match(last, /100 von 100 Punkten/);
  await server.stop();
  await server.start();
  await until("another look", () => examined(server, "light") > before + 3);
  assert.equal(examined(server, "full"), 1, "nothing is new, so none at the start");
  assert.equal((await alerts(server)).length, 2, "the next process knows what was told");
});

test("an examination that dies, hangs, says too much or nonsense is an end that can be told", async () => {
  const config = parseConfig('hostname = "mail.example.org"');
  assert.ok(config.ok);
  const order = { config: config.value, kind: "light" } as const;
  const end = async (
    script: string,
    deadline_ms = 30_000,
    signal = new AbortController().signal,
  ): Promise<string> => {
    const program = join(scratch, "program.mjs");
    writeFileSync(program, script);
    const ended = await runExamination(order, signal, { program, deadline_ms });
    return ended.ok ? "ok" : ended.error;
  };
  assert.match(await end('throw new Error("no store")'), /^it ended with code 1: Error: no store/);
  assert.match(
    await end('process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)'),
    /^it ended with SIGSEGV/,
  );
  assert.match(await end("setInterval(() => {}, 1000)", 500), /^no end within 1 minutes/);
  assert.equal(
    await end(
      'const x = "x".repeat(1e6); for (;;) if (!process.stdout.write(x)) await new Promise((r) => process.stdout.once("drain", r))',
    ),
    "it said too much",
  );
  assert.equal(await end('console.log("nonsense")'), "what it said cannot be read");
  assert.equal(
    await end('console.log(JSON.stringify({ looked: [{ check: "evil" }], expected: [] }))'),
    "what it said cannot be read",
  );
  assert.equal(await end("console.log(JSON.stringify({ looked: [], expected: [] }))"), "ok");
  assert.equal(await end("setInterval(() => {}, 1000)", 30_000, AbortSignal.abort()), "the server stopped");
});
