/**
 * `npm run bench`: messages per second from 20 connections, 4 KB, a new connection for each message, until stored and
 * visible to the user; side by side with Postfix, and with Postfix and Dovecot, in one run. `--json` ends with one
 * JSON object; `--short` takes one small round and leaves rspamd out, which compiles its patterns for ten seconds.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fetchRspamd } from "./peer-rspamd.ts";
import { writeSignedMessage } from "./signed-message.ts";
import { peerPrefix, spawnInPrefix, type Prefix } from "./peer-packages.ts";
import { cpuSeconds } from "./process-cpu.ts";
import { startFiltered, startOurs, startPeer, USERS, type Contestant } from "./servers.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    rounds: { type: "string" },
    count: { type: "string" },
  },
});
const rounds = Number(values.rounds ?? (values.short ? 1 : 3));
const count = Number(values.count ?? (values.short ? 400 : 2000));
const SESSIONS = 20;
const SIZE_OCTETS = 4096;
/** Not counted, for everybody: what follows is a server that has run for a while, and not a compiler at work. */
const WARM_UP = values.short ? 200 : 2000;
const VISIBLE_MS = 60_000;
const PEER_PORT = 24_625;

type Round = { readonly perSecond: number; readonly cpuPer1000_s: number };

/** Processes of the generator: one for each connection takes half as much of the machine again, which the faster server misses. */
const SOURCES = 4;

/** Postfix's own generator where its package is at hand. */
async function load({ port, messageFile }: Contestant, messages: number): Promise<void> {
  if (typeof prefix === "string") return scriptedLoad(port, messages);
  const what = messageFile === undefined ? `-l ${SIZE_OCTETS}` : `-F ${messageFile}`;
  const sources = Array.from(
    { length: SOURCES },
    (_, i) =>
      `smtp-source -4 -s ${SESSIONS / SOURCES} -m ${messages / SOURCES} ${what} -M load.bench.test ` +
      `-f sender${i}@load.test -t u${i % USERS}@bench.test 127.0.0.1:${port} & sources="$sources $!"`,
  );
  const script = `${sources.join("\n")}\nfor source in $sources; do wait $source || exit 1; done`;
  const child = spawnInPrefix(prefix, "/bin/sh", ["-c", script]);
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0) throw new Error("smtp-source failed: a message was refused");
}

async function scriptedLoad(port: number, messages: number): Promise<void> {
  const script = join(dirname(fileURLToPath(import.meta.url)), "smtp-load.ts");
  const args = { port, count: messages, sessions: SESSIONS, size: SIZE_OCTETS, users: USERS };
  const child = spawn(
    process.execPath,
    [script, ...Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)])],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  const { failed } = JSON.parse(text) as { failed: number };
  if (failed > 0) throw new Error(`${failed} of ${messages} messages were refused`);
}

async function untilVisible(contestant: Contestant, want: number): Promise<void> {
  const end = Date.now() + VISIBLE_MS;
  while ((await contestant.visible()) < want) {
    if (Date.now() > end) throw new Error(`${contestant.name}: not all delivered within ${VISIBLE_MS} ms`);
    await sleep(10);
  }
}

async function round(contestant: Contestant, messages: number): Promise<Round> {
  const before = await contestant.visible();
  const cpu = (): number => contestant.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const cpuBefore = cpu();
  const started = performance.now();
  await load(contestant, messages);
  await untilVisible(contestant, before + messages);
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: messages / seconds, cpuPer1000_s: ((cpu() - cpuBefore) * 1000) / messages };
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;

const prefix = peerPrefix();
const contestants: Contestant[] = [
  await startOurs("trusting"),
  await startOurs("without rules"),
  await startOurs("judging"),
];
if (typeof prefix === "string") console.log(`Without Postfix and Dovecot beside it: ${prefix}.`);
else
  contestants.push(
    await startPeer(prefix, false, PEER_PORT),
    await startPeer(prefix, true, PEER_PORT + 2),
    ...(values.short ? [] : await authenticating(prefix)),
  );

/** Both check SPF, DKIM and DMARC of the same signed message. */
async function authenticating(root: Prefix): Promise<Contestant[]> {
  const missing = fetchRspamd(root);
  if (missing !== undefined) {
    console.log(`Without rspamd: ${missing}.`);
    return [];
  }
  const messageFile = join(mkdtempSync(join(tmpdir(), "wachpost-bench-")), "signed.eml");
  const signed = { messageFile, zone: await writeSignedMessage(messageFile, SIZE_OCTETS) };
  return [await startOurs("authenticating", signed), await startFiltered(root, PEER_PORT + 4, signed)];
}

const results = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
try {
  for (const contestant of contestants) await round(contestant, WARM_UP);
  for (let i = 0; i < rounds; i++) {
    for (const contestant of contestants) results.get(contestant.name)?.push(await round(contestant, count));
  }
} finally {
  for (const contestant of contestants) await contestant.stop();
}

const figure = (name: string, of: (result: Round) => number): number | undefined => {
  const all = results.get(name);
  return all === undefined ? undefined : median(all.map(of));
};
const start = (name: string): number | undefined =>
  contestants.find((contestant) => contestant.name === name)?.start_ms;
const round2 = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value * 100) / 100;

/** `ratio`: how many times better we are; above 1 is better whatever the unit. */
function measure(ours: number | undefined, peer: number | undefined, more: "is better" | "is worse") {
  const ratio =
    ours === undefined || peer === undefined ? undefined : more === "is better" ? ours / peer : peer / ours;
  return { ours: round2(ours), peer: round2(peer), ratio: round2(ratio) };
}

const perSecond = (result: Round): number => result.perSecond;
const cpu = (result: Round): number => result.cpuPer1000_s;
const measures = {
  messages_per_s_vs_postfix_dovecot: measure(
    figure("wachpost trusting", perSecond),
    figure("postfix+dovecot", perSecond),
    "is better",
  ),
  messages_per_s_vs_postfix: measure(
    figure("wachpost trusting", perSecond),
    figure("postfix", perSecond),
    "is better",
  ),
  cpu_s_per_1000_vs_postfix_dovecot: measure(
    figure("wachpost trusting", cpu),
    figure("postfix+dovecot", cpu),
    "is worse",
  ),
  cpu_s_per_1000_vs_postfix: measure(figure("wachpost trusting", cpu), figure("postfix", cpu), "is worse"),
  /** What the default rules and the record of their steps cost. */
  messages_per_s_judging_vs_without_rules: measure(
    figure("wachpost judging", perSecond),
    figure("wachpost without rules", perSecond),
    "is better",
  ),
  /** The same and all look-ups and authentication: what a stranger's message costs more than a friend's. */
  messages_per_s_judging_vs_trusting: measure(
    figure("wachpost judging", perSecond),
    figure("wachpost trusting", perSecond),
    "is better",
  ),
  /** A signed message, with everything about its origin checked. */
  messages_per_s_authenticating_vs_postfix_rspamd: measure(
    figure("wachpost authenticating", perSecond),
    figure("postfix+rspamd", perSecond),
    "is better",
  ),
  cpu_s_per_1000_authenticating_vs_postfix_rspamd: measure(
    figure("wachpost authenticating", cpu),
    figure("postfix+rspamd", cpu),
    "is worse",
  ),
  start_ms_vs_postfix: measure(start("wachpost trusting"), start("postfix"), "is worse"),
};
console.log(
  `${rounds} rounds of ${count} messages of ${SIZE_OCTETS} octets, ${SESSIONS} connections, one message each; medians.`,
);
for (const [name, { ours, peer, ratio }] of Object.entries(measures)) {
  console.log(
    `${name.padEnd(48)} ours ${String(ours).padStart(9)}  peer ${String(peer ?? "-").padStart(9)}  ratio ${String(ratio ?? "-").padStart(7)}`,
  );
}
if (values.json)
  console.log(JSON.stringify({ rounds, count, size_octets: SIZE_OCTETS, sessions: SESSIONS, measures }));
process.exit();
