/** Behind doors that are open already, half of the server is still being loaded: whoever comes before waits for it, and its absence ends the start. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { connect } from "node:tls";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { greeting } from "../bench/greeting.ts";
import { TestServer } from "./server.ts";

const START_MS = 60_000;

let server: TestServer;
before(async () => {
  server = await TestServer.create({ users: ["you"] });
});
after(() => server[Symbol.asyncDispose]());

/** Modules whose address ends so are found slow, or cannot be read. */
function whileLoading(end: string, what: string): Disposable {
  const hook = join(server.directory, "hook.mjs");
  writeFileSync(
    hook,
    `import { registerHooks } from "node:module";
     registerHooks({ load(url, context, next) { if (url.endsWith(${JSON.stringify(end)})) { ${what} } return next(url, context); } });`,
  );
  process.env["NODE_OPTIONS"] = `--import=${hook}`;
  return { [Symbol.dispose]: () => void delete process.env["NODE_OPTIONS"] };
}

/** What it hears first, from the moment on that there is a door. */
async function firstWords(port: number): Promise<string> {
  for (const end = Date.now() + START_MS; ;) {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    const words = await new Promise<string | undefined>((resolve) => {
      socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
      socket.once("error", () => resolve(undefined));
      socket.once("close", () => resolve(undefined));
    });
    socket.destroy();
    if (words !== undefined) return words;
    assert.ok(Date.now() < end, `nobody speaks on port ${port}`);
    await sleep(5);
  }
}

test("who is early is greeted all the same", async () => {
  using _ = whileLoading("/imap/server.ts", "const until = Date.now() + 300; while (Date.now() < until);");
  const greeted = Promise.all([
    firstWords(server.ports.imaps),
    firstWords(server.ports.pop3s),
    greeting(server.ports.smtp, START_MS),
  ]);
  await server.start();
  const [imap, pop3] = await greeted;
  assert.equal(await server.stop(), 0);
  assert.match(imap, /^\* OK /);
  assert.match(pop3, /^\+OK /);
});

for (const file of ["/imap/server.ts", "/assembly/rounds.ts"])
  test(`what cannot be loaded ends the start: ${file}`, async () => {
    using _ = whileLoading(file, "throw new Error('gone: ' + url);");
    await assert.rejects(server.start(), new RegExp(`exit 1: [^]*gone: file:.*${file}`));
    await assert.rejects(greeting(server.ports.smtp, 0), /nothing greets/);
  });
