import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { duplexPair, type Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { systemClock } from "../../../src/base/clock.ts";
import { parseIp, type IpAddress } from "../../../src/base/ip.ts";
import { MemoryLog } from "../../../src/base/log.ts";
import { listen } from "../../../src/net/listener.ts";
import { SocketConnection } from "../../../src/net/socket-connection.ts";
import { servePop3, type Pop3ServerOptions } from "../../../src/pop3/server.ts";
import type { Dialog, DialogMove } from "./dialog.ts";
import { MAILDROPS } from "./maildrops.ts";
import { MemoryBackend } from "./memory-backend.ts";

const PATIENCE_MS = 5_000;
const corpus = (file: string): Buffer => readFileSync(new URL(`../../corpora/tls/${file}`, import.meta.url));
const TLS = { key: corpus("loopback-key.pem"), cert: corpus("loopback-cert.pem") };
const LOOPBACK = parseIp("127.0.0.1") as IpAddress;

/** A server for one dialog, its backend and its log. */
export class Pop3Stage {
  readonly backend: MemoryBackend;
  readonly log = new MemoryLog();
  readonly shutdown = new AbortController();
  readonly implicitTls: boolean;
  readonly options: Pop3ServerOptions;

  constructor(settings: ReadonlyMap<string, string>) {
    const tls = settings.get("tls") ?? "implicit";
    this.backend = new MemoryBackend(
      MAILDROPS[settings.get("drop") ?? "three"] ?? [],
      settings.get("backend") ?? "",
    );
    this.implicitTls = tls === "implicit";
    this.options = {
      backend: this.backend,
      ...(tls === "stls" ? { tls: () => TLS } : {}),
      log: this.log,
      clock: systemClock,
      shutdown: this.shutdown.signal,
    };
  }

  /** Nothing a session took is left behind. */
  assertClean(): void {
    assert.equal(this.backend.sessions, 0, "sessions still connected");
    assert.equal(this.backend.locked, false, "the maildrop is still locked");
  }
}

/** Plays a dialog against a session over memory. */
export async function playInMemory(dialog: Dialog): Promise<Pop3Stage> {
  const stage = new Pop3Stage(dialog.settings);
  const [near, far] = duplexPair();
  const connection = new SocketConnection(far, {
    remote: { address: LOOPBACK, port: 40_000 },
    local: { address: "127.0.0.1", port: 110 },
  });
  const serve = async (): Promise<void> => {
    if (stage.implicitTls) assert.ok((await connection.acceptTls(TLS, PATIENCE_MS)).ok, "no TLS");
    await servePop3(connection, stage.options);
  };
  await Promise.all([serve(), playAs(near, dialog, stage)]);
  stage.assertClean();
  return stage;
}

/** Plays a dialog against a listening socket. */
export async function playOverTcp(dialog: Dialog): Promise<Pop3Stage> {
  const stage = new Pop3Stage(dialog.settings);
  const listener = await listen({
    name: "pop3",
    at: { host: "127.0.0.1", port: 0 },
    ...(stage.implicitTls ? { implicitTls: () => TLS } : {}),
    proxyFrom: [],
    connectionsMax: 10,
    log: stage.log,
    handler: (connection) => servePop3(connection, stage.options),
  });
  try {
    await playAs(connectTcp({ host: "127.0.0.1", port: listener.port, noDelay: true }), dialog, stage);
  } finally {
    await listener.close(2_000);
  }
  stage.assertClean();
  return stage;
}

async function playAs(stream: Duplex, dialog: Dialog, stage: Pop3Stage): Promise<void> {
  const client = new DialogClient(stream);
  try {
    if (stage.implicitTls) await client.startTls();
    for (const move of dialog.moves) {
      await client.play(move, stage).catch((error: unknown) => {
        throw new assert.AssertionError({ message: `${dialog.name}:${move.line}: ${String(error)}` });
      });
    }
  } finally {
    client.hangUp();
  }
}

/** The client's part of a dialog. */
class DialogClient {
  #stream: Duplex;
  #seen = "";
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#attach(stream);
  }

  async play(move: DialogMove, stage: Pop3Stage): Promise<void> {
    switch (move.kind) {
      case "send":
        return void this.#stream.write(move.octets);
      case "expect":
        return assertLine(await this.#line(), move.text);
      case "left":
        return assert.equal(stage.backend.messages.length, move.count, "messages left");
      case "tls":
        return this.startTls();
      case "closed":
        return this.#closed();
      case "hangup":
        return this.hangUp();
      case "shutdown":
        return stage.shutdown.abort();
    }
  }

  hangUp(): void {
    this.#stream.destroy();
  }

  async startTls(): Promise<void> {
    assert.equal(this.#seen, "", "the server spoke before TLS");
    const plain = this.#stream;
    for (const event of ["data", "end", "close"]) plain.removeAllListeners(event);
    const secure = connectTls({ socket: plain, rejectUnauthorized: false, servername: "mx.wachpost.test" });
    this.#stream = secure;
    await new Promise<void>((resolve, reject) => {
      secure.once("secureConnect", resolve);
      secure.once("error", reject);
    });
    this.#attach(secure);
  }

  /** The next line without its ending, one character per octet; fails when none comes. */
  async #line(): Promise<string> {
    for (;;) {
      const at = this.#seen.indexOf("\r\n");
      if (at >= 0) {
        const line = this.#seen.slice(0, at);
        this.#seen = this.#seen.slice(at + 2);
        return line;
      }
      if (this.#ended) throw new Error(`closed; rest: ${JSON.stringify(this.#seen)}`);
      await this.#more();
    }
  }

  async #closed(): Promise<void> {
    while (!this.#ended) await this.#more();
    assert.equal(this.#seen, "", "the server said more before it closed");
  }

  #attach(stream: Duplex): void {
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    stream.on("data", (chunk: Buffer) => {
      this.#seen += chunk.toString("latin1");
      this.#wake?.();
    });
    for (const event of ["end", "close", "error"]) stream.on(event, end);
  }

  async #more(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      timer = setTimeout(
        () => reject(new Error(`nothing came; rest: ${JSON.stringify(this.#seen)}`)),
        PATIENCE_MS,
      );
    }).finally(() => clearTimeout(timer));
  }
}

/** `S:` lines are written in UTF-8 and stand for octets; \xNN names one octet. */
function assertLine(line: string, want: string): void {
  const text = want.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const escaped = text.replaceAll("\\n", "\n").replaceAll("\\r", "\r").replaceAll("\\0", "\0");
  if (!escaped.endsWith("*")) return assert.equal(line, escaped);
  assert.ok(
    line.startsWith(escaped.slice(0, -1)),
    `${JSON.stringify(line)} does not begin with ${want.slice(0, -1)}`,
  );
}
