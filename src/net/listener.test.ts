import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { test } from "node:test";
import { parseCidr, type Cidr } from "../base/ip.ts";
import { silentLog } from "../base/log.ts";
import { OperatorError } from "../base/operator-error.ts";
import { createAuthority, issueCertificate } from "../tls/certificate.ts";
import { serverTls } from "../tls/contexts.ts";
import type { Connection } from "./connection.ts";
import { listen, type Listener, type ListenerOptions } from "./listener.ts";

const YEAR_MS = 365 * 86_400_000;
const span = { notBefore_ms: Date.now() - 1000, notAfter_ms: Date.now() + YEAR_MS };
const authority = createAuthority({ subject: "Test CA", names: [], ...span });
const leaf = issueCertificate(
  { subject: "localhost", names: ["localhost", "127.0.0.1"], ...span },
  authority,
  "Test CA",
);
const tlsOptions = serverTls("test", leaf, []);

const LINE_MAX = 100;
const DEADLINE_MS = 2000;

/** Echoes lines; `tls` starts TLS, `who` tells the client's address, `quit` and `part` end. */
async function echo(connection: Connection): Promise<void> {
  connection.write("hello\r\n");
  for (;;) {
    const line = await connection.readLine(LINE_MAX, DEADLINE_MS);
    if (line.kind === "closed") return;
    if (line.kind !== "line") return connection.write(`${line.kind}\r\n`);
    const text = line.octets.toString("latin1");
    if (text === "quit") return connection.write("bye\r\n");
    if (text === "part") {
      connection.write("bye\r\n");
      return connection.close(true);
    }
    if (text === "who")
      connection.write(`${connection.remote.address.text} ${connection.tls?.protocol ?? "plain"}\r\n`);
    else if (text === "tls") {
      connection.write("go\r\n");
      const start = await connection.startTls(tlsOptions, DEADLINE_MS);
      if (!start.ok) return connection.write(`${start.reason}\r\n`);
    } else connection.write(`${text}\r\n`);
  }
}

async function withListener(
  options: Partial<ListenerOptions>,
  body: (listener: Listener) => Promise<void>,
): Promise<void> {
  const listener = await listen({
    name: "test",
    at: { host: "127.0.0.1", port: 0 },
    proxyFrom: [],
    connectionsMax: 10,
    log: silentLog,
    handler: echo,
    ...options,
  });
  try {
    await body(listener);
  } finally {
    await listener.close(100);
  }
}

/** Sends everything at once and returns all that came back until the server closed. */
async function talk(socket: Socket, octets: string): Promise<string> {
  let seen = "";
  socket.on("data", (chunk: Buffer) => (seen += chunk.toString("latin1")));
  socket.on("error", () => {});
  socket.write(octets);
  await once(socket, "close");
  return seen;
}

const tcp = (listener: Listener): Socket => connectTcp(listener.port, "127.0.0.1");

test("whoever takes his leave is waited for no longer than the answer takes, and still reads it", () =>
  withListener({}, async (listener) => {
    for (const octets of ["part\r\n", "a\r\npart\r\n", "part\r\nand more\r\n"]) {
      const said = await talk(tcp(listener), octets);
      assert.ok(said.endsWith("bye\r\n"), said);
    }
    const client = connectTcp({ port: listener.port, host: "127.0.0.1", allowHalfOpen: true });
    client.resume();
    client.write("part\r\n");
    await once(client, "end");
    // The client has not ended its side, and the server is done with it all the same.
    const writing = setInterval(() => client.write("x"), 5);
    await assert.rejects(once(client, "close", { signal: AbortSignal.timeout(20_000) }), /EPIPE|ECONNRESET/);
    clearInterval(writing);
  }));

test("pipelined lines are answered in order", () =>
  withListener({}, async (listener) => {
    assert.equal(await talk(tcp(listener), "a\r\nb\r\nquit\r\n"), "hello\r\na\r\nb\r\nbye\r\n");
  }));

test("a client that closes its half still gets its answers", () =>
  withListener({}, async (listener) => {
    const socket = connectTcp({ port: listener.port, host: "127.0.0.1", allowHalfOpen: true });
    const answers = talk(socket, "a\r\n");
    socket.end("b\r\n");
    assert.equal(await answers, "hello\r\na\r\nb\r\n");
  }));

test("a slow line is cut by the deadline of the whole line, not of each octet", () =>
  withListener(
    {
      handler: async (connection) => {
        const line = await connection.readLine(LINE_MAX, 150);
        connection.write(line.kind);
      },
    },
    async (listener) => {
      const socket = tcp(listener);
      const drip = setInterval(() => socket.write("x"), 30);
      assert.equal(await talk(socket, "x"), "timeout");
      clearInterval(drip);
    },
  ));

test("implicit TLS", () =>
  withListener({ implicitTls: () => tlsOptions }, async (listener) => {
    const socket = connectTls({
      port: listener.port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: authority.certificate,
    });
    assert.equal(await talk(socket, "who\r\nquit\r\n"), "hello\r\n127.0.0.1 TLSv1.3\r\nbye\r\n");
  }));

test("TLS in mid-session", () =>
  withListener({}, async (listener) => {
    const plain = tcp(listener);
    plain.write("tls\r\n");
    let before = "";
    while (!before.endsWith("go\r\n")) before += String((await once(plain, "data"))[0]);
    const socket = connectTls({ socket: plain, servername: "localhost", ca: authority.certificate });
    assert.equal(await talk(socket, "who\r\nquit\r\n"), "127.0.0.1 TLSv1.3\r\nbye\r\n");
  }));

test("octets ahead of the handshake are an injection (T-33)", () =>
  withListener({}, async (listener) => {
    assert.equal(await talk(tcp(listener), "tls\r\ninjected\r\n"), "hello\r\ngo\r\nearly-data\r\n");
  }));

test("garbage instead of a handshake ends the connection", () =>
  withListener({ implicitTls: () => tlsOptions }, async (listener) => {
    await talk(tcp(listener), "EHLO me\r\n");
    assert.equal(await reachable(listener), true);
  }));

async function reachable(listener: Listener): Promise<boolean> {
  const socket = tcp(listener);
  await once(socket, "connect");
  socket.destroy();
  return true;
}

const loopback = [parseCidr("127.0.0.1") as Cidr];

test("a named proxy speaks for its client, also before TLS", () =>
  withListener({ proxyFrom: loopback, implicitTls: () => tlsOptions }, async (listener) => {
    const plain = tcp(listener);
    plain.write("PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\r\n");
    const socket = connectTls({ socket: plain, servername: "localhost", ca: authority.certificate });
    assert.equal(await talk(socket, "who\r\nquit\r\n"), "hello\r\n192.0.2.7 TLSv1.3\r\nbye\r\n");
  }));

test("a named proxy must speak", () =>
  withListener({ proxyFrom: loopback }, async (listener) => {
    assert.equal(await talk(tcp(listener), "who\r\n"), "");
  }));

test("a peer that is not named cannot claim another address", () =>
  withListener({}, async (listener) => {
    const answer = await talk(tcp(listener), "PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\r\nwho\r\nquit\r\n");
    assert.match(answer, /127\.0\.0\.1 plain/);
  }));

test("an occupied port is named with its holder (S-04)", () =>
  withListener({}, async (listener) => {
    const error = await listen({
      name: "second",
      at: { host: "127.0.0.1", port: listener.port },
      proxyFrom: [],
      connectionsMax: 1,
      log: silentLog,
      handler: echo,
    }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof OperatorError);
    assert.equal(error.code, "port-in-use");
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${listener.port} .*pid ${process.pid}`));
  }));

test("close waits for sessions, then cuts them", async () => {
  const listener = await listen({
    name: "test",
    at: { host: "127.0.0.1", port: 0 },
    proxyFrom: [],
    connectionsMax: 10,
    log: silentLog,
    handler: echo,
  });
  const socket = tcp(listener);
  await once(socket, "data");
  const started = Date.now();
  await listener.close(200);
  assert.ok(Date.now() - started < 1500);
  assert.equal(listener.sessions, 0);
});
