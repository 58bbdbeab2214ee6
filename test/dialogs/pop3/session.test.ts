import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "../../../src/base/clock.ts";
import { parseIp, type IpAddress } from "../../../src/base/ip.ts";
import { SocketConnection } from "../../../src/net/socket-connection.ts";
import { POP3_LIMITS } from "../../../src/pop3/limits.ts";
import { formatReply, type Reply } from "../../../src/pop3/reply.ts";
import { servePop3 } from "../../../src/pop3/server.ts";
import { Pop3Session } from "../../../src/pop3/session.ts";
import type { ChannelBinding } from "../../../src/sasl/exchange.ts";
import { scramClient } from "../../../src/sasl/scram-client.ts";
import { MAILDROPS } from "./maildrops.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { Pop3Stage } from "./stage.ts";

const LOGIN = "you@wachpost.test";
const PASSWORD = "correct horse";
const LOOPBACK = parseIp("127.0.0.1") as IpAddress;
const BINDING: ChannelBinding = { type: "tls-exporter", data: Buffer.alloc(32, 9) };

const sessionOf = (backend: MemoryBackend): Pop3Session =>
  new Pop3Session({
    backend,
    facts: {
      id: "s1",
      remote: { address: LOOPBACK, port: 1 },
      local: { address: "127.0.0.1", port: 995 },
      tls: { protocol: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
    },
    tlsOffered: false,
    channelBinding: () => BINDING,
  });

const say = async (session: Pop3Session, line: string): Promise<Reply> => session.line(Buffer.from(line));
const textOf = (reply: Reply): string => [...formatReply(reply)].join("").trimEnd();
const toBase64 = (text: string): string => Buffer.from(text).toString("base64");
const fromChallenge = (text: string): string => Buffer.from(text.slice(2), "base64").toString();

for (const [mechanism, binding] of [
  ["SCRAM-SHA-256-PLUS", BINDING],
  ["SCRAM-SHA-256", undefined],
] as const) {
  test(`${mechanism}: the server's last word is a challenge, an empty line ends it`, async () => {
    const session = sessionOf(new MemoryBackend(MAILDROPS.three ?? [], ""));
    const client = scramClient(LOGIN, PASSWORD, "rOprNGfwEbeRWgbNEkqO", binding);
    // Where -PLUS is offered an honest client without it says `y` or `n`; ours says `n`.
    const first = fromChallenge(textOf(await say(session, `AUTH ${mechanism} ${toBase64(client.first)}`)));
    const final = (await client.final(first)) ?? "";
    const last = fromChallenge(textOf(await say(session, toBase64(final))));
    assert.ok(client.verify(last), last);
    assert.match(textOf(await say(session, "")), /^\+OK 3 messages/);
    assert.equal(session.loggedIn, true);
    session.end();
  });
}

test("SCRAM with a wrong password fails like any login", async () => {
  const session = sessionOf(new MemoryBackend([], ""));
  const client = scramClient(LOGIN, "wrong", "rOprNGfwEbeRWgbNEkqO");
  const first = fromChallenge(textOf(await say(session, `AUTH SCRAM-SHA-256 ${toBase64(client.first)}`)));
  const answer = await say(session, toBase64((await client.final(first)) ?? ""));
  assert.equal(textOf(answer), "-ERR [AUTH] Login failed");
  assert.equal(session.loggedIn, false);
});

test("a SCRAM client that does not agree at the end is not logged in", async () => {
  const backend = new MemoryBackend([], "");
  const session = sessionOf(backend);
  const client = scramClient(LOGIN, PASSWORD, "rOprNGfwEbeRWgbNEkqO");
  const first = fromChallenge(textOf(await say(session, `AUTH SCRAM-SHA-256 ${toBase64(client.first)}`)));
  await say(session, toBase64((await client.final(first)) ?? ""));
  assert.match(textOf(await say(session, "*")), /^-ERR/);
  assert.equal(session.loggedIn, false);
  assert.equal(backend.locked, false);
});

function inMemory(options: Pop3Stage["options"]): {
  client: ReturnType<typeof duplexPair>[0];
  far: ReturnType<typeof duplexPair>[0];
  over: Promise<void>;
} {
  const [client, far] = duplexPair();
  const connection = new SocketConnection(far, {
    remote: { address: LOOPBACK, port: 40_000 },
    local: { address: "127.0.0.1", port: 110 },
  });
  return { client, far, over: servePop3(connection, options) };
}

test(
  "whoever does not log in within a minute is cut off, however busy (D-19)",
  { timeout: 5_000 },
  async () => {
    const stage = new Pop3Stage(new Map([["tls", "none"]]));
    const clock = new ManualClock();
    const { client, over } = inMemory({ ...stage.options, clock });
    let seen = "";
    client.on("data", (chunk: Buffer) => (seen += chunk.toString()));
    client.write("CAPA\r\n");
    while (!seen.includes("\r\n.\r\n")) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(POP3_LIMITS.authorization_ms - 20);
    client.write("CAPA\r\n");
    await over;
    assert.equal(stage.log.events.at(-1)?.fields.end, "timeout");
    client.destroy();
    stage.assertClean();
  },
);

test(
  "a client that does not read makes the server wait, in constant memory",
  { timeout: 10_000 },
  async () => {
    const big = Buffer.concat([Buffer.from("Subject: big\r\n\r\n"), Buffer.alloc(4_000_000, ".a\r\n")]);
    const stage = new Pop3Stage(new Map([["tls", "none"]]));
    stage.backend.messages = [big];
    const facts = { protocol: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };
    const [client, far] = duplexPair();
    const connection = new SocketConnection(far, {
      remote: { address: LOOPBACK, port: 40_000 },
      local: { address: "127.0.0.1", port: 110 },
    });
    Object.defineProperty(connection, "tls", { value: facts });
    const over = servePop3(connection, stage.options);
    // It also says that it has nothing more to say, as scripts do: it gets its replies all the same.
    client.end(`USER ${LOGIN}\r\nPASS ${PASSWORD}\r\n${"RETR 1\r\n".repeat(8)}QUIT\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(far.writableLength < 300_000, `${far.writableLength} octets wait in memory`);
    let received = 0;
    for await (const chunk of client) received += (chunk as Buffer).length;
    assert.ok(received > 8 * big.length, `${received} octets`);
    await over;
    stage.assertClean();
  },
);

const LINES = [
  "USER you@wachpost.test",
  "PASS correct horse",
  "PASS x",
  "AUTH PLAIN",
  "AUTH LOGIN",
  "AUTH PLAIN =",
  "*",
  "",
  "eA==",
  "STAT",
  "LIST",
  "LIST 1",
  "LIST 4",
  "UIDL",
  "UIDL 2",
  "RETR 1",
  "RETR 2",
  "TOP 1 0",
  "TOP 2 5",
  "DELE 1",
  "DELE 3",
  "RSET",
  "NOOP",
  "CAPA",
  "UTF8",
  "LANG",
  "LANG *",
  "STLS",
  "QUIT",
  "\0",
  "GET / HTTP/1.1",
  "x".repeat(300),
];

test("any sequence of lines gets one well-formed reply each, and gives the maildrop back", async () => {
  const lines = fc.array(fc.oneof(fc.constantFrom(...LINES), fc.string({ maxLength: 20 })), {
    maxLength: 40,
  });
  const property = fc.asyncProperty(lines, async (said) => {
    const backend = new MemoryBackend(MAILDROPS.three ?? [], "");
    const session = sessionOf(backend);
    for (const line of ["USER you@wachpost.test", "PASS correct horse", ...said]) {
      const text = Buffer.concat(
        [...formatReply(await say(session, line))].map((piece) => Buffer.from(piece)),
      ).toString();
      assert.match(
        text,
        /^(\+OK|-ERR|\+) [^\r\n]*\r\n(?:(?:[^.\r\n][^\r\n]*|\.[^\r\n]+|)\r\n)*(?:\.\r\n)?$/,
        line,
      );
    }
    session.end();
    assert.equal(backend.locked, false);
  });
  await fc.assert(property, { seed: 8, numRuns: Number(process.env.FUZZ_RUNS ?? 200) });
});
