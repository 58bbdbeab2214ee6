/**
 * Sends messages as fast as the server takes them: `sessions` at once, a new connection for each message, every
 * command answered before the next. Runs as a process of its own; prints one JSON line.
 */
import { connect } from "node:net";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    count: { type: "string" },
    sessions: { type: "string" },
    size: { type: "string" },
    users: { type: "string" },
  },
});
const port = Number(values.port);
const count = Number(values.count);
const users = Number(values.users);

const LINE = `${"0123456789abcdef".repeat(4)}0123456789\r\n`;
const body = LINE.repeat(Math.ceil((Number(values.size) - 200) / LINE.length));

let next = 0;
let failed = 0;

function sendOne(n: number): Promise<void> {
  return new Promise((resolve) => {
    const commands = [
      "EHLO load.bench.test\r\n",
      `MAIL FROM:<sender${n}@load.test>\r\n`,
      `RCPT TO:<u${n % users}@bench.test>\r\n`,
      "DATA\r\n",
      `From: <sender${n}@load.test>\r\nTo: <u${n % users}@bench.test>\r\nSubject: Message ${n}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${n}.${process.pid}@load.test>\r\n\r\n${body}.\r\n`,
      "QUIT\r\n",
    ];
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let step = 0;
    let input = "";
    socket.on("data", (chunk: Buffer) => {
      input += chunk.toString("latin1");
      for (let end = replyEnd(input); end > 0; end = replyEnd(input)) {
        const code = input[0];
        input = input.slice(end);
        if (code !== "2" && code !== "3") return void socket.destroy(new Error("refused"));
        const command = commands[step++];
        if (command === undefined) return void socket.end();
        socket.write(command);
      }
    });
    socket.on("error", () => void failed++);
    socket.on("close", () => resolve());
  });
}

/** Length of the first whole reply, 0 when it is not all there. */
function replyEnd(text: string): number {
  const match = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(text);
  return match?.[0].length ?? 0;
}

const started = performance.now();
await Promise.all(
  Array.from({ length: Number(values.sessions) }, async () => {
    while (next < count) await sendOne(next++);
  }),
);
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, failed }));
