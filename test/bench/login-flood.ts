/**
 * What a flood of wrong logins does to mail (D-31): round trips of an SMTP recipient over loopback, store reads, durable
 * writes and file reads, before and during the flood; and how long a right password takes meanwhile. Everything runs in
 * one process, the probes too.
 *
 *     node test/bench/login-flood.ts [--parallel 200] [--seconds 5] [--memory 19456] [--passes 2]
 *
 * Prints one JSON line per scenario; ends with status 1 when the p95 of mail is 500 ms or more.
 */
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { addresses } from "../../src/accounts/addresses.ts";
import { logins } from "../../src/accounts/authenticate.ts";
import type { Logins } from "../../src/accounts/contract.ts";
import { MemoryThrottle } from "../../src/accounts/throttle.ts";
import { systemClock } from "../../src/base/clock.ts";
import { randomId } from "../../src/base/ids.ts";
import { silentLog } from "../../src/base/log.ts";
import { err } from "../../src/base/result.ts";
import { Secret } from "../../src/base/secret.ts";
import { listen, type Listener } from "../../src/net/listener.ts";
import type { SmtpBackend } from "../../src/smtp/backend.ts";
import { reply } from "../../src/smtp/reply.ts";
import { serveSmtp } from "../../src/smtp/server.ts";
import { chosen, from, House } from "../accounts/house.ts";

const { values } = parseArgs({
  options: {
    parallel: { type: "string", default: "200" },
    seconds: { type: "string", default: "5" },
    memory: { type: "string", default: "19456" },
    passes: { type: "string", default: "2" },
  },
});
const parallel = Number(values.parallel);
const duration_ms = Number(values.seconds) * 1000;
const P95_MAX_MS = 500;
const OWNER = "anna@example.org";
/** Enough that none logs in twice while the bench runs. */
const PEOPLE = 60;
const PASSWORD = "violet turbine cooks soup";

/** Guesses on made-up names until `until_ms`; counts how they were answered. */
async function guess(
  all: Logins,
  remote: string,
  until_ms: number,
  outcomes: Map<string, number>,
): Promise<void> {
  for (let n = 0; performance.now() < until_ms; n++) {
    const login = `user${n}-${remote}@example.org`;
    const result = await from(all, remote).password(login, new Secret(randomId()));
    const kind = result.ok ? "ok" : result.failure.kind;
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    // Who is refused at once comes back with a new connection: a tenth of a second at least over any network.
    if (kind !== "invalid") await pause(100);
  }
}

type Probe = {
  readonly name: string;
  readonly mail: boolean;
  readonly pause_ms: number;
  run(): Promise<unknown>;
};

async function sample(probe: Probe, until_ms: number): Promise<string> {
  const times: number[] = [];
  while (performance.now() < until_ms) {
    const begin = performance.now();
    await probe.run();
    times.push(performance.now() - begin);
    await pause(probe.pause_ms);
  }
  times.sort((a, b) => a - b);
  const at = (part: number): string => (times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(1);
  if (probe.mail && Number(at(0.95)) >= P95_MAX_MS) process.exitCode = 1;
  return `p50 ${at(0.5)} p95 ${at(0.95)} max ${at(1)} (${times.length})`;
}

async function scenario(
  name: string,
  all: Logins,
  probes: readonly Probe[],
  remotes: readonly string[],
): Promise<void> {
  const until_ms = performance.now() + duration_ms;
  const outcomes = new Map<string, number>();
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const flood = remotes.map((remote) => guess(all, remote, until_ms, outcomes));
  const results = await Promise.all(
    probes.map(async (probe) => [`${probe.name}_ms`, await sample(probe, until_ms)] as const),
  );
  await Promise.all(flood);
  const { user, system } = process.cpuUsage(cpu);
  const cores = Number(((user + system) / 1000 / (performance.now() - begin)).toFixed(2));
  const line = {
    scenario: name,
    ...Object.fromEntries(results),
    outcomes: Object.fromEntries(outcomes),
    refusedPeople: refusedPeople.splice(0),
    cores,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** An SMTP session that says one line at a time; a new one for each recipient, since the server slows idle talk down. */
class Smtp {
  readonly #socket: Socket;
  #settle: { resolve(): void; reject(error: Error): void } = { resolve: () => {}, reject: () => {} };

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      if (/^[45]/.test(text)) this.#settle.reject(new Error(text));
      else if (/^\d{3} [^\n]*\n$/m.test(text)) this.#settle.resolve();
    });
    this.#socket.on("close", () => this.#settle.reject(new Error("the session was closed")));
  }

  static async recipient(port: number): Promise<void> {
    const session = new Smtp(port);
    await session.#answer();
    const lines = ["EHLO bench.example.org", "MAIL FROM:<a@example.com>", `RCPT TO:<${OWNER}>`, "QUIT"];
    for (const line of lines) await session.#say(line);
    session.#socket.destroy();
  }

  #say(line: string): Promise<void> {
    this.#socket.write(`${line}\r\n`);
    return this.#answer();
  }

  #answer(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }
}

async function mailServer(house: House): Promise<Listener> {
  const all = addresses(house.store);
  const refused = reply(550, "5.1.1", "No such address");
  const backend: SmtpBackend = {
    hostName: "mx.example.org",
    messageSizeMax: 1_000_000,
    connect: async () => undefined,
    disconnected: () => {},
    mechanisms: () => [],
    authenticator: () => {
      throw new Error("nobody logs in here");
    },
    mail: async () => undefined,
    rcpt: async (_session, _transaction, recipient) =>
      (await all.resolve(recipient.to)).kind === "local" ? undefined : refused,
    data: async () => err(refused),
  };
  return listen({
    name: "bench",
    at: { host: "127.0.0.1", port: 0 },
    proxyFrom: [],
    connectionsMax: 100,
    log: silentLog,
    handler: (connection) =>
      serveSmtp(connection, {
        profile: "mx",
        backend,
        log: silentLog,
        clock: systemClock,
        newId: () => randomId(),
        xclientFrom: [],
        shutdown: new AbortController().signal,
      }),
  });
}

let people = 0;
const refusedPeople: string[] = [];

/** A right password that nobody remembers, from a network nobody knows. */
async function firstLogin(all: Logins): Promise<void> {
  const n = people++ % PEOPLE;
  const result = await from(all, `203.0.113.${people % 250}`).password(
    `p${n}@example.org`,
    new Secret(PASSWORD),
  );
  if (!result.ok) refusedPeople.push(result.failure.kind);
}

async function main(): Promise<void> {
  await using house = await House.open();
  const { id } = await house.account(OWNER, chosen(PASSWORD));
  for (let n = 0; n < PEOPLE; n++) await house.account(`p${n}@example.org`, chosen(PASSWORD));
  const { store } = house;
  await using all = await logins({
    store,
    clock: systemClock,
    log: silentLog,
    throttle: new MemoryThrottle(systemClock, silentLog),
    cost: { memory_kib: Number(values.memory), passes: Number(values.passes) },
    scram: "auto",
  });
  const listener = await mailServer(house);
  let written = 0;
  const probes: readonly Probe[] = [
    { name: "smtpRecipient", mail: true, pause_ms: 10, run: () => Smtp.recipient(listener.port) },
    { name: "storeRead", mail: true, pause_ms: 10, run: () => store.mail.mailboxes(id) },
    {
      name: "durableWrite",
      mail: true,
      pause_ms: 10,
      run: () => store.directory.putSetting("bench", String(written++)),
    },
    { name: "fileRead", mail: true, pause_ms: 10, run: () => readFile(new URL(import.meta.url)) },
    { name: "rightPassword", mail: false, pause_ms: 500, run: () => firstLogin(all) },
  ];
  const many = Array.from({ length: parallel }, (_, i) => `198.18.${i >> 8}.${i & 255}`);
  await scenario("quiet", all, probes, []);
  await scenario(
    `${parallel} at once from one address`,
    all,
    probes,
    many.map(() => "198.51.100.1"),
  );
  await scenario(`${parallel} at once from as many addresses`, all, probes, many);
  await listener.close(1000);
}

await main();
