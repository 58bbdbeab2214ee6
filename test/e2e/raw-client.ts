/** A client that sends exactly the octets it is told to: what attackers do and libraries refuse to. */
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

const ANSWER_MS = 10_000;

export class RawClient {
  #socket: Socket;
  #seen = "";
  #closed = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#attach();
  }

  static async plain(port: number, host = "127.0.0.1", localAddress?: string): Promise<RawClient> {
    const socket = connectTcp({ port, host, ...(localAddress === undefined ? {} : { localAddress }) });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  static async tls(
    port: number,
    options: ConnectionOptions & { readonly localAddress?: string },
  ): Promise<RawClient> {
    const socket = connectTls({ port, host: "127.0.0.1", servername: "localhost", ...options });
    await once(socket, "secureConnect");
    return new RawClient(socket);
  }

  /** Turns the connection into TLS, as after STARTTLS. */
  async upgrade(options: ConnectionOptions): Promise<void> {
    this.#socket.removeAllListeners("data");
    const socket = connectTls({ socket: this.#socket, servername: "localhost", ...options });
    await once(socket, "secureConnect");
    this.#socket = socket;
    this.#attach();
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(octets: string | Buffer): void {
    this.#socket.write(typeof octets === "string" ? Buffer.from(octets, "latin1") : octets);
  }

  /** All up to and including the first match; what follows is kept for the next call. */
  async until(pattern: RegExp, within_ms = ANSWER_MS): Promise<string> {
    const end = Date.now() + within_ms;
    for (;;) {
      const match = pattern.exec(this.#seen);
      if (match) {
        const cut = match.index + match[0].length;
        const text = this.#seen.slice(0, cut);
        this.#seen = this.#seen.slice(cut);
        return text;
      }
      if (this.#closed || Date.now() > end)
        throw new Error(
          `no ${String(pattern)} in ${JSON.stringify(this.#seen)}${this.#closed ? " (closed)" : ""}`,
        );
      await this.#something(end);
    }
  }

  /** One SMTP reply, all its lines. */
  reply(within_ms = ANSWER_MS): Promise<string> {
    return this.until(/^(?:[0-9]{3}-[^\n]*\n)*[0-9]{3}(?: [^\n]*)?\r\n/, within_ms);
  }

  /** Sends a line and returns the reply to it. */
  say(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** Everything that came until the server closed, or until the time is over. */
  async rest(within_ms = ANSWER_MS): Promise<string> {
    const end = Date.now() + within_ms;
    while (!this.#closed && Date.now() < end) await this.#something(end);
    const text = this.#seen;
    this.#seen = "";
    return text;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #something(end: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, end - Date.now()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #attach(): void {
    this.#socket.on("data", (chunk: Buffer) => {
      this.#seen += chunk.toString("latin1");
      this.#wake();
    });
    this.#socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
    this.#socket.on("error", () => {});
  }
}
