import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { MemoryLog } from "../base/log.ts";
import { listen, type Listener } from "../net/listener.ts";
import { WEB_LIMITS } from "./limits.ts";
import { content, TEXT, type WebAnswer } from "./request.ts";
import { webHandler } from "./server.ts";

const END_MS = 10_000;

const echo: WebAnswer = async ({ method, path, host, body }) =>
  content(TEXT, `${method} ${path} ${host ?? "-"} ${body.length}`);

type Stage = { readonly listener: Listener; readonly log: MemoryLog; readonly shutDown: () => void };

async function withServer(
  body: (stage: Stage) => Promise<void>,
  answer: WebAnswer = echo,
  request_ms = 2_000,
): Promise<void> {
  const shutdown = new AbortController();
  const log = new MemoryLog();
  const listener = await listen({
    name: "web",
    at: { host: "127.0.0.1", port: 0 },
    proxyFrom: [],
    connectionsMax: 500,
    log,
    handler: webHandler({ answer, shutdown: shutdown.signal, log, request_ms }),
  });
  try {
    await body({ listener, log, shutDown: () => shutdown.abort(new Error("over")) });
  } finally {
    await listener.close(0);
  }
}

const open = ({ port }: Listener): Socket => connect(port, "127.0.0.1").on("error", () => {});

/** Everything the server says until it closes. */
async function said(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  // Generous: whoever waits longer waits in vain.
  if (!socket.closed) await once(socket, "close", { signal: AbortSignal.timeout(END_MS) });
  return text;
}

async function emptied(listener: Listener): Promise<void> {
  for (const end = Date.now() + END_MS; listener.sessions > 0;) {
    assert.ok(Date.now() < end, "a session is left over");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function exchange(listener: Listener, octets: string): Promise<string> {
  const socket = open(listener);
  socket.write(octets, "latin1");
  return await said(socket);
}

const CLOSE = "Host: a.test\r\nConnection: close\r\n\r\n";
const cases = [
  {
    name: "a question",
    input: `GET /a%20b?c=d HTTP/1.1\r\n${CLOSE}`,
    want: /^HTTP\/1.1 200 .*GET \/a b a\.test 0$/s,
  },
  {
    name: "a port in Host",
    input: "GET / HTTP/1.1\r\nHost: a.test:8443\r\nConnection: close\r\n\r\n",
    want: / a\.test 0$/,
  },
  {
    name: "an address as Host",
    input: "GET / HTTP/1.1\r\nHost: [::1]:8443\r\nConnection: close\r\n\r\n",
    want: /GET \/ - 0$/,
  },
  { name: "HEAD has no body", input: `HEAD / HTTP/1.1\r\n${CLOSE}`, want: /^HTTP\/1.1 200 .*\r\n\r\n$/s },
  { name: "no Host", input: "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", want: /^HTTP\/1.1 400 / },
  {
    name: "a strange method",
    input: `DELETE / HTTP/1.1\r\n${CLOSE}`,
    want: /^HTTP\/1.1 405 .*allow: GET, HEAD, POST/s,
  },
  { name: "TRACE", input: `TRACE / HTTP/1.1\r\n${CLOSE}`, want: /^HTTP\/1.1 405 / },
  { name: "a proxy's form", input: `GET http://b.test/ HTTP/1.1\r\n${CLOSE}`, want: /^HTTP\/1.1 400 / },
  { name: "CONNECT", input: `CONNECT b.test:25 HTTP/1.1\r\n${CLOSE}`, want: /^$/ },
  { name: "broken escapes", input: `GET /%ff%zz HTTP/1.1\r\n${CLOSE}`, want: /^HTTP\/1.1 400 / },
  { name: "a long path", input: `GET /${"x".repeat(3000)} HTTP/1.1\r\n${CLOSE}`, want: /^HTTP\/1.1 414 / },
  {
    name: "large headers",
    input: `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n${CLOSE}`,
    want: /^HTTP\/1.1 431 /,
  },
  {
    name: "a body with GET",
    input: `GET / HTTP/1.1\r\nContent-Length: 3\r\n${CLOSE}abc`,
    want: /^HTTP\/1.1 400 /,
  },
  {
    name: "a body",
    input: `POST / HTTP/1.1\r\nContent-Length: 3\r\n${CLOSE}abc`,
    want: /POST \/ a\.test 3$/,
  },
  {
    name: "a body in chunks",
    input: `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${CLOSE}3\r\nabc\r\n0\r\n\r\n`,
    want: /POST \/ a\.test 3$/,
  },
  {
    name: "a large body announced",
    input: `POST / HTTP/1.1\r\nContent-Length: 999999999\r\n${CLOSE}`,
    want: /^HTTP\/1.1 413 /,
  },
  {
    name: "a large body in chunks",
    input: `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${CLOSE}${"1000\r\n".concat("x".repeat(4096), "\r\n").repeat(5)}0\r\n\r\n`,
    want: /^HTTP\/1.1 413 /,
  },
  {
    name: "two lengths (request smuggling)",
    input: `POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n${CLOSE}0\r\n\r\nGET /x`,
    want: /^HTTP\/1.1 400 /,
  },
  { name: "bare LF", input: "GET / HTTP/1.1\nHost: a.test\n\n", want: /^HTTP\/1.1 400 / },
  { name: "mail instead of a question", input: "EHLO a.test\r\n", want: /^HTTP\/1.1 400 / },
  {
    name: "an upgrade is not taken up",
    input: `GET / HTTP/1.1\r\nUpgrade: TLS/1.3\r\nConnection: upgrade\r\nHost: a.test\r\n\r\nGET / HTTP/1.1\r\n${CLOSE}`,
    want: /^HTTP\/1.1 200 /,
  },
];
for (const { name, input, want } of cases) {
  test(`http: ${name}`, () =>
    withServer(async ({ listener }) => assert.match(await exchange(listener, input), want)));
}

test("several requests on one connection, and every answer is safe", () =>
  withServer(async ({ listener }) => {
    const text = await exchange(
      listener,
      `GET /1 HTTP/1.1\r\nHost: a.test\r\n\r\nGET /2 HTTP/1.1\r\n${CLOSE}`,
    );
    assert.match(text, /GET \/1 a\.test 0HTTP\/1.1 200 OK.*GET \/2 a\.test 0$/s);
    for (const header of [
      "strict-transport-security",
      "content-security-policy",
      "x-content-type-options: nosniff",
    ])
      assert.equal(text.split(header).length, 3, header);
    assert.doesNotMatch(text, /^(server|x-powered-by):/im);
  }));

test("a flood of slow headers ends, and others are served meanwhile", () =>
  withServer(
    async ({ listener }) => {
      const ends: Promise<string>[] = [];
      for (let i = 0; i < 100; i++) {
        const socket = open(listener);
        socket.write("GET / HTTP/1.1\r\nHo");
        // Something every now and then, as Slowloris does: the deadline is for the whole request.
        const drip = setInterval(() => socket.write("s"), 50);
        // Drops that were on their way when it shut make it a reset.
        ends.push(
          said(socket)
            .catch(silenced)
            .finally(() => clearInterval(drip)),
        );
      }
      assert.match(await exchange(listener, `GET / HTTP/1.1\r\n${CLOSE}`), /^HTTP\/1.1 200 /);
      for (const text of await Promise.all(ends)) assert.match(text, /^HTTP\/1.1 408 |^$/);
      await emptied(listener);
    },
    echo,
    400,
  ));

test("a body that drips ends as well", () =>
  withServer(
    async ({ listener }) => {
      const socket = open(listener);
      socket.write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9999\r\n\r\na");
      const drip = setInterval(() => socket.write("b"), 50);
      // Drops that were on their way when it shut make it a reset.
      await said(socket).catch(isReset);
      clearInterval(drip);
      await emptied(listener);
    },
    echo,
    300,
  ));

function silenced(error: NodeJS.ErrnoException): string {
  isReset(error);
  return "";
}

function isReset(error: NodeJS.ErrnoException): void {
  if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
}

test("a route that breaks costs one answer, and says nothing of why", () =>
  withServer(
    async ({ listener, log }) => {
      const text = await exchange(listener, `GET / HTTP/1.1\r\n${CLOSE}`);
      assert.match(text, /^HTTP\/1.1 500 /);
      assert.doesNotMatch(text, /secret/);
      assert.match(
        String(log.events.find(({ event }) => event === "web.route-failed")?.fields["error"]),
        /secret/,
      );
    },
    () => Promise.reject(new Error("secret detail")),
  ));

test("at the end, connections nobody uses close at once and answers under way are finished", async () => {
  let finish: () => void = () => {};
  const begun = Promise.withResolvers<void>();
  const slow: WebAnswer = async () => {
    const waiting = new Promise<void>((resolve) => (finish = resolve));
    begun.resolve();
    await waiting;
    return content(TEXT, "done");
  };
  await withServer(async ({ listener, shutDown }) => {
    const idle = said(open(listener));
    const busy = exchange(listener, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await begun.promise;
    while (listener.sessions < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    shutDown();
    assert.equal(await idle, "");
    finish();
    assert.match(await busy, /connection: close.*done$/is);
  }, slow);
});

test("the limits fit together", () => {
  assert.ok(WEB_LIMITS.target_chars < WEB_LIMITS.header_octets);
  assert.ok(WEB_LIMITS.idle_ms <= WEB_LIMITS.request_ms);
});
