import { hasControl } from "../base/ascii.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { SocketConnection } from "../net/socket-connection.ts";
import { COMMAND_MS, REPLY_LINE_OCTETS_MAX, REPLY_LINES_MAX } from "./client-limits.ts";
import { assembleReply, parseReplyLine, type ReplyLine } from "./client-reply.ts";
import type { TlsFacts } from "./backend.ts";
import type { Peer, RemoteFailure } from "./remote.ts";
import type { Reply } from "./reply.ts";

/** Commands out, replies in, one for one; after the first thing out of order nothing more is believed. */
export class ClientDialog {
  #connection: SocketConnection;
  #secured: { readonly tls: TlsFacts; readonly peer: Peer } | undefined;
  #broken = false;

  constructor(connection: SocketConnection) {
    this.#connection = connection;
  }

  get connection(): SocketConnection {
    return this.#connection;
  }

  /** Undefined before TLS. */
  get secured(): { readonly tls: TlsFacts; readonly peer: Peer } | undefined {
    return this.#secured;
  }

  /** From here on everything is said inside TLS. */
  continueInside(connection: SocketConnection, tls: TlsFacts, peer: Peer): void {
    this.#connection = connection;
    this.#secured = { tls, peer };
  }

  get usable(): boolean {
    return !this.#broken && this.connection.open;
  }

  /** Queues a command line; a control character in it would be a second command (D-42) and is our own bug. */
  say(line: string): void {
    if (hasControl(line)) throw new Error("a control character in an SMTP command");
    this.connection.write(`${line}\r\n`);
  }

  async ask(line: string, deadline_ms = COMMAND_MS): Promise<Result<Reply, RemoteFailure>> {
    this.say(line);
    return this.reply(deadline_ms);
  }

  /** The reply to the oldest unanswered command. */
  async reply(deadline_ms: number): Promise<Result<Reply, RemoteFailure>> {
    const lines: ReplyLine[] = [];
    for (;;) {
      const read = await this.connection.readLine(REPLY_LINE_OCTETS_MAX, deadline_ms);
      if (read.kind === "closed") return this.#fail("closed", "the connection was closed");
      if (read.kind === "timeout") return this.#fail("timeout", `no reply within ${deadline_ms / 1000} s`);
      if (read.kind === "too-long") return this.#fail("protocol", "a reply line is too long");
      const line = parseReplyLine(read.octets);
      if (line === undefined) return this.#fail("protocol", "a reply has no valid code");
      lines.push(line);
      if (lines.length > REPLY_LINES_MAX) return this.#fail("protocol", "a reply has too many lines");
      if (line.last) break;
    }
    const whole = assembleReply(lines);
    if (whole === undefined) return this.#fail("protocol", "the lines of a reply disagree");
    // 421 is a farewell wherever it comes (RFC 5321 §3.8).
    if (whole.code === 421) this.#broken = true;
    return ok(whole);
  }

  /** Nothing more can be said here. */
  abandon(): void {
    this.#broken = true;
    this.connection.destroy();
  }

  #fail(kind: RemoteFailure["kind"], detail: string): Result<never, RemoteFailure> {
    this.abandon();
    return err({ kind, detail, temporary: true, ambiguous: false });
  }
}
