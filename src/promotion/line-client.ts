import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

const ANSWER_MS = 10_000;

/** Whom a client believes, and whom it means to reach. */
export type Trust = Pick<
  ConnectionOptions,
  "ca" | "servername" | "checkServerIdentity" | "allowPartialTrustChain"
>;

/** The smallest client there is: says a line, waits for a pattern. For self-tests only. */
export class LineClient implements Disposable {
  #socket: Socket;
  #seen = "";
  readonly #collect = (chunk: Buffer): void => void (this.#seen += chunk.toString("latin1"));

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static async plain(port: number): Promise<LineClient> {
    const socket = connectTcp({ port, host: "127.0.0.1" });
    await once(socket, "connect", { signal: AbortSignal.timeout(ANSWER_MS) });
    return new LineClient(socket);
  }

  static async tls(port: number, trust: Trust): Promise<LineClient> {
    const socket = connectTls({ port, host: "127.0.0.1", ...trust });
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(ANSWER_MS) });
    return new LineClient(socket);
  }

  /** TLS on this connection. Returns the protocol version. */
  async startTls(trust: Trust): Promise<string> {
    this.#socket.off("data", this.#collect);
    const socket = connectTls({ socket: this.#socket, ...trust });
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(ANSWER_MS) });
    this.#socket = socket;
    this.#listen();
    return socket.getProtocol() ?? "unknown";
  }

  async say(line: string, answer: RegExp): Promise<string> {
    this.#socket.write(`${line}\r\n`);
    return this.until(answer);
  }

  /** Everything up to the first match; rejects when it does not come in time. */
  async until(answer: RegExp): Promise<string> {
    const deadline = AbortSignal.timeout(ANSWER_MS);
    for (;;) {
      const match = answer.exec(this.#seen);
      if (match) {
        const end = match.index + match[0].length;
        const text = this.#seen.slice(0, end);
        this.#seen = this.#seen.slice(end);
        return text;
      }
      await once(this.#socket, "data", { signal: deadline });
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on("data", this.#collect);
    this.#socket.on("error", () => {});
  }
}
