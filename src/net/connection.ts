import type { Duplex } from "node:stream";
import type { TLSSocketOptions } from "node:tls";
import type { IpAddress } from "../base/ip.ts";

/**
 * A client's connection as the protocols see it: lines and octets in, octets out, TLS in between.
 * One reader at a time. Nothing here knows SMTP, IMAP or POP3.
 */
export interface Connection {
  /** Who is at the other end; what the PROXY protocol said, where the peer may say so. */
  readonly remote: { readonly address: IpAddress; readonly port: number };
  readonly local: { readonly address: string; readonly port: number };
  /** Undefined before TLS. */
  readonly tls: ConnectionTls | undefined;
  /** Octets received and not yet read: what the client sent ahead of our reply. */
  readonly buffered: number;
  /** False once either side has closed. */
  readonly open: boolean;

  /**
   * The next line. `deadline_ms` bounds the whole line, not each packet (D-19). A line longer than
   * `max_octets` (without its ending) is swallowed to its end and reported `too-long`, in constant memory.
   */
  readLine(max_octets: number, deadline_ms: number): Promise<LineRead>;
  /**
   * The same without a promise: undefined where the line is still to come, and then `later` is called with it, once. It must
   * not throw. For a dialogue of many short lines, which then costs a tenth less.
   */
  nextLine(max_octets: number, deadline_ms: number, later: (line: LineRead) => void): LineRead | undefined;
  /** Whatever is there, at least one octet. The chunk may be kept. */
  read(deadline_ms: number): Promise<ChunkRead>;
  /** The same without a promise, as `nextLine` is. */
  nextOctets(deadline_ms: number, later: (chunk: ChunkRead) => void): ChunkRead | undefined;
  /** Puts octets back in front; the next read sees them first. */
  unread(octets: Buffer): void;

  /** Queues octets; they leave together at the next read that has to wait, or at `flush`. */
  write(octets: string | Uint8Array): void;
  /** Resolves when the peer has taken enough that more may be written; rejects never. */
  flush(): Promise<void>;

  /** Keeps a place for the handshake that follows; false where there is none now. */
  reserveTls(): boolean;
  /**
   * Server side of TLS on this connection. Octets the client sent before its ClientHello are an injection:
   * the call fails with `early-data` and the connection must be closed (T-33).
   */
  startTls(options: TLSSocketOptions, deadline_ms: number): Promise<TlsStart>;
  /** RFC 9266 channel binding; undefined unless TLS 1.3. */
  exportedKey(): Uint8Array | undefined;

  /**
   * The stream itself, paused, with everything in it that was not read: for a protocol that has a parser of its own.
   * From now on only `close` and `destroy` mean anything here.
   */
  handOver(): Duplex;

  /**
   * Flushes and closes in good order. `agreed`: the client said goodbye itself, so nothing it could still send keeps it
   * from reading our answer, and nobody waits for its end.
   */
  close(agreed?: boolean): void;
  /** Closes at once. */
  destroy(): void;
}

export type ConnectionTls = {
  readonly protocol: string;
  readonly cipher: string;
  readonly serverName?: string;
};

export type LineRead =
  /** `octets` without the ending; `bareLf`: ended by LF alone (the caller decides whether that is a line). */
  | { readonly kind: "line"; readonly octets: Buffer; readonly bareLf: boolean }
  | { readonly kind: "too-long" }
  | ReadEnd;
export type ChunkRead = { readonly kind: "octets"; readonly octets: Buffer } | ReadEnd;
export type ReadEnd = { readonly kind: "closed" } | { readonly kind: "timeout" };

export type TlsStart =
  | { readonly ok: true; readonly tls: ConnectionTls }
  | {
      readonly ok: false;
      /** `busy`: this client or its network has too many handshakes under way. */
      readonly reason: "early-data" | "handshake" | "timeout" | "closed" | "busy";
      readonly detail: string;
    };

/** What a listener does with each connection; it resolves when the session is over. */
export type ConnectionHandler = (connection: Connection) => Promise<void>;
