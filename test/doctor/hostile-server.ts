/** One server with every way to waste the time, the memory and the patience of whoever comes to look at it. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createSecureContext, TLSSocket, type SecureContext } from "node:tls";
import type { Service } from "../../src/doctor/probe.ts";
import { isImplicit } from "../../src/doctor/probes/open-tls.ts";
import { HOST } from "./world.ts";

/** How far it behaves: not at all, up to its greeting, its EHLO, its yes to STARTTLS, the handshake, its greeting inside. */
export const STAGES = ["connect", "greeting", "ehlo", "starttls", "tls", "inside"] as const;
export type Stage = (typeof STAGES)[number];

/** What it does from then on. */
export const MISCHIEF = {
  silence: () => {},
  drip: (socket, { yes }) => {
    // A tarpit: each octet is in order, and a line never ends.
    let at = 0;
    const timer = setInterval(() => socket.write(yes[at++ % yes.length] ?? ""), 20).unref();
    socket.once("close", () => clearInterval(timer));
  },
  garbage: (socket) =>
    void socket.write(Buffer.from("\u0000\u00ff\u0080\r\n999 ?\r\n\u0016\u0003", "latin1")),
  flood: (socket, { poured }) => pour(socket, Buffer.alloc(65_536, "2"), poured),
  lines: (socket, { yes, poured }) => pour(socket, Buffer.from(`${yes}\r\n`.repeat(4_096)), poured),
  close: (socket) => void socket.end(),
  // Inside TLS there is no such thing: the connection below is broken off.
  reset: (_, { plain }) => void plain.resetAndDestroy(),
} as const satisfies Readonly<Record<string, (socket: Socket, help: Help) => void>>;
export type Mischief = keyof typeof MISCHIEF;

type Help = {
  /** The connection itself, below any TLS. */
  readonly plain: Socket;
  /** The beginning of an acceptance in this protocol. */
  readonly yes: string;
  readonly poured: (octets: number) => void;
};

export type HostileScript = {
  readonly service: Service;
  readonly stage: Stage;
  readonly mischief: Mischief;
  readonly pair: { readonly key: string; readonly certificate: string };
};

export type HostileServer = {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** The most that one connection took. */
  readonly octetsTaken: () => number;
  close(): void;
};

export async function startHostile(script: HostileScript): Promise<HostileServer> {
  const { key, certificate: cert } = script.pair;
  const context = createSecureContext({ key, cert });
  const sockets = new Set<Socket>();
  let most = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("close", () => sockets.delete(socket));
    let octets = 0;
    const poured = (count: number): void => void (most = Math.max(most, (octets += count)));
    converse(socket, script, context, { plain: socket, yes: yesOf(script.service), poured });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    octetsTaken: () => most,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const yesOf = (service: Service): string =>
  service.startsWith("imap") ? "* OK x" : service.startsWith("pop3") ? "+OK x" : "250-x";

function greetingOf(service: Service): string {
  if (service.startsWith("imap")) return "* OK ready\r\n";
  return service.startsWith("pop3") ? "+OK ready\r\n" : `220 ${HOST} ESMTP\r\n`;
}

/** Answers to what has to come first; all else is mischief. */
const ANSWERS: readonly (readonly [command: RegExp, answer: string, then: Stage])[] = [
  [/^EHLO/i, `250-${HOST}\r\n250 STARTTLS\r\n`, "ehlo"],
  [/^STARTTLS/i, "220 go\r\n", "starttls"],
  [/^d1 STARTTLS/i, "d1 OK\r\n", "starttls"],
  [/^STLS/i, "+OK\r\n", "starttls"],
];

function converse(
  socket: Socket,
  script: HostileScript,
  context: SecureContext,
  help: Help,
  inside = false,
): void {
  const { service, stage } = script;
  const reached = (one: Stage): boolean => STAGES.indexOf(stage) <= STAGES.indexOf(one);
  const misbehave = (): void => {
    socket.off("data", read).resume();
    MISCHIEF[script.mischief](socket, help);
  };
  const secure = (): void => {
    socket.off("data", read);
    const safe = new TLSSocket(socket, { isServer: true, secureContext: context });
    safe.on("error", () => {});
    safe.once("secure", () => converse(safe, script, context, help, true));
  };
  let input = "";
  const read = (chunk: Buffer): void => {
    input += chunk.toString("latin1");
    const end = input.indexOf("\r\n");
    if (end < 0) return;
    const line = input.slice(0, end);
    input = input.slice(end + 2);
    const [, answer = "", then] = ANSWERS.find(([command]) => command.test(line)) ?? [];
    if (then === undefined || reached("greeting") || (then === "starttls" && reached("ehlo")) || inside)
      return misbehave();
    socket.write(answer);
    if (then !== "starttls") return;
    if (reached("starttls")) misbehave();
    else secure();
  };
  if (reached("connect") || (inside && reached("tls"))) return misbehave();
  if (!inside && isImplicit(service)) return reached("starttls") ? misbehave() : secure();
  // After STARTTLS only the client has something to say.
  if (!inside || isImplicit(service)) socket.write(greetingOf(service));
  socket.on("data", read);
}

/** As fast as it is taken, without end. */
function pour(socket: Socket, chunk: Buffer, poured: (octets: number) => void): void {
  const more = (): void => {
    for (let taken = true; taken && !socket.destroyed; poured(chunk.length)) taken = socket.write(chunk);
  };
  socket.on("drain", more);
  more();
}
