import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { afterEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { systemClock } from "../base/clock.ts";
import { parseIp } from "../base/ip.ts";
import { SocketConnection } from "../net/socket-connection.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { DataReader } from "./data-reader.ts";
import { Intake } from "./intake.ts";
import { defaultLimits } from "./limits.ts";
import { receiveChunk, receiveData, type Hearer, type Source } from "./receive.ts";

const connections: SocketConnection[] = [];
afterEach(() => connections.splice(0).forEach((connection) => connection.destroy()));

/** A sink that keeps what it is given as `take` says, and one message on its way into it. */
function receiving(take: (text: string) => void | Promise<void> = () => {}) {
  const [client, far] = duplexPair();
  client.resume();
  const connection = new SocketConnection(far, {
    remote: { address: parseIp("192.0.2.1") ?? assert.fail("an address"), port: 40_000 },
    local: { address: "127.0.0.1", port: 25 },
  });
  connections.push(connection);
  const source: Source = {
    connection,
    limits: { ...defaultLimits, excess_octets: 10 },
    clock: systemClock,
  };
  const kept: string[] = [];
  const write = (octets: Uint8Array): void | Promise<void> => {
    const text = Buffer.from(octets).toString();
    kept.push(text);
    return take(text);
  };
  const intake = new Intake({ write, finish: () => Promise.resolve([]), abort: () => {} }, 100);
  const heard: unknown[] = [];
  const hearer: Hearer = { ended: (end) => void heard.push(end), failed: (error) => void heard.push(error) };
  const data = () => receiveData(source, intake, new DataReader(1000), hearer);
  const chunk = (size_octets: number) =>
    receiveChunk(
      source,
      { do: "chunk", size_octets, last: true, intake, reader: new ChunkReader(1000) },
      hearer,
    );
  return { client, connection, kept, heard, data, chunk };
}

const LETTER = "a\r\n..b\r\n..c\r\n.\r\n";

test("a body is told once, when it has come; what follows it is the next command", async () => {
  const { client, connection, kept, heard, data } = receiving();
  assert.equal(data(), undefined);
  client.write(`${LETTER}QUIT\r\n`);
  await turn();
  assert.deepEqual(heard, ["complete"]);
  assert.equal(kept.join(""), "a\r\n.b\r\n.c\r\n");
  assert.equal(connection.buffered, 6);
});

test("what has come already is given at once and told nobody", async () => {
  const { client, connection, kept, heard, data, chunk } = receiving();
  client.write(`four${LETTER}`);
  await turn();
  assert.equal(chunk(4), "complete");
  assert.equal(data(), "complete");
  assert.equal(kept.join(""), "foura\r\n.b\r\n.c\r\n");
  assert.equal(connection.buffered, 0);
  assert.equal(chunk(0), "complete");
  assert.deepEqual(heard, []);
});

test("nothing is written before a sink that asks to wait is ready, in whatever pieces the body comes", async () => {
  let busy = false;
  const { client, kept, heard, data } = receiving(async () => {
    assert.equal(busy, false);
    busy = true;
    await turn();
    busy = false;
  });
  assert.equal(data(), undefined);
  for (const octet of LETTER.slice(0, 5)) client.write(octet);
  client.write(LETTER.slice(5));
  while (heard.length === 0) await turn();
  assert.deepEqual(heard, ["complete"]);
  assert.equal(kept.join(""), "a\r\n.b\r\n.c\r\n");
});

test("a sink that throws or rejects is told as what went wrong, once", async () => {
  for (const take of [
    () => {
      throw new Error("full");
    },
    () => Promise.reject(new Error("full")),
  ]) {
    for (const body of [LETTER, `.${LETTER}`]) {
      const { client, connection, heard, data } = receiving(take);
      assert.equal(data(), undefined);
      client.write(body);
      while (heard.length === 0) await turn();
      connection.destroy();
      await turn();
      assert.match(String(heard), /^Error: full$/);
    }
  }
});

test("who goes away or sends far too much is told as that", async () => {
  const gone = receiving();
  assert.equal(gone.data(), undefined);
  gone.client.write("half a letter");
  gone.client.end();
  while (gone.heard.length === 0) await turn();
  assert.deepEqual(gone.heard, ["closed"]);
  const endless = receiving();
  assert.equal(endless.chunk(1000), undefined);
  endless.client.write("x".repeat(111));
  await turn();
  assert.deepEqual(endless.heard, ["excess"]);
});
