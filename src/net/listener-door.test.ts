import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { parseCidr, parseIp, type IpAddress } from "../base/ip.ts";
import { silentLog } from "../base/log.ts";
import type { Connection } from "./connection.ts";
import type { Doorkeeper, Guest } from "./doorkeeper.ts";
import { listen, type Listener, type ListenerOptions } from "./listener.ts";
import { SocketConnection } from "./socket-connection.ts";

/** Lets `seats` in, and remembers whom. */
class Keeper implements Doorkeeper {
  readonly asked: string[] = [];
  readonly guests: Guest[] = [];
  left = 0;
  seats: number;
  constructor(seats: number) {
    this.seats = seats;
  }
  admit(address: IpAddress, guest: Guest) {
    this.asked.push(address.text);
    if (this.guests.length - this.left >= this.seats) return { ok: false, text: "Full" } as const;
    this.guests.push(guest);
    return { ok: true, leave: () => void this.left++ } as const;
  }
}

const farewell = (text: string): string => `421 ${text}\r\n`;

async function greetAndWait(connection: Connection): Promise<void> {
  connection.write("220 hello\r\n");
  const line = await connection.readLine(100, 5_000);
  if (line.kind === "line") connection.write("221 bye\r\n");
}

async function withDoor(
  keeper: Keeper,
  more: Partial<ListenerOptions>,
  body: (listener: Listener) => Promise<void>,
): Promise<void> {
  const listener = await listen({
    name: "test",
    at: { host: "127.0.0.1", port: 0 },
    proxyFrom: [],
    connectionsMax: 10,
    log: silentLog,
    handler: greetAndWait,
    doorkeeper: keeper,
    farewell,
    ...more,
  });
  try {
    await body(listener);
  } finally {
    await listener.close(100);
  }
}

const open = ({ port }: Listener): Socket => connect(port, "127.0.0.1").on("error", () => {});

async function all(socket: Socket): Promise<string> {
  let seen = "";
  socket.on("data", (chunk: Buffer) => (seen += chunk.toString("latin1")));
  await once(socket, "close");
  return seen;
}

test("who is refused hears why and costs no session; who leaves is counted out once", () => {
  const keeper = new Keeper(1);
  return withDoor(keeper, {}, async (listener) => {
    const first = open(listener);
    await once(first, "data");
    assert.equal(await all(open(listener)), "421 Full\r\n");
    assert.equal(listener.sessions, 1);
    first.write("quit\r\n");
    await all(first);
    assert.equal(keeper.left, 1);
    const next = open(listener);
    assert.match(String((await once(next, "data"))[0]), /^220/);
    next.destroy();
  });
});

test("before TLS nothing can be said", () =>
  withDoor(new Keeper(0), { implicitTls: () => ({}) }, async (listener) => {
    assert.equal(await all(open(listener)), "");
  }));

test("behind a proxy the client is asked about, not the proxy", () => {
  const keeper = new Keeper(0);
  const proxy = parseCidr("127.0.0.1") ?? assert.fail("an address");
  return withDoor(keeper, { proxyFrom: [proxy] }, async (listener) => {
    const socket = open(listener);
    socket.write("PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n");
    assert.equal(await all(socket), "421 Full\r\n");
    assert.deepEqual(keeper.asked, ["203.0.113.9"]);
  });
});

test("a guest that lets us wait is idle, and can be told to go", () => {
  const keeper = new Keeper(1);
  return withDoor(keeper, {}, async (listener) => {
    const socket = open(listener);
    const seen = all(socket);
    const [guest] = await until(() => keeper.guests);
    while ((guest?.idle_ms() ?? 0) < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    guest?.dismiss("Idle");
    socket.end();
    assert.equal(await seen, "220 hello\r\n421 Idle\r\n");
    assert.equal(keeper.left, 1);
    assert.equal(guest?.idle_ms(), 0, "who is gone lets nobody wait");
  });
});

async function until<T>(list: () => readonly T[]): Promise<readonly T[]> {
  while (list().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  return list();
}

test("a handshake that may not begin ends the connection; the others are counted to their end", async () => {
  let begun = 0;
  let ended = 0;
  const handshakes = {
    begin: () => (begun++ === 0 ? () => void ended++ : undefined),
  };
  await withDoor(new Keeper(5), { implicitTls: () => ({}), handshakes }, async (listener) => {
    const failing = open(listener);
    failing.write("no ClientHello\r\n");
    await all(failing);
    assert.deepEqual([begun, ended], [1, 1]);
    const refused = open(listener);
    await all(refused);
    assert.deepEqual([begun, ended], [2, 1]);
  });
});

test("a place for a handshake is kept once, and given back when the client goes before it", async () => {
  let begun = 0;
  let ended = 0;
  const handshakes = { begin: () => (begun++ === 0 ? () => void ended++ : undefined) };
  const [near, far] = duplexPair();
  near.on("error", () => {});
  const endpoints = {
    remote: { address: parseIp("192.0.2.1") ?? assert.fail(), port: 1 },
    local: { address: "127.0.0.1", port: 25 },
  };
  const connection = new SocketConnection(far, endpoints, handshakes);
  assert.equal(connection.reserveTls(), true);
  assert.equal(connection.reserveTls(), true);
  assert.deepEqual([begun, ended], [1, 0]);
  connection.close();
  assert.deepEqual([begun, ended], [1, 1]);
  assert.equal(new SocketConnection(duplexPair()[0], endpoints, handshakes).reserveTls(), false);
});
