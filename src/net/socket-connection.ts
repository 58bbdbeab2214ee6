import type { Duplex } from "node:stream";
import { TLSSocket, type TLSSocketOptions } from "node:tls";
import type { HandshakeBound } from "./doorkeeper.ts";
import type { ChunkRead, Connection, ConnectionTls, LineRead, ReadEnd, TlsStart } from "./connection.ts";
import { InputBuffer } from "./input-buffer.ts";
import { Patience } from "./patience.ts";

/** The global is looked up at each use, and the module that has it costs a start 2 ms. */
const { performance } = globalThis;

/** Above this much unread input the socket is paused, so that a fast sender waits in his own kernel. */
const INPUT_HIGH_WATER_OCTETS = 256 * 1024;
/** Output collected before it leaves by itself. */
const OUTPUT_BATCH_OCTETS = 64 * 1024;
/** A peer that takes nothing for this long is gone (RFC 5321 §4.5.3.2 allows no shorter wait for replies). */
const WRITE_STALL_MS = 300_000;
/** Time between our FIN and the end of patience. */
const LINGER_MS = 2_000;
const CLOSED: ReadEnd = { kind: "closed" };
const TIMEOUT: ReadEnd = { kind: "timeout" };

type Endpoints = Pick<Connection, "remote" | "local">;
/** What is waited for: `take` finds it where it has come. */
type Reader = { take(): unknown; later(found: unknown): void };

/** A connection over any duplex stream: a TCP or Unix socket, or one half of an in-memory pair. */
export class SocketConnection implements Connection {
  remote: Connection["remote"];
  local: Connection["local"];
  #stream: Duplex;
  #tls: TLSSocket | undefined;
  #facts: ConnectionTls | undefined;
  readonly #input = new InputBuffer();
  #output: (string | Uint8Array)[] = [];
  #outputOctets = 0;
  #ended = false;
  #closing = false;
  /** Undefined while nobody waits. */
  #reader: Reader | undefined;
  #line_octets_max = 0;
  readonly #patience = new Patience(() => this.#wakeUp());
  readonly #handshakes: HandshakeBound | undefined;
  /** Gives the place of a handshake back. */
  #handshakeOver: (() => void) | undefined;
  /** Since when a reader has waited for the client; undefined while nobody does. */
  #waiting_ms: number | undefined;

  constructor(stream: Duplex, endpoints: Endpoints, handshakes?: HandshakeBound) {
    this.#stream = stream;
    this.remote = endpoints.remote;
    this.local = endpoints.local;
    this.#handshakes = handshakes;
    this.#attach();
  }

  get tls(): ConnectionTls | undefined {
    return this.#facts;
  }

  get buffered(): number {
    return this.#input.length;
  }

  get open(): boolean {
    return !this.#ended && !this.#closing && !this.#stream.destroyed;
  }

  /** How long the client has let us wait. */
  get idle_ms(): number {
    return this.#waiting_ms === undefined ? 0 : performance.now() - this.#waiting_ms;
  }

  readLine(max_octets: number, deadline_ms: number): Promise<LineRead> {
    return new Promise((resolve) => {
      const line = this.nextLine(max_octets, deadline_ms, resolve);
      if (line !== undefined) resolve(line);
    });
  }

  nextLine(max_octets: number, deadline_ms: number, later: (line: LineRead) => void): LineRead | undefined {
    this.#line_octets_max = max_octets;
    return this.#first(this.#takeLine, deadline_ms, later);
  }

  read(deadline_ms: number): Promise<ChunkRead> {
    return new Promise((resolve) => {
      const chunk = this.nextOctets(deadline_ms, resolve);
      if (chunk !== undefined) resolve(chunk);
    });
  }

  nextOctets(deadline_ms: number, later: (chunk: ChunkRead) => void): ChunkRead | undefined {
    return this.#first<Exclude<ChunkRead, ReadEnd>>(this.#takeChunk, deadline_ms, later);
  }

  unread(octets: Buffer): void {
    this.#input.unshift(octets);
  }

  write(octets: string | Uint8Array): void {
    if (this.#closing || this.#stream.destroyed) return;
    // Pushing on an empty array makes room for seventeen.
    if (this.#output.length === 0) this.#output = [octets];
    else this.#output.push(octets);
    this.#outputOctets += octets.length;
    if (this.#outputOctets >= OUTPUT_BATCH_OCTETS) this.#send();
  }

  async flush(): Promise<void> {
    this.#send();
    if (!this.#stream.writableNeedDrain || this.#stream.destroyed) return;
    await this.#drained();
  }

  reserveTls(): boolean {
    this.#handshakeOver ??= this.#handshakes?.begin(this.remote.address);
    return this.#handshakes === undefined || this.#handshakeOver !== undefined;
  }

  #endHandshake(): void {
    this.#handshakeOver?.();
    this.#handshakeOver = undefined;
  }

  async startTls(options: TLSSocketOptions, deadline_ms: number): Promise<TlsStart> {
    if (this.#input.length > 0) {
      this.#endHandshake();
      return { ok: false, reason: "early-data", detail: `${this.#input.length} octets before the handshake` };
    }
    return this.acceptTls(options, deadline_ms);
  }

  /** TLS from the first octet: what has arrived already belongs to the handshake. */
  async acceptTls(options: TLSSocketOptions, deadline_ms: number): Promise<TlsStart> {
    if (!this.reserveTls()) return this.#tooManyHandshakes();
    try {
      return await this.#overTls(options, deadline_ms);
    } finally {
      this.#endHandshake();
    }
  }

  #tooManyHandshakes(): TlsStart {
    this.destroy();
    return { ok: false, reason: "busy", detail: "too many handshakes from this network" };
  }

  async #overTls(options: TLSSocketOptions, deadline_ms: number): Promise<TlsStart> {
    await this.flush();
    const plain = this.#stream;
    this.#detach();
    plain.pause();
    const early = this.#input.takeAll();
    if (early.length > 0) plain.unshift(early);
    const tls = new TLSSocket(plain, { ...options, isServer: true });
    this.#stream = tls;
    const start = await handshake(tls, deadline_ms);
    if (!start.ok) {
      tls.destroy();
      plain.destroy();
      this.#ended = true;
      return start;
    }
    this.#tls = tls;
    this.#facts = start.tls;
    this.#attach();
    return start;
  }

  exportedKey(): Uint8Array | undefined {
    if (this.#tls === undefined || this.#facts?.protocol !== "TLSv1.3") return undefined;
    return this.#tls.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
  }

  handOver(): Duplex {
    this.#send();
    this.#detach();
    this.#stream.pause();
    const unread = this.#input.takeAll();
    if (unread.length > 0) this.#stream.unshift(unread);
    return this.#stream;
  }

  close(agreed = false): void {
    if (this.#closing) return;
    this.#send();
    this.#endHandshake();
    this.#closing = true;
    this.#patience.stop();
    if (this.#stream.destroyed) return;
    // Over TLS the client's own goodbye may lie unread, and closing over it would be a reset.
    const waits = !agreed || this.#tls !== undefined || this.#input.length > 0;
    // With everything in the kernel's hands, a shutdown of its own would say nothing that closing does not.
    if (!waits && this.#stream.writableLength === 0) return this.destroy();
    this.#stream.end(() => void (waits || this.#stream.destroy()));
    const timer = setTimeout(() => this.destroy(), LINGER_MS);
    timer.unref();
    this.#stream.once("close", () => clearTimeout(timer));
    this.#stream.resume();
    this.#wakeUp();
  }

  destroy(): void {
    this.#closing = true;
    this.#patience.stop();
    this.#stream.destroy();
    this.#wakeUp();
  }

  readonly #takeLine = () => this.#input.takeLine(this.#line_octets_max);

  readonly #takeChunk = (): Exclude<ChunkRead, ReadEnd> | undefined => {
    const octets = this.#input.takeChunk();
    return octets === undefined ? undefined : { kind: "octets", octets };
  };

  /** What `take` gives; where that is nothing yet, `later` is called when enough has arrived. One reader at a time. */
  #first<T>(
    take: () => T | undefined,
    deadline_ms: number,
    later: (found: T | ReadEnd) => void,
  ): T | ReadEnd | undefined {
    const ready = take() ?? this.#readEnd();
    if (ready !== undefined) return ready;
    this.#send();
    const now_ms = performance.now();
    this.#waiting_ms = now_ms;
    this.#patience.begin(deadline_ms, now_ms);
    this.#reader = { take, later: later as Reader["later"] };
    this.#resume();
    return undefined;
  }

  /** Why nothing more will come, if that is so. */
  #readEnd(): ReadEnd | undefined {
    if (this.#ended || this.#closing) return CLOSED;
    return this.#patience.over ? TIMEOUT : undefined;
  }

  #resume(): void {
    if (this.#stream.isPaused()) this.#stream.resume();
  }

  #send(): void {
    if (this.#output.length === 0 || this.#stream.destroyed) return;
    const first = this.#output[0];
    const whole =
      this.#output.length === 1 && first !== undefined
        ? first
        : Buffer.concat(
            this.#output.map((part) => (typeof part === "string" ? Buffer.from(part, "utf8") : part)),
          );
    this.#output = [];
    this.#outputOctets = 0;
    this.#stream.write(whole);
  }

  #drained(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      const timer = setTimeout(() => stream.destroy(), WRITE_STALL_MS);
      const done = (): void => {
        clearTimeout(timer);
        stream.off("drain", done);
        stream.off("close", done);
        resolve();
      };
      stream.on("drain", done);
      stream.on("close", done);
    });
  }

  /** Looks again for what the reader waits for. */
  #wakeUp(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const found = reader.take() ?? this.#readEnd();
    if (found === undefined) return this.#resume();
    this.#reader = undefined;
    this.#waiting_ms = undefined;
    this.#patience.end();
    reader.later(found);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#closing) return;
    this.#input.push(chunk);
    if (this.#input.length > INPUT_HIGH_WATER_OCTETS) this.#stream.pause();
    const reader = this.#reader;
    this.#wakeUp();
    // Not enough yet, but a sign of life.
    if (reader !== undefined && reader === this.#reader) this.#waiting_ms = performance.now();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wakeUp();
    this.#patience.stop();
  };

  /** Resets and TLS alerts end the session like a close; what matters is that nothing more comes. */
  readonly #onError = (): void => {
    this.#stream.destroy();
    this.#onEnd();
  };

  #attach(): void {
    this.#stream.on("data", this.#onData);
    this.#stream.on("end", this.#onEnd);
    this.#stream.on("close", this.#onEnd);
    this.#stream.on("error", this.#onError);
  }

  /** The error listener stays: a plain socket under TLS may still fail on its own. */
  #detach(): void {
    this.#patience.stop();
    this.#stream.off("data", this.#onData);
    this.#stream.off("end", this.#onEnd);
    this.#stream.off("close", this.#onEnd);
  }
}

function handshake(tls: TLSSocket, deadline_ms: number): Promise<TlsStart> {
  return new Promise((resolve) => {
    const finish = (start: TlsStart): void => {
      clearTimeout(timer);
      tls.off("secure", onSecure);
      tls.off("close", onClose);
      tls.off("end", onClose);
      resolve(start);
    };
    const onSecure = (): void => finish({ ok: true, tls: factsOf(tls) });
    const onClose = (): void =>
      finish({ ok: false, reason: "closed", detail: "closed during the handshake" });
    // Stays attached: an alert after our verdict must not become an uncaught error.
    tls.on("error", (error: Error) => finish({ ok: false, reason: "handshake", detail: error.message }));
    const timer = setTimeout(
      () => finish({ ok: false, reason: "timeout", detail: `no handshake within ${deadline_ms} ms` }),
      deadline_ms,
    );
    tls.on("secure", onSecure);
    tls.on("close", onClose);
    // Half-open sockets close only when we do; a client that leaves in the middle says so by its end alone.
    tls.on("end", onClose);
    tls.read(0);
  });
}

function factsOf(tls: TLSSocket): ConnectionTls {
  const serverName = (tls as TLSSocket & { servername?: string | false }).servername;
  return {
    protocol: tls.getProtocol() ?? "unknown",
    cipher: tls.getCipher().standardName,
    ...(typeof serverName === "string" && serverName !== "" ? { serverName } : {}),
  };
}
