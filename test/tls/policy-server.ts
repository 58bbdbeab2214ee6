/** An HTTPS server on loopback that answers for a domain's MTA-STS policy. */
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { KeyAndCertificate } from "../../src/tls/certificate.ts";

export type PolicyAnswer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

export class PolicyServer {
  readonly port: number;
  answer: PolicyAnswer = { status: 404, body: "" };
  /** What was asked for: host and path. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("request", (request, response) => {
      this.asked.push(`${request.headers.host?.split(":")[0]}${request.url}`);
      const { status = 200, headers = { "content-type": "text/plain" }, body } = this.answer;
      response.writeHead(status, headers).end(body);
    });
  }

  static async start(pair: KeyAndCertificate): Promise<PolicyServer> {
    const server = createServer({ key: pair.key, cert: pair.certificate });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new PolicyServer(server);
  }

  /** Another certificate from now on. */
  show({ key, certificate }: KeyAndCertificate): void {
    this.#server.setSecureContext({ key, cert: certificate });
  }

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
