/** Connections that are opened, kept, and opened again when the server closes them: one network that wants all of port 25. */
import { connect, type Socket } from "node:net";

/** Opened per tick, so that the backlog of the kernel is not what refuses. */
const BATCH = 100;
const TICK_MS = 50;

export class HeldConnections {
  /** Open now with a banner begun. */
  held = 0;
  opened = 0;
  refused = 0;
  failed = 0;
  readonly #port: number;
  readonly #retry_ms: number;
  readonly #sockets = new Set<Socket>();
  readonly #filling: NodeJS.Timeout;
  #over = false;

  readonly #proxy: string | undefined;

  /** `proxy`: the address from which each connection is announced as one of another network. */
  constructor(port: number, wanted: number, retry_ms: number, proxy: string | undefined) {
    this.#port = port;
    this.#proxy = proxy;
    this.#retry_ms = retry_ms;
    let begun = 0;
    this.#filling = setInterval(() => {
      for (let i = 0; i < BATCH && begun < wanted; i++) this.#open(begun++);
      if (begun >= wanted) clearInterval(this.#filling);
    }, TICK_MS);
  }

  stop(): void {
    this.#over = true;
    clearInterval(this.#filling);
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(n: number): void {
    if (this.#over) return;
    const socket = connect({
      port: this.#port,
      host: "127.0.0.1",
      localAddress: this.#proxy ?? `127.0.7.${1 + (n % 250)}`,
    });
    this.#sockets.add(socket);
    let greeted = false;
    let sent421 = false;
    socket.on("connect", () => {
      this.opened++;
      if (this.#proxy !== undefined)
        socket.write(`PROXY TCP4 10.${n >> 8}.${n & 255}.1 127.0.0.1 40000 ${this.#port}\r\n`);
    });
    socket.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      if (text.startsWith("421")) sent421 = true;
      else if (!greeted && text.startsWith("220")) {
        greeted = true;
        this.held++;
      }
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (greeted) this.held--;
      else if (sent421) this.refused++;
      else this.failed++;
      // Spread, as two thousand machines would be.
      setTimeout(() => this.#open(n), this.#retry_ms * (0.5 + Math.random())).unref();
    });
  }
}
