/** The doctor inside the running server: it examines itself, tells what broke and what mended, and nothing twice. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseConfig } from "../../src/config/parse.ts";
import { runExamination } from "../../src/rounds/examination.ts";
import { letter, lettersOf, strangerAt, submit } from "../e2e/mail-programs.ts";
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

/** Takes connections and says nothing: who waits for its greeting waits long. */
async function silentHost(): Promise<{ readonly port: number; hangUp(): void } & Disposable> {
  const sockets: Socket[] = [];
  const host = createServer((socket) => void sockets.push(socket.on("error", () => {})));
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  const hangUp = (): void => {
    host.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (host.address() as AddressInfo).port, hangUp, [Symbol.dispose]: hangUp };
}

test("a server that is sabotaged while it runs writes once, and once more when it is mended", async () => {
  using silent = await silentHost();
  await using server = await TestServer.start({
    toml: `[doctor]
start_s = 0
light_s = 1
canary_s = 1
canary_late_s = 8
[queue]
concurrency = 1
[[outbound.transports]]
domain = "silent.test"
host = "127.0.0.1"
port = ${silent.port}
tls = "verify"
`,
  });
  await until("the full examination after the start", () => examined(server, "full") === 1);
  assert.deepEqual(await alerts(server), [], "what the first one finds is no news");
  const data = join(server.directory, "data");
  chmodSync(data, 0o755);
  // The queue's one place is taken by mail that does not get on.
  await submit(server, "you", "x@silent.test", letter(server.login(), "x@silent.test", "stuck"));
  await until("two alerts", async () => (await alerts(server)).length >= 2);
  const told = (await alerts(server)).join("\n");
  assert.match(told, /^Subject: \[mail\.wachpost\.test\] Alert: Not so: Only the server may/m);
  assert.match(
    told,
    /\r\n\r\nAlert: Not so: Only the server may read its data \(mail\.wachpost\.test\)\. Others/,
  );
  assert.ok(told.includes(`What to do: chmod 700 ${data}`), told);
  assert.match(
    told,
    /Alert: A mail of the server to itself did not get through within 8 seconds, lost at: queue:/,
  );
  const before = examined(server, "light");
  await until("one more round", () => examined(server, "light") > before);
  assert.equal((await alerts(server)).length, 2, "each is told once");
  chmodSync(data, 0o700);
  silent.hangUp();
  await until("the good news", async () => (await alerts(server)).length >= 4);
  const over = (await alerts(server)).slice(2).join("\n");
  assert.match(over, /\r\n\r\nOver: In order again: Only the server may read its data/);
  assert.match(over, /\r\n\r\nOver: A mail of the server to itself/);

  const history = JSON.parse(server.cliOk("doctor", "--history", "--json")) as {
    examinations: { kind: string; score: number; counts: { fail: number } }[];
  };
  const { examinations } = history;
  assert.ok(examinations.some(({ kind }) => kind === "full"));
  assert.ok(examinations.some(({ kind, counts }) => kind === "light" && counts.fail === 1));
  const last = server.cliOk("doctor", "--last", "--all", "--lang", "de");
  assert.match(last, /^Vom Server selbst untersucht am .*\nLetzter kurzer Blick/);
  assert.match(last, /100 von 100 Punkten/);
  assert.match(
    last,
    /den ganzen Server .*\n .* s \(Einlieferung [0-9.]+, Warteschlange [0-9.]+, Annahme [0-9.]+, Lesen [0-9.]+\)/,
  );

  // Nobody's history, nobody's address, nobody's login.
  assert.deepEqual(JSON.parse(server.cliOk("account", "list", "--json")).length, 1);
  assert.equal(server.cliOk("domain", "list").trim(), server.domain);
  const sent = server.log
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event, from }) => event === "delivery.sent" && from === "canary@canary.invalid");
  assert.ok(sent.length > 1);
  const explained = server.cliOk("explain", String(sent.at(-1)?.["queue"]), "--json");
  assert.deepEqual((JSON.parse(explained) as { records: unknown[] }).records, []);
  const stranger = await strangerAt(server);
  await stranger.say("MAIL FROM:<canary@canary.invalid>");
  assert.match(await stranger.say("RCPT TO:<canary@canary.invalid>"), /^554 5\.7\.1 .*Relay access denied/);
  stranger.destroy();
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
