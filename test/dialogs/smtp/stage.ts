import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { duplexPair, type Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { systemClock } from "../../../src/base/clock.ts";
import { randomId } from "../../../src/base/ids.ts";
import { parseCidr, parseIp, type Cidr, type IpAddress } from "../../../src/base/ip.ts";
import { MemoryLog } from "../../../src/base/log.ts";
import { listen } from "../../../src/net/listener.ts";
import { SocketConnection } from "../../../src/net/socket-connection.ts";
import type { Profile } from "../../../src/smtp/backend.ts";
import { defaultLimits, type SmtpLimits } from "../../../src/smtp/limits.ts";
import { serveSmtp, type SmtpServerOptions } from "../../../src/smtp/server.ts";
import type { Dialog, DialogMove } from "./dialog.ts";
import { MemoryBackend } from "./memory-backend.ts";

const PATIENCE_MS = 5_000;
const corpus = (file: string): Buffer => readFileSync(new URL(`../../corpora/tls/${file}`, import.meta.url));
const LOOPBACK = parseIp("127.0.0.1") as IpAddress;

/** A server for one dialog, its backend and its log. */
export class SmtpStage {
  readonly backend: MemoryBackend;
  readonly log = new MemoryLog();
  readonly options: SmtpServerOptions;
  readonly shutdown = new AbortController();

  constructor(settings: ReadonlyMap<string, string>) {
    const offers = (settings.get("offers") ?? "").split(/, */);
    this.backend = new MemoryBackend(Number(settings.get("size") ?? 100_000));
    this.options = {
      profile: (settings.get("profile") ?? "mx") as Profile,
      backend: this.backend,
      ...(offers.includes("tls")
        ? { startTls: () => ({ key: corpus("loopback-key.pem"), cert: corpus("loopback-cert.pem") }) }
        : {}),
      limits: limitsOf(settings.get("limit") ?? ""),
      log: this.log,
      clock: systemClock,
      newId: () => randomId(),
      xclientFrom: offers.includes("xclient") ? [parseCidr("127.0.0.0/8") as Cidr] : [],
      shutdown: this.shutdown.signal,
    };
  }

  /** A client over memory, and the promise of the session's end. */
  inMemory(): { client: DialogClient; over: Promise<void> } {
    const [near, far] = duplexPair();
    const end = { address: LOOPBACK, port: 40_000 };
    const connection = new SocketConnection(far, { remote: end, local: { address: "127.0.0.1", port: 25 } });
    return { client: new DialogClient(near), over: serveSmtp(connection, this.options) };
  }
}

function limitsOf(text: string): SmtpLimits {
  const changed = text
    .split(/, */)
    .filter((one) => one !== "")
    .map((one) => one.split("="));
  for (const [name = ""] of changed) assert.ok(name in defaultLimits, `no such limit: ${name}`);
  // Tests do not wait for the sake of waiting.
  return {
    ...defaultLimits,
    errorDelay_ms: 1,
    ...Object.fromEntries(changed.map(([k, v]) => [k, Number(v)])),
  };
}

/** Speaks the client's part of a dialog over any stream. */
export class DialogClient {
  #stream: Duplex;
  #seen = "";
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#attach(stream);
  }

  async play(dialog: Dialog, stage: SmtpStage): Promise<void> {
    for (const move of dialog.moves) {
      try {
        await this.#play(move, stage);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new assert.AssertionError({ message: `${dialog.name}:${move.line}: ${message}` });
      }
    }
  }

  send(octets: Buffer): void {
    this.#stream.write(octets);
  }

  hangUp(): void {
    this.#stream.destroy();
  }

  /** The next line without its ending; fails when none comes. */
  async line(): Promise<string> {
    for (;;) {
      const at = this.#seen.indexOf("\r\n");
      if (at >= 0) {
        const line = this.#seen.slice(0, at);
        this.#seen = this.#seen.slice(at + 2);
        assertEnhanced(line);
        return line;
      }
      if (this.#ended) throw new Error(`closed instead of a line; rest: ${JSON.stringify(this.#seen)}`);
      await this.#more();
    }
  }

  async closed(): Promise<void> {
    while (!this.#ended) await this.#more();
    assert.equal(this.#seen, "", "the server said more before it closed");
  }

  async #play(move: DialogMove, stage: SmtpStage): Promise<void> {
    switch (move.kind) {
      case "send":
        return this.send(move.octets);
      case "expect":
        return assertLine(await this.line(), move.text);
      case "tls":
        return this.#startTls();
      case "closed":
        return this.closed();
      case "hangup":
        return this.hangUp();
      case "shutdown":
        return stage.shutdown.abort();
      case "messages":
        return assert.equal(stage.backend.messages.length, move.count, "messages stored");
      case "body":
        return assert.equal(
          JSON.stringify(stage.backend.messages.at(-1)?.octets.toString("latin1")),
          JSON.stringify(move.octets.toString("latin1")),
        );
    }
  }

  /** RFC 9266 data of the client's side. */
  exportedKey(): Buffer {
    return (this.#stream as TLSSocket).exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
  }

  async #startTls(): Promise<void> {
    assert.equal(this.#seen, "", "the server said more before TLS");
    const plain = this.#stream;
    plain.removeAllListeners("data");
    plain.removeAllListeners("end");
    plain.removeAllListeners("close");
    const secure = connectTls({ socket: plain, rejectUnauthorized: false, servername: "mx.wachpost.test" });
    this.#stream = secure;
    this.#attach(secure);
    await new Promise<void>((resolve, reject) => {
      secure.once("secureConnect", resolve);
      secure.once("error", reject);
    });
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
    stream.on("end", end);
    stream.on("close", end);
    stream.on("error", end);
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

/** T-17: a refusal has an enhanced code; wherever there is one, its class is the code's first digit. */
function assertEnhanced(line: string): void {
  const [, first, enhanced] = /^([2-5])[0-9]{2}[ -](?:([245])\.[0-9]{1,3}\.[0-9]{1,3} )?/.exec(line) ?? [];
  assert.ok(first !== undefined, `no reply: ${line}`);
  assert.ok(enhanced === undefined ? first < "4" : enhanced === first, `enhanced code: ${line}`);
}

function assertLine(line: string, want: string): void {
  if (!want.endsWith("*")) return assert.equal(line, want);
  assert.ok(
    line.startsWith(want.slice(0, -1)),
    `${JSON.stringify(line)} does not begin with ${want.slice(0, -1)}`,
  );
}

/** Plays a dialog against a session over memory, then checks that nothing is left behind. */
export async function playInMemory(dialog: Dialog): Promise<SmtpStage> {
  const stage = new SmtpStage(dialog.settings);
  const { client, over } = stage.inMemory();
  await client.play(dialog, stage);
  client.hangUp();
  await over;
  assertNothingLeft(stage);
  return stage;
}

/** Plays a dialog against a listening socket. */
export async function playOverTcp(dialog: Dialog): Promise<SmtpStage> {
  const stage = new SmtpStage(dialog.settings);
  const listener = await listen({
    name: "smtp",
    at: { host: "127.0.0.1", port: 0 },
    proxyFrom: [],
    connectionsMax: 10,
    log: stage.log,
    handler: (connection) => serveSmtp(connection, stage.options),
  });
  try {
    const client = new DialogClient(connectTcp({ host: "127.0.0.1", port: listener.port, noDelay: true }));
    await client.play(dialog, stage);
    client.hangUp();
  } finally {
    await listener.close(2_000);
  }
  assertNothingLeft(stage);
  return stage;
}

export function assertNothingLeft(stage: SmtpStage): void {
  assert.equal(stage.backend.sessions, 0, "sessions still connected");
  assert.equal(stage.backend.openSinks, 0, "sinks neither finished nor aborted");
}
