import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { ConnectionHandler } from "../net/connection.ts";
import { createServer } from "../net/node-http.ts";
import { requestAnswered, routeFailed } from "./events.ts";
import { WEB_LIMITS } from "./limits.ts";
import { refusal, type WebAnswer, type WebRequest, type WebResponse } from "./request.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

export type WebOptions = {
  readonly answer: WebAnswer;
  readonly shutdown: AbortSignal;
  readonly log: Log;
  /** How long a request may take to arrive. */
  readonly request_ms?: number;
};

/**
 * HTTP/1.1 on the connections of a listener: Node parses, `answer` decides. Who may come in, TLS and the number of
 * clients are the listener's business, as at the other doors. RFC 9110, RFC 9112
 */
export function webHandler(options: WebOptions): ConnectionHandler {
  const visits = new Map<Duplex, Visit>();
  const server = createServer({
    maxHeaderSize: WEB_LIMITS.header_octets,
    keepAliveTimeout: WEB_LIMITS.idle_ms,
    requireHostHeader: true,
    insecureHTTPParser: false,
  });
  server.maxHeadersCount = WEB_LIMITS.headersMax;
  server.maxRequestsPerSocket = WEB_LIMITS.requestsPerConnection;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const visit = visits.get(request.socket);
    if (visit === undefined) return void request.socket.destroy();
    void serve(request, response, visit, options);
  });
  options.shutdown.addEventListener("abort", () => visits.forEach((visit) => visit.closeIfIdle()), {
    once: true,
  });
  return async (connection) => {
    const stream = connection.handOver();
    const visit = new Visit(stream, connection.remote.address, options.request_ms ?? WEB_LIMITS.request_ms);
    visits.set(stream, visit);
    await visited(server, stream);
    visits.delete(stream);
    visit.over();
  };
}

/** Until the connection is closed, by whomever. */
async function visited(server: Server, stream: Duplex): Promise<void> {
  const closed = new Promise<void>((resolve) => void stream.once("close", resolve));
  if (stream.destroyed) return;
  server.emit("connection", stream);
  stream.resume();
  await closed;
}

/**
 * The patience of one connection. The deadlines of Node's own server run only while it listens itself, which it does not
 * here; and they are for single steps, this one is for the whole request (D-19).
 */
class Visit {
  readonly client: IpAddress;
  readonly #stream: Duplex;
  readonly #request_ms: number;
  #timer: NodeJS.Timeout | undefined;
  #idle = true;

  constructor(stream: Duplex, client: IpAddress, request_ms: number) {
    this.#stream = stream;
    this.client = client;
    this.#request_ms = request_ms;
    this.expectRequest();
  }

  expectRequest(): void {
    this.#idle = true;
    this.#within(this.#request_ms, () => {
      this.#stream.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      this.#stream.destroy();
    });
  }

  expectTaking(): void {
    this.#idle = false;
    this.#within(WEB_LIMITS.answer_ms, () => this.#stream.destroy());
  }

  closeIfIdle(): void {
    if (this.#idle) this.#stream.destroy();
  }

  over(): void {
    clearTimeout(this.#timer);
  }

  #within(duration_ms: number, otherwise: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(otherwise, duration_ms);
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
  options: WebOptions,
): Promise<void> {
  response.once("finish", () => visit.expectRequest());
  const read = await readRequest(request, visit.client);
  if (read === undefined) return;
  visit.expectTaking();
  const isRequest = "path" in read;
  const answer = isRequest ? await answered(read, options) : read;
  const path = isRequest ? read.path : "";
  requestAnswered(options.log, visit.client.text, request.method ?? "", path, answer.status);
  // After a refused request nobody knows where the next one begins.
  const last = !isRequest || options.shutdown.aborted;
  response.writeHead(answer.status, {
    ...SECURITY_HEADERS,
    "content-type": answer.type,
    "content-length": Buffer.byteLength(answer.body),
    ...answer.headers,
    ...(last ? { connection: "close" } : {}),
  });
  response.end(answer.body);
}

async function answered(request: WebRequest, { answer, log }: WebOptions): Promise<WebResponse> {
  try {
    return await answer(request);
  } catch (error) {
    routeFailed(log, request.path, error);
    return refusal(500, "An error of this server; its log says more.");
  }
}

const METHODS = ["GET", "HEAD", "POST"] as const;

/** The request as routes see it, the refusal it deserves, or undefined: the client has gone. */
async function readRequest(
  request: IncomingMessage,
  client: IpAddress,
): Promise<WebRequest | WebResponse | undefined> {
  const method = METHODS.find((one) => one === request.method);
  if (method === undefined)
    return {
      ...refusal(405, "Only GET, HEAD and POST are understood here."),
      headers: { allow: METHODS.join(", ") },
    };
  const target = readTarget(request.url ?? "");
  if ("status" in target) return target;
  const body = await readBody(request, method);
  if (body === undefined || typeof body !== "string") return body;
  const host = hostOf(request.headers.host ?? "");
  const acceptLanguage = request.headers["accept-language"] ?? "";
  return { method, ...target, host, acceptLanguage, body, client };
}

/** `origin-form = absolute-path [ "?" query ]`; a proxy's form is not for us. RFC 9112 §3.2.1 */
function readTarget(target: string): Pick<WebRequest, "path" | "query"> | WebResponse {
  if (target.length > WEB_LIMITS.target_chars) return refusal(414, "The address is too long.");
  const mark = target.indexOf("?");
  const raw = mark < 0 ? target : target.slice(0, mark);
  if (!raw.startsWith("/")) return refusal(400, "The path must begin with a slash.");
  try {
    const query = new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
    return { path: decodeURIComponent(raw), query };
  } catch {
    return refusal(400, "The path is not percent-encoded UTF-8.");
  }
}

async function readBody(
  request: IncomingMessage,
  method: WebRequest["method"],
): Promise<string | WebResponse | undefined> {
  const announced = request.headers["content-length"];
  const has = request.headers["transfer-encoding"] !== undefined || (announced ?? "0") !== "0";
  if (!has) return "";
  if (method !== "POST") return refusal(400, "A question of this kind has no body.");
  if (Number(announced ?? 0) > WEB_LIMITS.body_octets) return TOO_LARGE;
  const chunks: Buffer[] = [];
  let octets = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      octets += chunk.length;
      if (octets > WEB_LIMITS.body_octets) return TOO_LARGE;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}

const TOO_LARGE = refusal(413, `More than ${WEB_LIMITS.body_octets} octets are not read here.`);

/** `Host = uri-host [ ":" port ]`. RFC 9110 §7.2 */
const hostOf = (text: string): Domain | undefined => parseDomain(text.replace(/:[0-9]{0,5}$/, ""));
