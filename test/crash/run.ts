/**
 * `npm run crash -- --points N`: kills the server with SIGKILL at N random points under load and compares what it
 * acknowledged with what it still has (G-08). The last line is one JSON object.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { TestServer } from "../e2e/server.ts";
import { Ledger, type Verdict } from "./ledger.ts";
import { census, empty, expunge, receive, shuffle, submit } from "./load.ts";
import { startSink } from "./sink.ts";

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now()) },
  },
});
const points = Number(values.points);
/** The server dies between these two moments after the load began. */
const KILL_MIN_MS = 20;
const KILL_MAX_MS = 400;
/** Above this many messages the mailboxes are emptied, so that a census stays quick. */
const MESSAGES_MAX = 400;
const DRAIN_MS = 60_000;

let state = Number(values.seed) >>> 0 || 1;
/** Xorshift: the same seed kills at the same moments. */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

const total: Record<keyof Verdict, number> = { lost: 0, duplicated: 0, undead: 0, uidsReused: 0 };
const ledger = new Ledger();
const submitted = new Set<string>();
const sink = await startSink();
const server = await TestServer.start({
  users: ["crash"],
  toml: `[[outbound.transports]]\ndomain = "*"\nkind = "smtp"\nhost = "127.0.0.1"\nport = ${sink.port}\ntls = "none"\n`,
});
const ca = readFileSync(server.authorityFile, "utf8");

for (let point = 1; point <= points; point++) {
  const load = [
    receive(server, ledger),
    receive(server, ledger),
    receive(server, ledger),
    submit(server, ca, submitted),
    shuffle(server, ca),
    expunge(server, ca, ledger),
  ];
  await sleep(KILL_MIN_MS + random() * (KILL_MAX_MS - KILL_MIN_MS));
  await server.kill();
  await Promise.all(load);
  await server.start();
  const seen = await census(server, ca);
  const verdict = ledger.compare(seen);
  for (const key of Object.keys(total) as (keyof Verdict)[]) {
    total[key] += verdict[key].length;
    for (const id of verdict[key]) console.log(`point ${point}: ${key} ${id}`);
  }
  if (point % 10 === 0 || point === points)
    console.log(
      `${point} points, ${ledger.acknowledged} acknowledged, ${seen.length} in the mailboxes, ${submitted.size} submitted`,
    );
  if (seen.length > MESSAGES_MAX) {
    await empty(server, ca);
    ledger.forgetMessages();
  }
}

const end = Date.now() + DRAIN_MS;
const undelivered = (): string[] => [...submitted].filter((id) => !sink.taken.has(id));
while (undelivered().length > 0 && Date.now() < end) await sleep(200);
await server.stop();
const integrity = checkIntegrity(join(server.directory, "data"));
const result = {
  points,
  acknowledged: ledger.acknowledged + submitted.size,
  ...total,
  lost: total.lost + undelivered().length,
  submitted: submitted.size,
  sentTwice: [...sink.taken.values()].filter((count) => count > 1).length,
  integrity,
  seed: Number(values.seed),
};
sink.close();
await server[Symbol.asyncDispose]();
console.log(JSON.stringify(result));
process.exitCode =
  result.lost + result.duplicated + result.undead + result.uidsReused === 0 && integrity === "ok" ? 0 : 1;
process.exit();

function checkIntegrity(directory: string): string {
  const findings: string[] = [];
  for (const file of databaseFiles(directory)) {
    const database = new DatabaseSync(file, { readOnly: true });
    const row = database.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
    if (row.integrity_check !== "ok") findings.push(`${file}: ${row.integrity_check}`);
    database.close();
  }
  return findings.length === 0 ? "ok" : findings.join("; ");
}

function databaseFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(sqlite|db)$/.test(name))
    .map((name) => join(directory, name));
}
