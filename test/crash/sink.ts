import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";

/** A mail server that takes everything and counts each message by its X-Crash-Id. */
export async function startSink(): Promise<{ port: number; taken: Map<string, number>; close(): void }> {
  const taken = new Map<string, number>();
  const server = createServer((socket) => {
    let input = "";
    let inData = false;
    socket.on("error", () => {});
    socket.write("220 sink.test ESMTP\r\n");
    socket.on("data", (chunk: Buffer) => {
      input += chunk.toString("latin1");
      for (;;) {
        const end = inData ? input.indexOf("\r\n.\r\n") : input.indexOf("\r\n");
        if (end < 0) return;
        const text = input.slice(0, end);
        input = input.slice(end + (inData ? 5 : 2));
        if (inData) {
          const id = /^X-Crash-Id: (\S+)/m.exec(text)?.[1] ?? "none";
          taken.set(id, (taken.get(id) ?? 0) + 1);
        }
        const data = !inData && /^DATA$/i.test(text);
        socket.write(
          data
            ? "354 go\r\n"
            : /^EHLO/i.test(text) && !inData
              ? "250-sink.test\r\n250 PIPELINING\r\n"
              : /^QUIT/i.test(text) && !inData
                ? "221 bye\r\n"
                : "250 2.0.0 ok\r\n",
        );
        inData = data;
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, taken, close: () => void server.close() };
}
