import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { parseIp } from "../base/ip.ts";
import type { ChunkRead, LineRead } from "./connection.ts";
import { SocketConnection } from "./socket-connection.ts";

const PATIENCE_MS = 60_000;

function connected() {
  const [client, far] = duplexPair();
  client.resume();
  const address = parseIp("192.0.2.1") ?? assert.fail("an address");
  const connection = new SocketConnection(far, {
    remote: { address, port: 40_000 },
    local: { address: "127.0.0.1", port: 25 },
  });
  const came: string[] = [];
  const later = (line: LineRead): void => void came.push(said(line));
  const next = (deadline_ms = PATIENCE_MS) => connection.nextLine(10, deadline_ms, later);
  return { client, connection, came, next };
}

const said = (line: LineRead): string => (line.kind === "line" ? line.octets.toString() : line.kind);

test("a line that is still to come is told once; one that is here is given at once, and told nobody", async () => {
  const { client, connection, came, next } = connected();
  assert.equal(next(), undefined);
  client.write("one\r\ntwo\r\nth");
  await turn();
  assert.deepEqual(came, ["one"]);
  assert.equal(said(next() ?? assert.fail("two is here")), "two");
  assert.deepEqual(came, ["one"]);
  assert.equal(next(), undefined);
  client.write("ree\r\n");
  await turn();
  assert.deepEqual(came, ["one", "three"]);
  connection.destroy();
  assert.deepEqual(came, ["one", "three"]);
});

test("who waits hears of the end, of a line too long and of his own deadline", async () => {
  const { client, connection, came, next } = connected();
  assert.equal(next(), undefined);
  client.write("a line of more than ten\r\n");
  await turn();
  assert.equal(next(1), undefined);
  while (came.length < 2) await turn();
  assert.equal(next(), undefined);
  connection.destroy();
  assert.deepEqual(came, ["too-long", "timeout", "closed"]);
  assert.equal(next()?.kind, "closed");
});

test("who answers within the call may wait for the next line there", async () => {
  const { client, connection } = connected();
  const came: string[] = [];
  const later = (line: LineRead): void => {
    came.push(said(line));
    for (;;) {
      const here = connection.nextLine(10, PATIENCE_MS, later);
      if (here?.kind !== "line") return;
      came.push(`here ${said(here)}`);
    }
  };
  assert.equal(connection.nextLine(10, PATIENCE_MS, later), undefined);
  client.write("one\r\ntwo\r\n");
  await turn();
  client.write("three\r\n");
  await turn();
  connection.destroy();
  assert.deepEqual(came, ["one", "here two", "three", "closed"]);
});

test("octets that have come are given at once; others are told once, as is the end", async () => {
  const { client, connection } = connected();
  const came: string[] = [];
  const later = (chunk: ChunkRead): void =>
    void came.push(chunk.kind === "octets" ? chunk.octets.toString() : chunk.kind);
  assert.equal(connection.nextOctets(PATIENCE_MS, later), undefined);
  client.write("one");
  await turn();
  client.write("two");
  await turn();
  const here = connection.nextOctets(PATIENCE_MS, later);
  assert.equal(here?.kind === "octets" && here.octets.toString(), "two");
  assert.equal(connection.nextOctets(1, later), undefined);
  while (came.length < 2) await turn();
  assert.equal(connection.nextOctets(PATIENCE_MS, later), undefined);
  connection.destroy();
  assert.deepEqual(came, ["one", "timeout", "closed"]);
});
