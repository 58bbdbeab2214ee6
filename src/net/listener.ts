import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { TLSSocketOptions } from "node:tls";
import { cidrContains, parseIp, type Cidr, type IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { ConnectionHandler } from "./connection.ts";
import type { Doorkeeper, Guest, HandshakeBound } from "./doorkeeper.ts";
import { handlerFailed, listenerStarted, proxyRefused, tlsFailed } from "./events.ts";
import { portHolder } from "./port-holder.ts";
import { parseProxyHeader } from "./proxy-protocol.ts";
import { SocketConnection } from "./socket-connection.ts";

/** A ClientHello takes one round trip; ten seconds are generous even for a phone (D-19). */
const HANDSHAKE_MS = 10_000;
const PROXY_HEADER_MS = 10_000;
/** Room for connections the kernel has accepted while the loop was busy. */
const BACKLOG = 1024;

export type ListenerOptions = {
  /** For the log: `smtp`, `submissions`, `imaps`. */
  readonly name: string;
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string };
  /** TLS from the first octet. A function, so that a renewed certificate serves the next connection. */
  readonly implicitTls?: () => TLSSocketOptions;
  /** Peers that must announce their client by the PROXY protocol. */
  readonly proxyFrom: readonly Cidr[];
  /** Connections beyond this are closed unseen; the doorkeeper refuses earlier and politely. */
  readonly connectionsMax: number;
  /** Without one everybody may come in. */
  readonly doorkeeper?: Doorkeeper;
  /** A refusal in the words of the protocol, where the client can read it: not before TLS. */
  readonly farewell?: (text: string) => string;
  readonly handshakes?: HandshakeBound;
  readonly log: Log;
  readonly handler: ConnectionHandler;
};

/** A listening socket and the sessions that came through it. */
export interface Listener {
  readonly name: string;
  /** The port in use; 0 for a Unix socket. */
  readonly port: number;
  readonly sessions: number;
  /** Stops accepting, waits for sessions to end by themselves, then cuts them. */
  close(grace_ms: number): Promise<void>;
}

/** Listens, or says who sits there already (S-04). */
export async function listen(options: ListenerOptions): Promise<Listener> {
  /** Those that are open, with their end. */
  const sessions = new Map<SocketConnection, Promise<void>>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (sessions.size >= options.connectionsMax) return void socket.destroy();
    const endpoints = endpointsOf(socket);
    let connection: SocketConnection | undefined;
    const guest = guestOf(options, () => connection);
    const entry = introducesOther(options, endpoints) ? undefined : enter(options, endpoints, guest);
    if (entry?.ok === false) return turnAway(socket, entry.farewell);
    const session = new SocketConnection(socket, endpoints, options.handshakes);
    connection = session;
    const end = serve(session, options, entry, guest).then(() => void sessions.delete(session));
    sessions.set(session, end);
  });
  const destroyAll = (): void => [...sessions.keys()].forEach((session) => session.destroy());
  await bind(server, options);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  listenerStarted(
    options.log,
    options.name,
    "path" in options.at ? options.at.path : `${options.at.host}:${port}`,
  );
  return {
    name: options.name,
    port,
    get sessions() {
      return sessions.size;
    },
    async close(grace_ms) {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      const cut = setTimeout(destroyAll, grace_ms);
      await Promise.allSettled(sessions.values());
      clearTimeout(cut);
      destroyAll();
      await closed;
    },
  };
}

type Entry = { readonly ok: true; leave(): void } | { readonly ok: false; readonly farewell: string };

/** Asks the doorkeeper about the client as it is known now. */
function enter(options: ListenerOptions, { remote }: Pick<SocketConnection, "remote">, guest: Guest): Entry {
  const answer = options.doorkeeper?.admit(remote.address, guest) ?? { ok: true, leave: () => {} };
  if (answer.ok) return answer;
  const readable = options.farewell !== undefined && options.implicitTls === undefined;
  return { ok: false, farewell: readable ? options.farewell(answer.text) : "" };
}

/** The connection comes into being only after the doorkeeper has let it in. */
function guestOf({ farewell }: ListenerOptions, connection: () => SocketConnection | undefined): Guest {
  return {
    idle_ms: () => connection()?.idle_ms ?? 0,
    dismiss(text) {
      connection()?.write(farewell?.(text) ?? "");
      connection()?.close();
    },
  };
}

/** Says why and closes; what fits into the kernel's buffer is sent, and nobody waits for the client. */
function turnAway(socket: Socket, farewell: string): void {
  socket.on("error", () => {});
  if (farewell === "") return void socket.destroy();
  socket.write(farewell);
  socket.destroySoon();
}

const introducesOther = (options: ListenerOptions, { remote }: Pick<SocketConnection, "remote">): boolean =>
  options.proxyFrom.some((cidr) => cidrContains(cidr, remote.address));

/** Never rejects. */
async function serve(
  connection: SocketConnection,
  options: ListenerOptions,
  entered: Entry | undefined,
  guest: Guest,
): Promise<void> {
  let entry = entered;
  try {
    if (entry === undefined) {
      if (!(await introduce(connection, options))) return connection.destroy();
      entry = enter(options, connection, guest);
      if (!entry.ok) {
        connection.write(entry.farewell);
        return connection.close();
      }
    }
    if (options.implicitTls) {
      const start = await connection.acceptTls(options.implicitTls(), HANDSHAKE_MS);
      if (!start.ok)
        return tlsFailed(
          options.log,
          options.name,
          connection.remote.address.text,
          start.reason,
          start.detail,
        );
    }
    await options.handler(connection);
    connection.close();
  } catch (error) {
    handlerFailed(options.log, options.name, connection.remote.address.text, error);
    connection.destroy();
  } finally {
    if (entry?.ok === true) entry.leave();
  }
}

/** A named proxy says who its client is. False: it did not. */
async function introduce(connection: SocketConnection, options: ListenerOptions): Promise<boolean> {
  const peer = connection.remote.address;
  let seen: Buffer = Buffer.alloc(0);
  for (;;) {
    const chunk = await connection.read(PROXY_HEADER_MS);
    if (chunk.kind !== "octets") break;
    seen = Buffer.concat([seen, chunk.octets]);
    const parsed = parseProxyHeader(seen);
    if (parsed.kind === "incomplete") continue;
    if (parsed.kind === "invalid") break;
    connection.unread(seen.subarray(parsed.length));
    if (parsed.header.kind === "proxied") {
      connection.remote = parsed.header.source;
      connection.local = {
        address: parsed.header.destination.address.text,
        port: parsed.header.destination.port,
      };
    }
    return true;
  }
  proxyRefused(options.log, options.name, peer.text);
  return false;
}

const LOOPBACK = parseIp("127.0.0.1") as IpAddress;

/** A Unix socket has no address; its peer is this machine. */
function endpointsOf(socket: Socket): Pick<SocketConnection, "remote" | "local"> {
  return {
    remote: { address: parseIp(socket.remoteAddress ?? "") ?? LOOPBACK, port: socket.remotePort ?? 0 },
    local: new LocalEnd(socket),
  };
}

/** Asked of the kernel when somebody wants to know it: hardly anybody does. */
class LocalEnd {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get address(): string {
    return this.#socket.localAddress ?? "127.0.0.1";
  }

  get port(): number {
    return this.#socket.localPort ?? 0;
  }
}

async function bind(server: Server, options: ListenerOptions): Promise<void> {
  const { at } = options;
  if ("path" in at) rmSync(at.path, { force: true });
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once("error", resolve);
    // Each address for itself: `::` does not take 0.0.0.0 along, so that both can be named.
    const where = "path" in at ? { path: at.path } : { ...at, ipv6Only: at.host.includes(":") };
    server.listen({ ...where, backlog: BACKLOG }, () => {
      server.off("error", resolve);
      resolve(undefined);
    });
  });
  if (failure) throw await bindError(failure, options);
  // Accept errors (descriptor limit) pass; the listener goes on.
  server.on("error", (error) => handlerFailed(options.log, options.name, "", error));
  if ("path" in at) chmodSync(at.path, 0o660);
}

async function bindError(
  failure: NodeJS.ErrnoException,
  { name, at }: ListenerOptions,
): Promise<OperatorError> {
  const where = "path" in at ? at.path : `${at.host}:${at.port}`;
  if (failure.code === "EADDRINUSE" && "port" in at) {
    const holder = await portHolder(at.port);
    const who = holder === undefined ? "another process" : holder;
    return new OperatorError(
      "port-in-use",
      `${where} (${name}) is in use by ${who}.`,
      "Stop that process, or give this listener another port.",
    );
  }
  if (failure.code === "EACCES") {
    return new OperatorError(
      "port-forbidden",
      `${where} (${name}) may not be opened by this user.`,
      "Ports below 1024 need CAP_NET_BIND_SERVICE or socket activation.",
    );
  }
  return new OperatorError(
    "listen-failed",
    `${where} (${name}) cannot be opened: ${failure.message}.`,
    "Check the address and port of this listener.",
    { cause: failure },
  );
}
