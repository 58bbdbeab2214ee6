import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from "node:tls";
import type { Clock } from "../base/clock.ts";
import type { ChallengeSolver, Proof, Shown } from "./acme-challenge.ts";
import { closed, listening, type ChallengeAddress } from "./acme-port.ts";
import { authorizationDigest } from "./acme-jws.ts";
import { extension, selfSigned, type KeyAndCertificate } from "./certificate.ts";
import * as der from "./der.ts";

/** The protocol of the handshake that is the whole answer. RFC 8737 §6.2 */
export const ACME_TLS = "acme-tls/1";
/** id-pe-acmeIdentifier. RFC 8737 §3 */
const ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";
const HANDSHAKE_MS = 10_000;
const CONNECTIONS_MAX = 100;
const LIFE_MS = 86_400_000;

/** The certificate that answers TLS-ALPN-01: the one name, and the proof in a critical extension. RFC 8737 §3 */
export function challengeCertificate(proof: Proof, now_ms: number): KeyAndCertificate {
  const digest = der.octetString(authorizationDigest(proof.keyAuthorization));
  return selfSigned(
    {
      subject: "ACME challenge",
      names: [proof.name],
      notBefore_ms: now_ms - LIFE_MS,
      notAfter_ms: now_ms + LIFE_MS,
    },
    [extension(ACME_IDENTIFIER, true, digest)],
  );
}

/** Answers TLS-ALPN-01: a TLS server that is there only while a challenge is, and speaks nothing but the handshake. RFC 8737 */
export class TlsAlpn01 implements ChallengeSolver {
  readonly type = "tls-alpn-01";
  readonly #at: ChallengeAddress;
  readonly #clock: Clock;
  readonly #answers = new Map<string, SecureContext>();
  #server: Promise<Server> | undefined;

  constructor(at: ChallengeAddress, clock: Clock) {
    this.#at = at;
    this.#clock = clock;
  }

  async show(proof: Proof): Promise<Shown> {
    const { key, certificate } = challengeCertificate(proof, this.#clock.now());
    this.#answers.set(proof.name, createSecureContext({ key, cert: certificate, minVersion: "TLSv1.2" }));
    try {
      await (this.#server ??= this.#open());
    } catch (error) {
      this.#answers.delete(proof.name);
      this.#server = undefined;
      throw error;
    }
    return { [Symbol.asyncDispose]: () => this.#hide(proof.name) };
  }

  /** For a TLS server that holds the port already: what to show a client that asks for `acme-tls/1` and this name. */
  contextFor(serverName: string): SecureContext | undefined {
    return this.#answers.get(serverName.toLowerCase());
  }

  async #open(): Promise<Server> {
    const server = createServer(
      {
        handshakeTimeout: HANDSHAKE_MS,
        // Without the protocol there is no answer: an alert (RFC 8737 §3).
        ALPNCallback: ({ protocols }) => (protocols.includes(ACME_TLS) ? ACME_TLS : undefined),
        SNICallback: (name, done) => done(null, this.contextFor(name)),
      },
      (socket: TLSSocket) => void socket.on("error", () => {}).end(),
    );
    server.maxConnections = CONNECTIONS_MAX;
    server.on("tlsClientError", (_error, socket) => void socket.destroy());
    return await listening(server, this.#at, "tls-alpn-01");
  }

  async #hide(name: string): Promise<void> {
    this.#answers.delete(name);
    const server = this.#server;
    if (this.#answers.size > 0 || server === undefined) return;
    this.#server = undefined;
    await closed(await server);
  }
}
