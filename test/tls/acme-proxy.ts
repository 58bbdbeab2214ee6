/**
 * Stands between our client and Pebble: adds what Debian's Pebble has not (renewal information, RFC 9773), keeps a
 * record of what was asked, and refuses or breaks off when a test says so. The Host header stays, so that Pebble's
 * URLs, and the signatures over them, are those of this server.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import type { Pebble } from "./pebble.ts";

export type Interference =
  | { readonly kind: "break-off" }
  | { readonly kind: "refuse"; readonly status: number; readonly type: string; readonly retryAfter?: string };

export type AcmeProxy = {
  readonly directoryUrl: string;
  /** Method and path of each request, and the payload of its JWS. */
  readonly asked: { readonly what: string; readonly payload: unknown }[];
  /** Answer to renewal information; undefined: the directory does not offer it. */
  renewalInfo: { readonly body: string; readonly retryAfter: string } | undefined;
  /** Decides about each request. */
  interfere: ((what: string) => Interference | undefined) | undefined;
} & AsyncDisposable;

export async function startProxy(pebble: Pebble): Promise<AcmeProxy> {
  const server = createServer({ key: pebble.server.key, cert: pebble.server.certificate });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `https://localhost:${(server.address() as AddressInfo).port}`;
  const proxy: AcmeProxy = {
    directoryUrl: `${base}/dir`,
    asked: [],
    renewalInfo: undefined,
    interfere: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on("request", (asked, answer) => void serve(proxy, pebble, base, asked, answer));
  return proxy;
}

async function serve(
  proxy: AcmeProxy,
  pebble: Pebble,
  base: string,
  asked: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const body = await bodyOf(asked);
  const what = `${asked.method} ${asked.url?.replace(/[A-Za-z0-9_-]{20,}/, "ID")}`;
  proxy.asked.push({ what: `${asked.method} ${asked.url}`, payload: payloadOf(body) });
  const interference = proxy.interfere?.(what);
  if (interference?.kind === "break-off") return void asked.socket.destroy();
  if (interference?.kind === "refuse") {
    const { status, type, retryAfter } = interference;
    answer.writeHead(status, {
      "content-type": "application/problem+json",
      ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
    });
    return void answer.end(
      JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail: "As the test says" }),
    );
  }
  if (proxy.renewalInfo && asked.url?.startsWith("/renewal-info/") === true) {
    answer.writeHead(200, {
      "content-type": "application/json",
      "retry-after": proxy.renewalInfo.retryAfter,
    });
    return void answer.end(proxy.renewalInfo.body);
  }
  const onward = request(
    {
      host: "localhost",
      port: pebble.port,
      ca: pebble.ca,
      path: asked.url,
      method: asked.method,
      headers: asked.headers,
    },
    (reply) => void passOn(proxy, base, asked, reply, answer),
  );
  onward.on("error", () => asked.socket.destroy());
  onward.end(body);
}

async function passOn(
  proxy: AcmeProxy,
  base: string,
  asked: IncomingMessage,
  reply: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  let body = await bodyOf(reply);
  if (asked.url === "/dir" && proxy.renewalInfo !== undefined) {
    const directory = JSON.parse(body.toString()) as object;
    body = Buffer.from(JSON.stringify({ ...directory, renewalInfo: `${base}/renewal-info` }));
  }
  const { "content-length": _length, ...headers } = reply.headers;
  answer.writeHead(reply.statusCode ?? 500, headers);
  answer.end(body);
}

function payloadOf(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const { payload } = JSON.parse(body.toString()) as { readonly payload: string };
  const text = Buffer.from(payload, "base64url").toString();
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}

async function bodyOf(message: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}
