/** The servers under comparison, each started fresh in a directory of its own, each with twenty users. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RawClient } from "../e2e/raw-client.ts";
import { TestServer } from "../e2e/server.ts";
import { answers, greeting } from "./greeting.ts";
import { startDovecot } from "./peer-dovecot.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import type { Prefix } from "./peer-packages.ts";
import { startRspamd, teachRspamd } from "./peer-rspamd.ts";
import { startPostfix, type PostfixDelivery } from "./peer-postfix.ts";

export const USERS = 20;

export type Contestant = {
  readonly name: string;
  /** What it is sent; without it smtp-source's own. */
  readonly messageFile?: string;
  readonly port: number;
  readonly pids: readonly number[];
  /** From spawn to the first greeting. */
  readonly start_ms: number;
  /** Messages a user can see now. */
  visible(): Promise<number>;
  stop(): Promise<void>;
};

/** A resolver for the rules: the sender's domain exists, everything else does not. */
const ZONE = `
load.test MX 10 mx.load.test
mx.load.test A 127.0.0.1
load.bench.test A 127.0.0.1
1.0.0.127.in-addr.arpa PTR mx.load.test
2.0.0.127.zen.spamhaus.org A 127.0.0.2
`;

/** The load signs its mail; its key is in the zone. */
export type Signed = { readonly messageFile: string; readonly zone: string };

/** How our server takes the load. */
export type Manner =
  /** As a friend's, out of mynetworks: stored and told in the journal, not asked about. */
  | "trusting"
  /** Looked up and authenticated, but without any rule. */
  | "without rules"
  /** Looked up, authenticated, judged by the default rules. */
  | "judging"
  /** The same, with mail that is signed. */
  | "authenticating";

const NO_RULES = ["client", "helo", "sender", "relay", "recipient", "data", "end_of_data"]
  .map((list) => `${list} = ""\n`)
  .join("");

export async function startOurs(manner: Manner, signed?: Signed): Promise<Contestant> {
  const dns = manner === "trusting" ? undefined : await startDnsServer({ zone: ZONE + (signed?.zone ?? "") });
  const rules =
    dns === undefined
      ? ""
      : `[policy]\nmynetworks = ["192.0.2.0/24"]\n${manner === "without rules" ? NO_RULES : ""}[dns]\nservers = ["127.0.0.1:${dns.port}"]\n`;
  const server = await TestServer.create({
    domain: "bench.test",
    users: Array.from({ length: USERS }, (_, i) => `u${i}`),
    toml:
      '[log]\nlevel = "warn"\n[limits]\nconnections_per_client = 1000\n[doctor]\nenabled = false\n' + rules,
  });
  const started = performance.now();
  const starting = server.start();
  await greeting(server.ports.smtp);
  const start_ms = performance.now() - started;
  await starting;
  const ca = readFileSync(server.authorityFile, "utf8");
  const readers: RawClient[] = [];
  for (let i = 0; i < USERS; i++) readers.push(await loggedIn(server, ca, `u${i}`));
  return {
    name: `wachpost ${manner}`,
    ...(signed ? { messageFile: signed.messageFile } : {}),
    port: server.ports.smtp,
    pids: [server.pid],
    start_ms,
    visible: async () => (await Promise.all(readers.map(messagesIn))).reduce((sum, count) => sum + count, 0),
    stop: async () => {
      await server[Symbol.asyncDispose]();
      dns?.close();
    },
  };
}

async function loggedIn(server: TestServer, ca: string, user: string): Promise<RawClient> {
  const client = await RawClient.tls(server.ports.imaps, { ca });
  await client.until(/^\* OK.*\r\n/);
  client.write(`l LOGIN ${server.login(user)} ${server.password(user)}\r\n`);
  await client.until(/^l OK.*\r\n/m);
  return client;
}

async function messagesIn(client: RawClient): Promise<number> {
  client.write("s STATUS INBOX (MESSAGES)\r\n");
  const answer = await client.until(/^s OK.*\r\n/m);
  return Number(/MESSAGES (\d+)/.exec(answer)?.[1] ?? 0);
}

export async function startPeer(prefix: Prefix, withDovecot: boolean, port: number): Promise<Contestant> {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-peer-"));
  chmodSync(directory, 0o755);
  const dovecot = withDovecot ? startDovecot(prefix, join(directory, "dovecot"), port + 1, USERS) : undefined;
  const delivery: PostfixDelivery = withDovecot ? { kind: "lmtp", port: port + 1 } : { kind: "maildir" };
  const started = performance.now();
  const postfix = startPostfix(prefix, join(directory, "postfix"), port, USERS, delivery);
  await greeting(port);
  const start_ms = performance.now() - started;
  const processes = [postfix.process, ...(dovecot ? [dovecot.process] : [])];
  const ends = peerEnds(directory, processes, (i) =>
    dovecot ? join(dovecot.maildir, `u${i}/Maildir/new`) : join(postfix.maildir, `u${i}/new`),
  );
  return {
    name: withDovecot ? "postfix+dovecot" : "postfix",
    port,
    pids: processes.map((child) => child.pid ?? 0),
    start_ms,
    visible: () => ends.visible(),
    stop: () => ends.close(),
  };
}

/** How a peer's mail is counted, and how it goes. */
function peerEnds(
  directory: string,
  processes: readonly ChildProcess[],
  maildirOf: (user: number) => string,
) {
  const maildirs = Array.from({ length: USERS }, (_, i) => maildirOf(i));
  return {
    visible: async () =>
      maildirs.reduce((sum, maildir) => sum + (existsSync(maildir) ? readdirSync(maildir).length : 0), 0),
    async close() {
      for (const child of processes) {
        const exit = once(child, "exit");
        child.kill("SIGTERM");
        await exit;
      }
      await sleep(500);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Postfix with rspamd and its Redis as a milter, delivering into Maildirs. */
export async function startFiltered(prefix: Prefix, port: number, signed: Signed): Promise<Contestant> {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-peer-"));
  chmodSync(directory, 0o755);
  const dns = await startDnsServer({ zone: ZONE + signed.zone });
  const ports = { milter: port + 1, controller: port + 2, redis: port + 3, dns: dns.port };
  const started = performance.now();
  const filters = startRspamd(prefix, join(directory, "rspamd"), ports);
  const postfix = startPostfix(
    prefix,
    join(directory, "postfix"),
    port,
    USERS,
    { kind: "maildir" },
    ports.milter,
  );
  await accepts(ports.milter);
  await greeting(port);
  const start_ms = performance.now() - started;
  await accepts(ports.controller);
  await teachRspamd(prefix, directory, ports.controller);
  const processes = [postfix.process, ...filters];
  const ends = peerEnds(directory, processes, (i) => join(postfix.maildir, `u${i}/new`));
  return {
    name: "postfix+rspamd",
    messageFile: signed.messageFile,
    port,
    pids: processes.map(({ pid }) => pid ?? 0),
    start_ms,
    visible: () => ends.visible(),
    async stop() {
      await ends.close();
      dns.close();
    },
  };
}

/** rspamd compiles its patterns first: ten seconds on a quiet machine. */
const COMPILED_MS = 120_000;

async function accepts(port: number): Promise<void> {
  const end = Date.now() + COMPILED_MS;
  while (!(await answers(port, "connect"))) {
    if (Date.now() > end) throw new Error(`nothing listens on port ${port}`);
    await sleep(50);
  }
}
