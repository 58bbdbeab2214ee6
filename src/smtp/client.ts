import { connect, type Socket } from "node:net";
import { parseIp } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import { SocketConnection } from "../net/socket-connection.ts";
import { ClientDialog } from "./client-dialog.ts";
import { COMMAND_MS, CONNECT_MS, GREETING_MS, QUIT_MS } from "./client-limits.ts";
import { login } from "./client-login.ts";
import { sendMessage } from "./client-send.ts";
import { startClientTls } from "./client-tls.ts";
import type {
  ConnectRemote,
  RemoteFailure,
  RemoteHost,
  RemoteOptions,
  RemoteSession,
  TlsFailure,
} from "./remote.ts";
import type { Reply } from "./reply.ts";

type Extensions = ReadonlyMap<string, string>;
type Endpoints = Pick<SocketConnection, "remote" | "local">;

/** Opens a conversation up to the point where mail can be sent: greeting, EHLO, TLS as asked, login. */
export const connectRemote: ConnectRemote = async (host, options) => {
  const socket = await openSocket(host, options);
  if (!socket.ok) return socket;
  const endpoints = endpointsOf(socket.value, host);
  const dialog = new ClientDialog(new SocketConnection(socket.value, endpoints));
  const startTls: StartTls = (judged) => secureDialog(dialog, socket.value, endpoints, host, options, judged);
  const abort = (): void => dialog.abandon();
  options.signal?.addEventListener("abort", abort);
  const prepared = await prepare(dialog, options, startTls);
  if (!prepared.ok) {
    options.signal?.removeEventListener("abort", abort);
    dialog.abandon();
    return err({ ...prepared.error, ...localEnd(endpoints) });
  }
  return ok(session(dialog, host, { ...options, ...localEnd(endpoints) }, prepared.value, abort));
};

function session(
  dialog: ClientDialog,
  host: RemoteHost,
  options: RemoteOptions,
  extensions: Extensions,
  abort: () => void,
): RemoteSession {
  return {
    host,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    extensions,
    ...dialog.secured,
    get usable() {
      return dialog.usable;
    },
    send: (message) => sendMessage(dialog, extensions, message, options.protocol === "lmtp"),
    async [Symbol.asyncDispose]() {
      if (dialog.usable) await dialog.ask("QUIT", QUIT_MS);
      options.signal?.removeEventListener("abort", abort);
      dialog.connection.close();
    },
  };
}

function openSocket(host: RemoteHost, options: RemoteOptions): Promise<Result<Socket, RemoteFailure>> {
  const isPath = host.address.startsWith("/");
  const target = isPath ? { path: host.address } : { host: host.address, port: host.port };
  const source = options.localAddress === undefined ? {} : { localAddress: options.localAddress };
  return new Promise((resolve) => {
    const socket = connect({ ...target, ...source, noDelay: true });
    const fail = (detail: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(err({ kind: "connect", detail, temporary: true, ambiguous: false }));
    };
    const timer = setTimeout(() => fail(`no connection within ${CONNECT_MS / 1000} s`), CONNECT_MS);
    socket.once("error", (error) => fail(error.message));
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(ok(socket));
    });
  });
}

function endpointsOf(socket: Socket, host: RemoteHost): Endpoints {
  const address = parseIp(host.address) ?? {
    family: 4 as const,
    octets: new Uint8Array(16),
    text: host.address,
  };
  return {
    remote: { address, port: host.port },
    local: { address: socket.localAddress ?? "", port: socket.localPort ?? 0 },
  };
}

/** Which of this machine's addresses the connection came from; a Unix socket has none. */
const localEnd = ({ local }: Endpoints): Pick<RemoteSession, "localAddress"> =>
  local.address === "" ? {} : { localAddress: local.address };

async function prepare(
  dialog: ClientDialog,
  options: RemoteOptions,
  startTls: StartTls,
): Promise<Result<Extensions, RemoteFailure>> {
  if (options.tls === "implicit") {
    const started = await startTls("trusted");
    if (!started.ok) return started;
  }
  const greeting = await dialog.reply(GREETING_MS);
  if (!greeting.ok) return greeting;
  if (greeting.value.code !== 220) return refused("greeting", "the greeting refuses us", greeting.value);
  const plain = await hello(dialog, options);
  if (!plain.ok) return plain;
  const secured = await secure(dialog, options, plain.value, startTls);
  if (!secured.ok || options.login === undefined) return secured;
  if (dialog.secured === undefined) return refused("login", "no login without TLS");
  const done = await login(dialog, secured.value.get("AUTH") ?? "", options.login);
  return done.ok ? secured : done;
}

/** STARTTLS where it is offered and wanted; what was announced before it is forgotten (RFC 3207 §4.2). */
async function secure(
  dialog: ClientDialog,
  options: RemoteOptions,
  plain: Extensions,
  startTls: StartTls,
): Promise<Result<Extensions, RemoteFailure>> {
  if (options.tls === "none" || options.tls === "implicit") return ok(plain);
  if (!plain.has("STARTTLS"))
    return options.tls === "opportunistic" ? ok(plain) : noStartTls("STARTTLS is not offered");
  const ready = await dialog.ask("STARTTLS");
  if (!ready.ok) return ready;
  if (ready.value.code !== 220) return noStartTls("STARTTLS is offered and then refused", ready.value);
  const started = await startTls(options.tls === "verify" ? "trusted" : "anybody");
  return started.ok ? hello(dialog, options) : started;
}

/** `trusted`: the Web PKI must vouch for the host's name; what `peerCheck` demands comes on top. */
type StartTls = (judged: "trusted" | "anybody") => Promise<Result<void, RemoteFailure>>;

async function secureDialog(
  dialog: ClientDialog,
  socket: Socket,
  endpoints: Endpoints,
  host: RemoteHost,
  { tlsOptions, peerCheck }: RemoteOptions,
  judged: Parameters<StartTls>[0],
): Promise<Result<void, RemoteFailure>> {
  const name = peerCheck?.serverName ?? host.name;
  await dialog.connection.flush();
  const secured = await startClientTls(socket, name, dialog.connection, tlsOptions);
  if (!secured.ok) return tlsFailed(secured.error);
  const { tls, peer } = secured.value;
  const failure = (judged === "trusted" ? peer.distrust : undefined) ?? peerCheck?.judge(peer);
  dialog.continueInside(new SocketConnection(secured.value.socket, endpoints), tls, peer);
  return failure === undefined ? ok(undefined) : tlsFailed(failure);
}

const tlsFailed = ({ fault, detail }: TlsFailure): Result<never, RemoteFailure> =>
  err({ kind: "tls", fault, detail, temporary: true, ambiguous: false });

function noStartTls(detail: string, reply?: Reply): Result<never, RemoteFailure> {
  const failure = refused("tls", detail, reply);
  return failure.ok ? failure : err({ ...failure.error, fault: "starttls-not-supported" });
}

function refused(kind: RemoteFailure["kind"], detail: string, reply?: Reply): Result<never, RemoteFailure> {
  const said = reply === undefined ? "" : `: ${reply.code} ${reply.lines.join(" ")}`;
  const temporary = reply === undefined || reply.code < 500;
  return err({ kind, detail: `${detail}${said}`, temporary, ambiguous: false, ...(reply ? { reply } : {}) });
}

/** EHLO, or HELO for servers from before 1995; LHLO for LMTP. RFC 5321 §3.2, RFC 2033 §4.1 */
async function hello(
  dialog: ClientDialog,
  { protocol, heloName }: RemoteOptions,
): Promise<Result<Extensions, RemoteFailure>> {
  const extended = await dialog.ask(`${protocol === "lmtp" ? "LHLO" : "EHLO"} ${heloName}`, COMMAND_MS);
  if (!extended.ok) return extended;
  if (extended.value.code === 250) return ok(parseExtensions(extended.value));
  if (protocol === "lmtp" || extended.value.code < 500)
    return refused("greeting", "our name is refused", extended.value);
  const simple = await dialog.ask(`HELO ${heloName}`, COMMAND_MS);
  if (!simple.ok) return simple;
  return simple.value.code === 250 ? ok(new Map()) : refused("greeting", "our name is refused", simple.value);
}

/** Keywords in upper case with their parameters; the first line is the server's name. RFC 5321 §4.1.1.1 */
function parseExtensions(reply: Reply): Extensions {
  const extensions = new Map<string, string>();
  for (const line of reply.lines.slice(1)) {
    const [keyword = "", ...parameters] = line.trim().split(/[ =]+/);
    if (/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(keyword))
      extensions.set(keyword.toUpperCase(), parameters.join(" "));
  }
  return extensions;
}
