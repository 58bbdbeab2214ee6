import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { duplexPair, type Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../../src/base/clock.ts";
import { parseIp, type IpAddress } from "../../../src/base/ip.ts";
import { MemoryLog } from "../../../src/base/log.ts";
import { IMAP_LIMITS, type ImapLimits } from "../../../src/imap/limits.ts";
import { serveImap, type ImapServerOptions } from "../../../src/imap/server.ts";
import { listen } from "../../../src/net/listener.ts";
import { SocketConnection } from "../../../src/net/socket-connection.ts";
import { DialogClient, type Words } from "./dialog-client.ts";
import type { Dialog, DialogMove } from "./dialog.ts";
import { LOGIN, PASSWORD } from "./memory-logins.ts";
import { makeWorld, type Engine, type World } from "./world.ts";

const PATIENCE_MS = 5_000;
const corpus = (file: string): Buffer => readFileSync(new URL(`../../corpora/tls/${file}`, import.meta.url));
const TLS = { key: corpus("loopback-key.pem"), cert: corpus("loopback-cert.pem") };
const LOOPBACK = parseIp("127.0.0.1") as IpAddress;

/** A server for one dialog and the clients that speak with it. */
class Stage {
  readonly world: World;
  readonly log: MemoryLog;
  readonly shutdown = new AbortController();
  readonly tls: string;
  readonly options: ImapServerOptions;
  readonly #dialog: Dialog;
  readonly #clients = new Map<number, DialogClient>();
  readonly #words: Words = new Map();
  readonly #dial: (stage: Stage) => Duplex;

  constructor(dialog: Dialog, world: World, log: MemoryLog, dial: (stage: Stage) => Duplex) {
    this.#dialog = dialog;
    this.#dial = dial;
    this.world = world;
    this.log = log;
    this.tls = dialog.settings.get("tls") ?? "implicit";
    this.options = {
      backend: world.backend,
      ...(this.tls === "starttls" ? { startTls: () => TLS } : {}),
      limits: limitsOf(dialog.settings),
      log,
      clock: systemClock,
      shutdown: this.shutdown.signal,
    };
  }

  async play(): Promise<void> {
    try {
      await this.#client(1);
      for (const move of this.#dialog.moves) {
        await this.#play(move).catch((error: unknown) => {
          throw new assert.AssertionError({ message: `${this.#dialog.name}:${move.line}: ${String(error)}` });
        });
      }
    } finally {
      for (const client of this.#clients.values()) client.hangUp();
    }
  }

  async #client(number: number): Promise<DialogClient> {
    const known = this.#clients.get(number);
    if (known !== undefined) return known;
    const client = new DialogClient(this.#dial(this), this.#words);
    this.#clients.set(number, client);
    if (this.tls === "implicit") await client.startTls();
    if (this.#dialog.settings.get("login") !== "no") {
      await client.expect("* OK ...", false);
      client.send(`l LOGIN ${LOGIN} "${PASSWORD}"\r\n`);
      await client.expect("l OK ...", false);
    }
    return client;
  }

  async #play(move: DialogMove): Promise<void> {
    const client = await this.#client(move.client);
    switch (move.kind) {
      case "send":
        return client.send(move.octets);
      case "expect":
        return client.expect(move.text, move.soon);
      case "deliver":
        return this.world.deliver(Buffer.from(`From: a@b.test\r\nSubject: ${move.subject}\r\n\r\nhello\r\n`));
      case "quiet":
        await sleep(move.duration_ms);
        return client.assertQuiet();
      case "tls":
        return client.startTls();
      case "closed":
        return client.closed();
      case "hangup":
        return client.hangUp();
      case "shutdown":
        return this.shutdown.abort();
    }
  }
}

function limitsOf(settings: ReadonlyMap<string, string>): ImapLimits {
  const changed = [...settings].filter(([name]) => name.startsWith("limit-"));
  const limits = Object.fromEntries(changed.map(([name, value]) => [name.slice(6), Number(value)]));
  for (const name of Object.keys(limits)) assert.ok(name in IMAP_LIMITS, `no limit ${name}`);
  return { ...IMAP_LIMITS, ...limits };
}

/** Plays a dialog against sessions over memory. Returns the log. */
export async function playInMemory(dialog: Dialog, engine: Engine): Promise<MemoryLog> {
  const log = new MemoryLog();
  await using world = await makeWorld(engine, dialog.settings, log);
  const sessions: Promise<void>[] = [];
  const stage = new Stage(dialog, world, log, (self) => {
    const [near, far] = duplexPair();
    const endpoints = {
      remote: { address: LOOPBACK, port: 40_000 },
      local: { address: "127.0.0.1", port: 143 },
    };
    sessions.push(serve(new SocketConnection(far, endpoints), self));
    return near;
  });
  await stage.play();
  await Promise.all(sessions);
  world.assertClean();
  return log;
}

async function serve(connection: SocketConnection, { tls, options }: Stage): Promise<void> {
  if (tls === "implicit") assert.ok((await connection.acceptTls(TLS, PATIENCE_MS)).ok, "no TLS");
  await serveImap(connection, options);
}

/** Plays a dialog against a listening socket. Returns the log. */
export async function playOverTcp(dialog: Dialog, engine: Engine): Promise<MemoryLog> {
  const log = new MemoryLog();
  await using world = await makeWorld(engine, dialog.settings, log);
  let port = 0;
  const stage = new Stage(dialog, world, log, () => connectTcp({ host: "127.0.0.1", port, noDelay: true }));
  const listener = await listen({
    name: "imap",
    at: { host: "127.0.0.1", port: 0 },
    ...(stage.tls === "implicit" ? { implicitTls: () => TLS } : {}),
    proxyFrom: [],
    connectionsMax: 10,
    log,
    handler: (connection) => serveImap(connection, stage.options),
  });
  port = listener.port;
  try {
    await stage.play();
  } finally {
    await listener.close(2_000);
  }
  world.assertClean();
  return log;
}
