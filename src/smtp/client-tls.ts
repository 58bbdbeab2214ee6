/** TLS from our side: the handshake, and what the server showed in it. Whether that is enough is judged by the caller. */
import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { connect, type ConnectionOptions, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { parseIp } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { TlsFacts } from "./backend.ts";
import { TLS_MS } from "./client-limits.ts";
import type { Peer, TlsFailure } from "./remote.ts";

/** Certificates of a chain that are looked at. */
const CHAIN_MAX = 10;

export type SecuredSocket = { readonly socket: TLSSocket; readonly tls: TlsFacts; readonly peer: Peer };

/**
 * Begins TLS over `plain`, which `before` has read so far. Octets the server sent ahead of its ServerHello are an
 * injection (T-34). `name`: what SNI says and the certificate is held against.
 */
export function startClientTls(
  plain: Socket,
  name: string,
  before: { readonly buffered: number },
  options: ConnectionOptions = {},
): Promise<Result<SecuredSocket, TlsFailure>> {
  plain.removeAllListeners("data");
  plain.pause();
  if (before.buffered > 0)
    return Promise.resolve(broken(`early-data: ${before.buffered} octets before the handshake`));
  const socket = connect({
    minVersion: "TLSv1.2",
    ...options,
    ...(parseIp(name) === undefined ? { servername: name } : { host: name }),
    socket: plain,
    // Nobody is turned away here: the certificate is judged afterwards, by rules Node does not know.
    rejectUnauthorized: false,
  });
  return new Promise((resolve) => {
    const finish = (result: Result<SecuredSocket, TlsFailure>): void => {
      clearTimeout(timer);
      socket.off("close", onClose);
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    const onClose = (): void => finish(broken("closed during the handshake"));
    const timer = setTimeout(() => finish(broken(`no handshake within ${TLS_MS / 1000} s`)), TLS_MS);
    // Stays attached: an alert after our verdict must not become an uncaught error.
    socket.on("error", (error: Error) => finish(broken(error.message)));
    socket.on("close", onClose);
    socket.once("secureConnect", () => finish(ok({ socket, tls: factsOf(socket), peer: peerOf(socket) })));
  });
}

const broken = (detail: string): Result<never, TlsFailure> => err({ fault: "handshake", detail });

function factsOf(socket: TLSSocket): TlsFacts {
  const serverName = (socket as TLSSocket & { servername?: string | false }).servername;
  return {
    protocol: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().standardName,
    ...(typeof serverName === "string" && serverName !== "" ? { serverName } : {}),
  };
}

function peerOf(socket: TLSSocket): Peer {
  const certificates = chainOf(socket);
  if (socket.authorized && certificates.length > 0) return { certificates };
  return { certificates, distrust: distrustOf(String(socket.authorizationError ?? "no certificate")) };
}

function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // A self-signed certificate is its own issuer.
  const seen = new Set<DetailedPeerCertificate>();
  while (next?.raw !== undefined && !seen.has(next) && chain.length < CHAIN_MAX) {
    seen.add(next);
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return chain;
}

/** `code`: Node's and OpenSSL's name of what is wrong. */
function distrustOf(code: string): TlsFailure {
  const fault =
    code === "ERR_TLS_CERT_ALTNAME_INVALID"
      ? "certificate-host-mismatch"
      : code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID"
        ? "certificate-expired"
        : "certificate-not-trusted";
  return { fault, detail: `the certificate is not trusted: ${code}` };
}
