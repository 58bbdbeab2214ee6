/** A mail server on loopback that does with STARTTLS what the test wants, and an authority whose certificates it shows. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { createAuthority, issueCertificate, type KeyAndCertificate } from "../../src/tls/certificate.ts";

const DAY_MS = 86_400_000;
const span = (): { notBefore_ms: number; notAfter_ms: number } => ({
  notBefore_ms: Date.now() - DAY_MS,
  notAfter_ms: Date.now() + DAY_MS,
});

export const authority = createAuthority({ subject: "Internet in a box", names: [], ...span() });
export const stranger = createAuthority({ subject: "Nobody", names: [], ...span() });

/** A chain of two, as servers send it. */
export function certificateFor(
  name: string,
  change: { expired?: boolean; by?: KeyAndCertificate } = {},
): KeyAndCertificate {
  const { expired = false, by = authority } = change;
  const dates = expired
    ? { notBefore_ms: Date.now() - 3 * DAY_MS, notAfter_ms: Date.now() - DAY_MS }
    : span();
  const subject = by === authority ? "Internet in a box" : "Nobody";
  const { key, certificate } = issueCertificate({ subject: name, names: [name], ...dates }, by, subject);
  return { key, certificate: certificate + by.certificate };
}

/** `silent`: accepted and then nothing; `stripped`: not offered; `refused`: offered and then 454; `garbage`: no TLS behind it; `classical`: breaks off at post-quantum shares. */
export type StartTls = "works" | "stripped" | "refused" | "garbage" | "classical" | "silent";

/** From this size on a ClientHello has post-quantum key shares. */
const LARGE_HELLO_OCTETS = 1000;

export class RemoteServer {
  readonly port: number;
  /** Recipients of messages taken, with how they came; `sni` where there was TLS. */
  readonly taken: {
    readonly to: string;
    readonly tls: boolean;
    readonly sni?: string;
    readonly mail: string;
    readonly text: string;
  }[] = [];
  /** Announced inside TLS. */
  extensions: readonly string[] = [];
  connections = 0;
  /** Handshakes begun. */
  hellos = 0;
  startTls: StartTls = "works";
  pair: KeyAndCertificate;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, pair: KeyAndCertificate) {
    this.#server = server;
    this.pair = pair;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.write("220 mx.test ESMTP\r\n");
      this.#converse(socket);
    });
  }

  static async start(pair: KeyAndCertificate, address = "127.0.0.1", port = 0): Promise<RemoteServer> {
    const server = createServer();
    server.listen(port, address);
    await once(server, "listening");
    return new RemoteServer(server, pair);
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #converse(socket: Socket): void {
    let input = "";
    let to: string[] = [];
    let mail = "";
    let inData = false;
    socket.on("error", () => {});
    const onData = (chunk: Buffer): void => {
      input += chunk.toString("latin1");
      for (;;) {
        const end = input.indexOf(inData ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const line = input.slice(0, end);
        input = input.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          const tls = socket instanceof TLSSocket;
          const sni = tls ? (socket as TLSSocket & { servername?: string }).servername : undefined;
          for (const one of to)
            this.taken.push({ to: one, tls, ...(sni === undefined ? {} : { sni }), mail, text: line });
          socket.write("250 2.0.0 Ok\r\n");
          continue;
        }
        if (line.startsWith("MAIL")) [to, mail] = [[], line];
        if (line.startsWith("RCPT")) to.push(line.slice("RCPT TO:<".length, line.indexOf(">")));
        inData = line === "DATA";
        socket.write(`${this.#answer(line, socket instanceof TLSSocket)}\r\n`);
        if (line === "QUIT") socket.end();
        if (line === "STARTTLS" && this.startTls !== "refused") {
          socket.off("data", onData);
          return this.#secure(socket);
        }
      }
    };
    socket.on("data", onData);
  }

  #answer(line: string, tls: boolean): string {
    if (line.startsWith("EHLO")) {
      if (tls)
        return ["mx.test", ...this.extensions]
          .map((one, i, all) => `250${i === all.length - 1 ? " " : "-"}${one}`)
          .join("\r\n");
      return this.startTls === "stripped" ? "250 mx.test" : "250-mx.test\r\n250 STARTTLS";
    }
    if (line === "STARTTLS") return this.startTls === "refused" ? "454 4.7.0 not today" : "220 go";
    if (line === "DATA") return "354 go on";
    return line === "QUIT" ? "221 bye" : "250 2.0.0 Ok";
  }

  #secure(socket: Socket): void {
    socket.once("data", (hello: Buffer) => {
      const chokes = this.startTls === "classical" && hello.length >= LARGE_HELLO_OCTETS;
      if (this.startTls === "garbage") return void socket.end("no TLS at all\r\n");
      this.hellos++;
      if (this.startTls === "silent") return;
      if (chokes) return void socket.destroy();
      socket.pause();
      socket.unshift(hello);
      const { key, certificate } = this.pair;
      this.#converse(new TLSSocket(socket, { isServer: true, key, cert: certificate }));
    });
  }
}
