import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "../net/node-http.ts";
import type { ChallengeSolver, Proof, Shown } from "./acme-challenge.ts";
import { closed, listening, type ChallengeAddress } from "./acme-port.ts";

const PREFIX = "/.well-known/acme-challenge/";
/** Validators ask at once and go. */
const REQUEST_MS = 10_000;
const CONNECTIONS_MAX = 100;

/**
 * Answers HTTP-01: a web server that is there only while a challenge is, and knows nothing but its tokens. RFC 8555 §8.3
 * Without a host it listens on all addresses of the machine.
 */
export class Http01 implements ChallengeSolver {
  readonly type = "http-01";
  readonly #at: ChallengeAddress;
  readonly #answers = new Map<string, string>();
  #server: Promise<Server> | undefined;

  constructor(at: ChallengeAddress) {
    this.#at = at;
  }

  async show({ token, keyAuthorization }: Proof): Promise<Shown> {
    this.#answers.set(token, keyAuthorization);
    try {
      await (this.#server ??= this.#open());
    } catch (error) {
      this.#answers.delete(token);
      this.#server = undefined;
      throw error;
    }
    return { [Symbol.asyncDispose]: () => this.#hide(token) };
  }

  /** For a web server that holds the port already: the body of the answer, or undefined for a path that is none of ours. */
  answerTo(path: string): string | undefined {
    return path.startsWith(PREFIX) ? this.#answers.get(path.slice(PREFIX.length)) : undefined;
  }

  async #open(): Promise<Server> {
    const server = createServer(
      { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
      (request, answer) => this.#serve(request, answer),
    );
    server.maxConnections = CONNECTIONS_MAX;
    return await listening(server, this.#at, "http-01");
  }

  #serve(request: IncomingMessage, answer: ServerResponse): void {
    const body = request.method === "GET" ? this.answerTo(request.url ?? "") : undefined;
    answer.writeHead(body === undefined ? 404 : 200, {
      "content-type": "application/octet-stream",
      connection: "close",
    });
    answer.end(body);
  }

  async #hide(token: string): Promise<void> {
    this.#answers.delete(token);
    const server = this.#server;
    if (this.#answers.size > 0 || server === undefined) return;
    this.#server = undefined;
    await closed(await server);
  }
}
