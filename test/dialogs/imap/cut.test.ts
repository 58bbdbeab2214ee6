/** A client that goes away after each single octet of what it says: nobody is left behind, and the mail is whole. */
import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { systemClock } from "../../../src/base/clock.ts";
import { parseIp, type IpAddress } from "../../../src/base/ip.ts";
import { MemoryLog } from "../../../src/base/log.ts";
import type { ImapAccount, ImapBackend } from "../../../src/imap/backend.ts";
import { serveImap } from "../../../src/imap/server.ts";
import type { ConnectionTls } from "../../../src/net/connection.ts";
import { SocketConnection } from "../../../src/net/socket-connection.ts";
import { MEMORY_ACCOUNT } from "./memory-backend.ts";
import { LOGIN, PASSWORD } from "./memory-logins.ts";
import { makeWorld, type Engine } from "./world.ts";

const MESSAGE = "From: a@b.test\r\nSubject: whole\r\n\r\nto the end\r\n";
const SAID = [
  `a LOGIN {${LOGIN.length}+}\r\n${LOGIN} "${PASSWORD}"`,
  "b SELECT INBOX (CONDSTORE)",
  `c APPEND INBOX (\\Seen) {${MESSAGE.length}+}\r\n${MESSAGE} {${MESSAGE.length}+}\r\n${MESSAGE}`,
  "d UID STORE 1:* +FLAGS ($Cut)",
  "e UID FETCH 1:* (BODY[] FLAGS)",
  "f COPY 1 Archive",
  "g UID SEARCH RETURN (SAVE) BODY end",
  "h IDLE\r\nDONE",
  "i UID MOVE $ Trash",
  "j CREATE cut\r\nk RENAME cut gone\r\nl DELETE gone",
  "m LOGOUT\r\n",
].join("\r\n");

const ENDPOINTS = {
  remote: { address: parseIp("127.0.0.1") as IpAddress, port: 40_000 },
  local: { address: "127.0.0.1", port: 993 },
};

/** As if the handshake were over: the cuts are about IMAP. */
class SecureConnection extends SocketConnection {
  override get tls(): ConnectionTls {
    return { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" };
  }

  override exportedKey(): undefined {
    return undefined;
  }
}

/** `rude`: the connection breaks instead of ending. */
async function say(backend: ImapBackend, log: MemoryLog, octets: string, rude: boolean): Promise<void> {
  const [near, far] = duplexPair();
  near.resume();
  near.on("error", () => {});
  near.write(octets, "latin1", () => rude && near.destroy());
  if (!rude) near.end();
  const shutdown = new AbortController();
  await serveImap(new SecureConnection(far, ENDPOINTS), {
    backend,
    log,
    clock: systemClock,
    shutdown: shutdown.signal,
  });
}

/** Whole messages only, uids ascend, and the figures are those of the messages. Returns how many there are. */
async function checkSane(account: ImapAccount, name: string, at: number): Promise<number> {
  const opened = await account.open(name, true);
  assert.ok(opened.ok, `cut at ${at}: ${name}`);
  const box = opened.value;
  let last = 0;
  let size_octets = 0;
  let count = 0;
  for await (const message of box.messages(box.uids)) {
    assert.ok(message.uid > last && message.uid < box.status.uidNext, `cut at ${at}: uid ${message.uid}`);
    last = message.uid;
    const octets = await message.octets();
    assert.ok(
      octets.toString() === MESSAGE || octets.includes("@example.test>"),
      `cut at ${at}: half a message`,
    );
    assert.equal(octets.length, message.size_octets);
    size_octets += octets.length;
    count++;
  }
  assert.deepEqual([box.status.messages, box.uids.length], [count, count], `cut at ${at}: ${name}`);
  assert.equal(box.status.size_octets, size_octets, `cut at ${at}: ${name}`);
  box.close();
  return count;
}

async function cutEverywhere(engine: Engine): Promise<void> {
  const log = new MemoryLog();
  await using world = await makeWorld(engine, new Map(), log);
  const account = await world.backend.account({ account: MEMORY_ACCOUNT, login: LOGIN, credential: 1 });
  const folders = ["INBOX", "Archive", "Trash"];
  let appended = 0;
  for (let at = 0; at <= SAID.length; at++) {
    await say(world.backend, log, SAID.slice(0, at), at % 2 === 1);
    world.assertClean();
    if (at % 40 !== 0 && at !== SAID.length) continue;
    for (const name of folders) appended += await checkSane(account, name, at);
    // Emptied again, so that the hundredth session does not carry the mail of all before it.
    for (const name of folders) await empty(account, name);
  }
  assert.ok(appended > 100, "the sessions did nothing");
  const broken = log.events.filter(({ level }) => level === "error");
  assert.deepEqual(broken, []);
}

async function empty(account: ImapAccount, name: string): Promise<void> {
  const opened = await account.open(name, false);
  assert.ok(opened.ok);
  await opened.value.storeFlags(opened.value.uids, { action: "add", flags: ["\\Deleted"] });
  await opened.value.expunge();
  opened.value.close();
}

for (const engine of ["memory", "store"] as const)
  test(`a dialog cut at each of its ${SAID.length} octets, ${engine}`, () => cutEverywhere(engine));
