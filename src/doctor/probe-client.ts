/** One visit to a server: lines with deadlines, TLS with any offer. Everything a server says is bounded. */
import { X509Certificate } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import {
  connect as connectTls,
  getCACertificates,
  type DetailedPeerCertificate,
  type EphemeralKeyInfo,
  TLSSocket,
} from "node:tls";
import { parseIp } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import { assembleReply, parseReplyLine, type ReplyLine } from "../smtp/client-reply.ts";
import type { Reply } from "../smtp/reply.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import {
  HUNG_UP,
  type Exchanged,
  type Handshake,
  type HandshakeFailure,
  type HostTarget,
  type Offer,
  type Visit,
} from "./probe.ts";

/** What one visit may take; those of an examination stand in `limits.ts`. */
export type VisitLimits = {
  readonly connect_ms: number;
  readonly answer_ms: number;
  readonly inputOctetsMax: number;
};

/** Connects; the text says why not. */
export function visit(
  host: Pick<HostTarget, "address" | "port" | "from">,
  changed: Partial<VisitLimits> = {},
): Promise<Result<Visit, string>> {
  const limits: VisitLimits = { ...DOCTOR_LIMITS, ...changed };
  const { address, port, from } = host;
  const socket = connectTcp({ host: address, port, ...(from === undefined ? {} : { localAddress: from }) });
  return new Promise((resolve) => {
    const timer = setTimeout(() => give(err("no answer in time")), limits.connect_ms);
    const give = (result: Result<Visit, string>): void => {
      clearTimeout(timer);
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    // Stays attached: a reset later must not become an uncaught error.
    socket.on("error", (error: NodeJS.ErrnoException) => give(err(error.code ?? error.message)));
    socket.once("connect", () => give(ok(new SocketVisit(socket, limits))));
  });
}

class SocketVisit implements Visit {
  readonly localAddress: string;
  readonly sessions: Buffer[] = [];
  readonly #limits: VisitLimits;
  #socket: Socket;
  #buffer = Buffer.alloc(0);
  #octets = 0;
  #over: typeof HUNG_UP | "no answer in time" | "the server said too much" | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket, limits: VisitLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.localAddress = socket.localAddress ?? "127.0.0.1";
    this.#listen();
  }

  async reply(): Promise<Result<Reply, string>> {
    const deadline_ms = performance.now() + this.#limits.answer_ms;
    const lines: ReplyLine[] = [];
    while (lines.length < DOCTOR_LIMITS.replyLinesMax) {
      const octets = await this.#line(deadline_ms);
      if (!octets.ok) return octets;
      const line = parseReplyLine(octets.value);
      if (line === undefined) return err("not a reply of SMTP");
      lines.push(line);
      if (!line.last) continue;
      const reply = assembleReply(lines);
      return reply === undefined ? err("a reply with several codes") : ok(reply);
    }
    return err("a reply without end");
  }

  say(line: string): Promise<Result<Reply, string>> {
    this.write(line);
    return this.reply();
  }

  async line(): Promise<Result<string, string>> {
    const octets = await this.#line(performance.now() + this.#limits.answer_ms);
    return octets.ok ? ok(octets.value.toString("latin1")) : octets;
  }

  write(line: string): void {
    if (!this.#socket.destroyed) this.#socket.write(`${line}\r\n`);
  }

  async exchange(
    octets: Uint8Array,
    enough: (input: Buffer) => boolean,
    wait_ms: number = this.#limits.answer_ms,
  ): Promise<Exchanged> {
    const deadline_ms = performance.now() + wait_ms;
    if (!this.#socket.destroyed) this.#socket.write(octets);
    for (;;) {
      const input = this.#buffer;
      if (enough(input)) return { input, end: "enough" };
      if (this.#over !== undefined) return { input, end: this.#over === HUNG_UP ? "closed" : this.#over };
      if (!(await this.#more(deadline_ms))) return { input, end: "no answer in time" };
    }
  }

  async handshake(
    name: string,
    offer: Offer,
    authorities?: string,
  ): Promise<Result<Handshake, HandshakeFailure>> {
    this.#socket.off("data", this.#collect);
    this.#socket.off("close", this.#closed);
    const secured = await handshake(
      this.#socket,
      name,
      offer,
      authorities,
      this.#limits.answer_ms,
      (session) => {
        if (this.sessions.length < DOCTOR_LIMITS.sessionsMax) this.sessions.push(session);
      },
    );
    if (!secured.ok) return secured;
    this.#socket = secured.value.socket;
    this.#buffer = Buffer.alloc(0);
    this.#listen();
    return ok(secured.value.handshake);
  }

  renegotiate(): Promise<boolean> {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket) || socket.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => give(false), DOCTOR_LIMITS.silence_ms);
      const give = (agreed: boolean): void => {
        clearTimeout(timer);
        socket.off("close", refuse).off("error", refuse);
        resolve(agreed);
      };
      const refuse = (): void => give(false);
      socket.once("close", refuse).once("error", refuse);
      socket.renegotiate({}, (error) => give(error === null));
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  readonly #collect = (chunk: Buffer): void => {
    this.#octets += chunk.length;
    if (this.#tooMuch()) {
      this.#over = "the server said too much";
      this.#socket.destroy();
    } else this.#buffer = Buffer.concat([this.#buffer, chunk]);
    this.#wake();
  };

  readonly #closed = (): void => {
    this.#over ??= HUNG_UP;
    this.#wake();
  };

  #listen(): void {
    this.#socket.on("data", this.#collect);
    this.#socket.on("close", this.#closed);
    this.#socket.on("error", () => {});
  }

  /** The next line without its end. */
  async #line(deadline_ms: number): Promise<Result<Buffer, string>> {
    for (;;) {
      const end = this.#buffer.indexOf("\n");
      if (end >= 0) {
        const line = this.#buffer.subarray(0, this.#buffer[end - 1] === 0x0d ? end - 1 : end);
        this.#buffer = this.#buffer.subarray(end + 1);
        return ok(line);
      }
      if (this.#over !== undefined) return err(this.#over);
      if (await this.#more(deadline_ms)) continue;
      // An answer that comes too late would be taken for the one to the next command.
      this.#over = "no answer in time";
      this.#socket.destroy();
    }
  }

  /** Waits for octets or the end; false when the time is over. */
  async #more(deadline_ms: number): Promise<boolean> {
    const left_ms = deadline_ms - performance.now();
    if (left_ms <= 0) return false;
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const timer = setTimeout(woken.resolve, left_ms);
    await woken.promise;
    clearTimeout(timer);
    return true;
  }

  #tooMuch(): boolean {
    return this.#octets > this.#limits.inputOctetsMax;
  }
}

type Secured = { readonly socket: TLSSocket; readonly handshake: Handshake };

function handshake(
  plain: Socket,
  name: string,
  offer: Offer,
  authorities: string | undefined,
  answer_ms: number,
  offered: (session: Buffer) => void,
): Promise<Result<Secured, HandshakeFailure>> {
  return new Promise((resolve) => {
    const give = (result: Result<Secured, HandshakeFailure>): void => {
      clearTimeout(timer);
      if (!result.ok) plain.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => give(err({ kind: "broken", detail: "no handshake in time" })), answer_ms);
    let socket: TLSSocket;
    try {
      socket = connectTls({
        socket: plain,
        minVersion: offer.minVersion,
        maxVersion: offer.maxVersion,
        ciphers: offer.ciphers,
        ...(offer.groups === undefined ? {} : { ecdhCurve: offer.groups }),
        ...(parseIp(name) === undefined ? { servername: name } : {}),
        ...(authorities === undefined ? {} : { ca: [...getCACertificates("default"), authorities] }),
        // Everything is judged afterwards.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      });
    } catch (error) {
      return give(err({ kind: "broken", detail: String(error) }));
    }
    socket.on("error", (error: NodeJS.ErrnoException) => give(err(refusal(error))));
    socket.on("close", () => give(err({ kind: "refused", detail: "closed during the handshake" })));
    socket.on("session", offered);
    socket.once("secureConnect", () => give(secured(socket)));
  });
}

/** A certificate may be one that OpenSSL takes and Node cannot read. */
function secured(socket: TLSSocket): Result<Secured, HandshakeFailure> {
  try {
    return ok({ socket, handshake: shown(socket) });
  } catch (error) {
    return err({ kind: "broken", detail: String(error) });
  }
}

/** An alert or a hang-up is the server's no; what fails on our side says nothing about the server. */
function refusal(error: NodeJS.ErrnoException): HandshakeFailure {
  const code = error.code ?? error.message;
  const isTheirs = /ALERT|ECONNRESET|EPIPE|UNSUPPORTED_PROTOCOL|UNEXPECTED_EOF/.test(code);
  return { kind: isTheirs ? "refused" : "broken", detail: code };
}

function shown(socket: TLSSocket): Handshake {
  const key = socket.getEphemeralKeyInfo() as EphemeralKeyInfo | null;
  const group = key?.name ?? (key?.type === "DH" ? "DH" : undefined);
  return {
    protocol: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().standardName,
    group,
    groupBits: key?.size,
    chain: chainOf(socket),
    ...(socket.authorized ? {} : { distrust: String(socket.authorizationError) }),
  };
}

function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<DetailedPeerCertificate>();
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw !== undefined && !seen.has(next) && chain.length < DOCTOR_LIMITS.chainMax) {
    seen.add(next);
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return chain;
}
