import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";

export type DnsServer = { readonly address: string; readonly port: number };

/** How a packet was met; `reset`: the server's host says nobody listens. */
export type Exchanged =
  | { readonly kind: "packet"; readonly octets: Buffer }
  | { readonly kind: "timeout" }
  | { readonly kind: "reset" };

/**
 * Sends one datagram from a fresh port and waits for one that `matches`; others are strays or forgeries and are
 * ignored until the time (or the process: `over`) is over. A fresh socket per question makes the port as unguessable as the id (RFC 5452).
 */
export function askUdp(
  server: DnsServer,
  query: Buffer,
  matches: (octets: Buffer) => boolean,
  deadline_ms: number,
  over?: AbortSignal,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
    const finish = (result: Exchanged): void => {
      clearTimeout(timer);
      over?.removeEventListener("abort", stop);
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.close();
      resolve(result);
    };
    const stop = (): void => finish({ kind: "timeout" });
    const timer = setTimeout(stop, deadline_ms);
    over?.addEventListener("abort", stop);
    socket.on("error", () => finish({ kind: "reset" }));
    socket.on("message", (octets: Buffer) => {
      if (matches(octets)) finish({ kind: "packet", octets });
    });
    // A connected socket takes packets from this server only. Not as its callback: that is called for a failure too.
    socket.once("connect", () => socket.send(query));
    socket.connect(server.port, server.address);
  });
}

/** The same over TCP, for answers that did not fit (RFC 7766): a length of two octets before each message. */
export function askTcp(
  server: DnsServer,
  query: Buffer,
  deadline_ms: number,
  over?: AbortSignal,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port });
    let input = Buffer.alloc(0);
    const finish = (result: Exchanged): void => {
      clearTimeout(timer);
      over?.removeEventListener("abort", stop);
      socket.destroy();
      resolve(result);
    };
    const stop = (): void => finish({ kind: "timeout" });
    const timer = setTimeout(stop, deadline_ms);
    over?.addEventListener("abort", stop);
    socket.on("connect", () => socket.write(Buffer.concat([lengthPrefix(query.length), query])));
    socket.on("data", (chunk: Buffer) => {
      input = Buffer.concat([input, chunk]);
      const length = input.length < 2 ? Number.POSITIVE_INFINITY : input.readUInt16BE(0);
      if (input.length >= length + 2) finish({ kind: "packet", octets: input.subarray(2, 2 + length) });
    });
    socket.on("error", () => finish({ kind: "reset" }));
    socket.on("close", () => finish({ kind: "reset" }));
  });
}

function lengthPrefix(length: number): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(length);
  return prefix;
}
