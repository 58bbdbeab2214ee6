import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { rootCertificates, type ConnectionOptions } from "node:tls";
import { parseIp } from "../base/ip.ts";
import { OperatorError } from "../base/operator-error.ts";
import { SocketConnection } from "../net/socket-connection.ts";
import { startClientTls } from "../smtp/client-tls.ts";
import { MOVING_LIMITS } from "./limits.ts";

export type ImapHost = {
  readonly host: string;
  /** Where it is reached, in place of what its name leads to. */
  readonly address?: string;
  readonly port: number;
  /** `none` only towards this machine itself. */
  readonly security: "tls" | "starttls" | "none";
  /** PEM file of authorities trusted beside the public ones. */
  readonly authorityFile?: string;
  /** More for the TLS client. */
  readonly tlsOptions?: ConnectionOptions;
};

/** A connection to somebody's IMAP server; `secure` begins TLS where STARTTLS was agreed. */
export type ImapLine = {
  readonly connection: SocketConnection;
  secure(): Promise<SocketConnection>;
};

/** Connects; with `tls` the certificate has been checked when this resolves. */
export async function openLine(host: ImapHost): Promise<ImapLine> {
  const socket = await openSocket(host);
  const connection = connectionOver(socket, host);
  const secure = (): Promise<SocketConnection> => secured(socket, connection, host);
  return { connection: host.security === "tls" ? await secure() : connection, secure };
}

function openSocket({ host, address = host, port }: ImapHost): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true });
    const fail = (detail: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(
        new OperatorError(
          "imap-connect",
          `${host}:${port} cannot be reached: ${detail}.`,
          "Check name and port; --from HOST:PORT names another port.",
        ),
      );
    };
    const timer = setTimeout(() => fail("no answer in time"), MOVING_LIMITS.connect_ms);
    socket.once("error", (error) => fail(error.message));
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

async function secured(socket: Socket, before: SocketConnection, host: ImapHost): Promise<SocketConnection> {
  const ca =
    host.authorityFile === undefined
      ? host.tlsOptions
      : { ca: [...rootCertificates, authorities(host.authorityFile)] };
  const started = await startClientTls(socket, host.host, before, ca);
  if (!started.ok)
    throw new OperatorError(
      "imap-tls",
      `${host.host}:${host.port}: TLS failed: ${started.error.detail}.`,
      "Port 993 wants TLS at once, port 143 after STARTTLS (--starttls).",
    );
  const { distrust } = started.value.peer;
  if (distrust === undefined) return connectionOver(started.value.socket, host);
  started.value.socket.destroy();
  throw new OperatorError(
    "imap-certificate",
    `${host.host}:${host.port}: ${distrust.detail}. No password was sent.`,
    "Use the name that stands in its certificate; an authority of its own is named with --ca-file FILE.",
  );
}

function authorities(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new OperatorError(
      "file-unreadable",
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      "Name a PEM file with --ca-file.",
    );
  }
}

/** Only the octets matter; who the other side is the certificate said. */
function connectionOver(stream: Socket, { port }: ImapHost): SocketConnection {
  const unspecified = parseIp("0.0.0.0");
  if (unspecified === undefined) throw new Error("0.0.0.0 is an address");
  const address = parseIp(stream.remoteAddress ?? "") ?? unspecified;
  return new SocketConnection(stream, { remote: { address, port }, local: { address: "", port: 0 } });
}
