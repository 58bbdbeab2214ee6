/**
 * What a flood does to people: 2,000 connections held on port 25 from one network and 200 wrong logins a second, while a
 * good account logs in by IMAP and another server sends mail.
 *
 *     npm run flood [-- --seconds 30 --connections 2000 --logins 200 --retry 5 --spread]
 *
 * With --spread every held connection comes from a network of its own, as from a botnet; then mail may be put off.
 *
 * Prints figures and, as last line, one JSON object. Ends with status 1 when the median login takes 2 s or more, a login
 * fails, or mail is refused. Loopback only.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { descriptorLimit } from "../../src/mta/rate-seats.ts";
import { TestServer } from "../e2e/server.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import type { AttackCounts, AttackPlan } from "./attackers.ts";
import { logIn, measure, quantile, sendMail, type Measured } from "./honest.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    connections: { type: "string", default: "2000" },
    logins: { type: "string", default: "200" },
    retry: { type: "string", default: "5" },
    spread: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const wanted = Number(values.connections);
const LOGIN_MAX_MS = 2_000;
const QUIET_S = 5;
/** Time in which the flood builds up, before the figures count. */
const RISE_MS = 3_000;
/** Peers of this address are announced by the PROXY protocol; everybody else is on his own. */
const PROXY = "127.0.9.1";
/** Passwords of people, not of programs: they need the slow hash and the throttle. */
const CHOSEN = "violet turbine cooks soup";
/** Descriptors of the flood besides the held connections. */
const SPARE = 1_500;

const SENDERS = ["192.0.2.10", "198.51.100.10", "203.0.113.10"];
const reversed = (address: string): string => address.split(".").toReversed().join(".");
const ZONE = [
  "sender.test MX 10 mx.sender.test",
  ...SENDERS.map((address) => `mx.sender.test A ${address}`),
  ...SENDERS.map((address) => `${reversed(address)}.in-addr.arpa PTR mx.sender.test`),
  `sender.test TXT v=spf1 ${SENDERS.map((address) => `ip4:${address}`).join(" ")} -all`,
  "2.0.0.127.zen.spamhaus.org A 127.0.0.2",
].join("\n");

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function startServer(dnsPort: number): Promise<TestServer> {
  const server = await TestServer.create({
    users: ["you", "new"],
    toml: `[log]\nlevel = "warn"\n[dns]\nservers = ["127.0.0.1:${dnsPort}"]\n`,
  });
  const text = readFileSync(server.config, "utf8");
  const proxied = text.replace(/^\[listeners\..*\]$/gm, (table) => `${table}\nproxy_from = ["${PROXY}"]`);
  writeFileSync(server.config, proxied);
  for (const user of ["you", "new"]) {
    server.passwords.set(user, CHOSEN);
    await server.cliWith(`${CHOSEN}\n`, "account", "password", server.login(user), "--password-stdin");
  }
  await server.start();
  return server;
}

type Figures = { readonly logins: Measured; readonly firstLogins: Measured; readonly mail: Measured };

/** The same device again and again, devices never seen before, and mail. */
async function honest(server: TestServer, ca: string, duration_ms: number, from: number): Promise<Figures> {
  const until_ms = performance.now() + duration_ms;
  const [logins, firstLogins, mail] = await Promise.all([
    measure(() => logIn(server, ca, PROXY, "100.64.0.7", "you"), until_ms, 250),
    measure((n) => logIn(server, ca, PROXY, `100.${65 + from}.${n % 250}.7`, "new"), until_ms, 1_000),
    measure((n) => sendMail(server, PROXY, SENDERS[n % SENDERS.length] ?? "", n), until_ms, 500),
  ]);
  return { logins, firstLogins, mail };
}

/** Fewer connections where this machine does not allow them, and says so. */
function affordable(): number {
  const limit = descriptorLimit(readFileSync("/proc/self/limits", "utf8")) ?? Infinity;
  const connections = Math.min(wanted, Math.max(0, limit - SPARE));
  if (connections < wanted)
    say(
      `!! ONLY ${connections} CONNECTIONS instead of ${wanted}: ulimit -n is ${limit}; raise it for the real figures.`,
    );
  return connections;
}

async function ask(attackers: ChildProcess, question: "counts" | "stop"): Promise<AttackCounts> {
  const answer = once(attackers, "message");
  attackers.send(question);
  const [counts] = (await answer) as [AttackCounts];
  return counts;
}

const line = ({ times_ms, failures }: Measured): string =>
  `median ${quantile(times_ms, 0.5)} ms, p95 ${quantile(times_ms, 0.95)} ms, most ${quantile(times_ms, 1)} ms (${times_ms.length} good, ${failures.length} failed)`;

function tell(title: string, { logins, firstLogins, mail }: Figures): void {
  say(title);
  say(`  IMAP login, known device  ${line(logins)}`);
  say(`  IMAP login, new network   ${line(firstLogins)}`);
  say(`  mail from elsewhere       ${line(mail)}`);
  for (const failure of new Set([...logins.failures, ...mail.failures])) say(`  failed: ${failure}`);
}

/** Descriptors, memory and processor time of the server. */
function footprint(pid: number): { descriptors: number; memory_mib: number; cpu_s: number } {
  const descriptors = readdirSync(`/proc/${pid}/fd`).length;
  const memory = /^VmRSS:\s+([0-9]+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return { descriptors, memory_mib: Math.round(Number(memory) / 1024), cpu_s: (user + system) / 100 };
}

const summary = ({ times_ms, failures }: Measured) => ({
  median_ms: quantile(times_ms, 0.5),
  p95_ms: quantile(times_ms, 0.95),
  good: times_ms.length,
  failed: failures.length,
});

function startAttack(server: TestServer, connections: number): ChildProcess {
  const { smtp, imaps, submissions } = server.ports;
  const plan: AttackPlan = {
    smtp,
    connections,
    retry_ms: Number(values.retry) * 1000,
    spread: values.spread,
    loginsPerSecond: Number(values.logins),
    targets: { imaps, submissions, login: server.login("you"), proxy: PROXY },
  };
  return fork(new URL("attackers.ts", import.meta.url), [JSON.stringify(plan)]);
}

async function main(): Promise<void> {
  const connections = affordable();
  const dns = await startDnsServer({ zone: ZONE });
  await using server = await startServer(dns.port);
  const ca = readFileSync(server.authorityFile, "utf8");
  const quiet = await honest(server, ca, Math.min(seconds, QUIET_S) * 1000, 0);
  tell("Quiet:", quiet);
  const attackers = startAttack(server, connections);
  await new Promise((resolve) => setTimeout(resolve, RISE_MS));
  const before = footprint(server.pid);
  const flooded = await honest(server, ca, seconds * 1000, 1);
  const after = footprint(server.pid);
  const attack = await ask(attackers, "stop");
  tell(`Flood of ${connections} connections and ${values.logins} wrong logins a second:`, flooded);
  const cores = Number(((after.cpu_s - before.cpu_s) / seconds).toFixed(2));
  say(
    `  port 25: ${attack.held} held, ${attack.refused} times 421, ${attack.failed} times closed without a word`,
  );
  say(
    `  wrong logins: ${attack.tried} tried, ${attack.outcomes.answered} answered, ${attack.outcomes.closed} shut out, ${attack.outcomes.late} never answered`,
  );
  say(`  server: ${after.descriptors} descriptors, ${after.memory_mib} MiB, ${cores} cores`);
  const bans = (JSON.parse(server.cliOk("access", "list", "bans", "--json")) as readonly unknown[]).length;
  say(`  bans: ${bans}`);
  dns.close();
  const median = quantile(flooded.logins.times_ms, 0.5) ?? Infinity;
  const ok =
    median < LOGIN_MAX_MS &&
    flooded.logins.failures.length === 0 &&
    flooded.mail.failures.length === 0 &&
    flooded.mail.times_ms.length > 0;
  process.exitCode = ok ? 0 : 1;
  const { logins, firstLogins, mail } = flooded;
  say(
    JSON.stringify({
      ok,
      connections,
      seconds,
      login: summary(logins),
      firstLogin: summary(firstLogins),
      mail: summary(mail),
      quiet: { login: summary(quiet.logins), mail: summary(quiet.mail) },
      attack,
      bans,
      server: { ...after, cores },
    }),
  );
}

// A server that has fallen must not keep us waiting for its answers.
setTimeout(
  () => {
    say("The server does not answer any more.");
    process.exit(1);
  },
  (seconds + 60) * 1000,
).unref();
await main();
