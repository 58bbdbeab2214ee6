/**
 * What a session costs when the backend does nothing: messages per second and CPU per message of the server
 * process, over loopback, one connection per message and 100 messages per connection. The sender is a process of
 * its own.
 *
 *     node test/bench/smtp-session.ts [--count 20000] [--sessions 20] [--size 4096] [--pipeline]
 *
 * Prints one JSON line per scenario.
 */
import { fork } from "node:child_process";
import { connect } from "node:net";
import { parseArgs } from "node:util";
import { systemClock } from "../../src/base/clock.ts";
import { randomId } from "../../src/base/ids.ts";
import { silentLog } from "../../src/base/log.ts";
import { ok } from "../../src/base/result.ts";
import { listen } from "../../src/net/listener.ts";
import type { MessageSink, SmtpBackend } from "../../src/smtp/backend.ts";
import { reply } from "../../src/smtp/reply.ts";
import { serveSmtp } from "../../src/smtp/server.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20000" },
    sessions: { type: "string", default: "20" },
    size: { type: "string", default: "4096" },
    pipeline: { type: "boolean", default: false },
    port: { type: "string" },
    perConnection: { type: "string", default: "1" },
  },
});
const count = Number(values.count);

async function serve(): Promise<void> {
  const listener = await listen({
    name: "bench",
    at: { host: "127.0.0.1", port: 0 },
    proxyFrom: [],
    connectionsMax: 1000,
    log: silentLog,
    handler: (connection) =>
      serveSmtp(connection, {
        profile: "mx",
        backend: nullBackend,
        log: silentLog,
        clock: systemClock,
        newId: () => randomId(),
        xclientFrom: [],
        shutdown: new AbortController().signal,
      }),
  });
  await measure("warm-up", listener.port, 100);
  await measure("new connection per message", listener.port, 1);
  await measure("100 messages per connection", listener.port, 100);
  await listener.close(1000);
}

async function measure(scenario: string, port: number, perConnection: number): Promise<void> {
  const before = process.cpuUsage();
  const started = performance.now();
  const args = [...process.argv.slice(2), "--port", String(port), "--perConnection", String(perConnection)];
  const child = fork(new URL(import.meta.url), args, { execArgv: [] });
  const [taken_ms] = await Promise.all([
    new Promise<number>((resolve) => child.once("message", (message) => resolve(Number(message)))),
    new Promise((resolve, reject) => {
      child.once("exit", (code) =>
        code === 0 ? resolve(code) : reject(new Error(`the sender failed: ${code}`)),
      );
    }),
  ]);
  const cpu = process.cpuUsage(before);
  const result = {
    scenario,
    count,
    messagesPerSecond: Math.round((count / taken_ms) * 1000),
    cpuPerMessage_us: Math.round((cpu.user + cpu.system) / count),
    withStart_ms: Math.round(performance.now() - started),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function send(port: number, perConnection: number): Promise<void> {
  const started = performance.now();
  let left = count;
  const body = `${"0123456789abcdef".repeat(4)}\r\n`.repeat(Math.ceil(Number(values.size) / 66));
  const worker = async (): Promise<void> => {
    while (left > 0) {
      const batch = Math.min(perConnection, left);
      left -= batch;
      await conversation(port, batch, body);
    }
  };
  await Promise.all(Array.from({ length: Number(values.sessions) }, worker));
  process.send?.(performance.now() - started);
  process.disconnect?.();
}

/** `messages` messages on one connection; each entry is sent when the one before it is answered. */
function conversation(port: number, messages: number, body: string): Promise<void> {
  const envelope = ["MAIL FROM:<a@example.org>\r\n", "RCPT TO:<you@wachpost.test>\r\n", "DATA\r\n"];
  const turns: { octets: string; replies: number }[] = [{ octets: "EHLO bench.example.org\r\n", replies: 1 }];
  for (let i = 0; i < messages; i++) {
    if (values.pipeline) turns.push({ octets: envelope.join(""), replies: 3 });
    else turns.push(...envelope.map((octets) => ({ octets, replies: 1 })));
    turns.push({ octets: `Subject: bench\r\n\r\n${body}.\r\n`, replies: 1 });
  }
  turns.push({ octets: "QUIT\r\n", replies: 1 });
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let missing = 1;
    let next = 0;
    let line = "";
    socket.on("data", (chunk: Buffer) => {
      const lines = (line + chunk.toString("latin1")).split("\r\n");
      line = lines.pop() ?? "";
      for (const one of lines) {
        if (one[0] !== "2" && one[0] !== "3") return void socket.destroy(new Error(one));
        if (one[3] === " ") missing--;
      }
      if (missing > 0) return;
      const turn = turns[next++];
      if (turn === undefined) return void socket.end();
      missing = turn.replies;
      socket.write(turn.octets);
    });
    socket.on("error", reject);
    socket.on("close", () => (next > turns.length ? resolve() : reject(new Error(`closed at ${next}`))));
  });
}

const nullSink: MessageSink = {
  write: () => {},
  finish: async () => [reply(250, "2.0.0", "Taken")],
  abort: () => {},
};

const nullBackend: SmtpBackend = {
  hostName: "mx.wachpost.test",
  messageSizeMax: 50_000_000,
  connect: async () => undefined,
  disconnected: () => {},
  mechanisms: () => [],
  authenticator: () => {
    throw new Error("nobody logs in here");
  },
  mail: async () => undefined,
  rcpt: async () => undefined,
  data: async () => ok(nullSink),
};

await (values.port === undefined ? serve() : send(Number(values.port), Number(values.perConnection)));
