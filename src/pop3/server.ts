import { setImmediate as nextTurn } from "node:timers/promises";
import type { TLSSocketOptions } from "node:tls";
import type { Clock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Connection, LineRead } from "../net/connection.ts";
import type { ChannelBinding } from "../sasl/exchange.ts";
import { isWithdrawn } from "../sasl/withdrawn.ts";
import type { Pop3Backend, Pop3SessionFacts } from "./backend.ts";
import {
  commandFailed,
  injectionRefused,
  loggedIn,
  sessionClosed,
  sessionOpened,
  type SessionEnd,
} from "./events.ts";
import { POP3_LIMITS } from "./limits.ts";
import { formatReply, negative, type Reply, type StatusReply } from "./reply.ts";
import { Pop3Session } from "./session.ts";

export type Pop3ServerOptions = {
  readonly backend: Pop3Backend;
  /** For STLS; left out where it is not offered. A function, so that a renewed certificate serves the next session. */
  readonly tls?: () => TLSSocketOptions;
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the server shuts down or the login is withdrawn: the command under way ends, nothing marked is deleted. */
  readonly shutdown: AbortSignal;
};

/** Commands of a pipeline answered before others get their turn. */
const TURN_COMMANDS = 16;

/** Serves one client until it leaves, breaks a limit, or the server shuts down. RFC 1939 */
export async function servePop3(connection: Connection, options: Pop3ServerOptions): Promise<void> {
  const { backend } = options;
  const facts = factsOf(connection);
  const log = options.log.with({ session: facts.id });
  const remote = facts.remote.address.text;
  sessionOpened(log, remote, facts.tls !== undefined);
  const refusal = await backend.connect(facts);
  if (refusal !== undefined) {
    connection.write(wholeReply(negative(refusal, "SYS/TEMP")));
    sessionClosed(log, remote, "refused");
    return connection.close();
  }
  const session = new Pop3Session({
    backend,
    facts,
    tlsOffered: options.tls !== undefined,
    channelBinding: () => channelBindingOf(connection),
  });
  try {
    sessionClosed(log, remote, await new Conversation(connection, session, { ...options, log }).run());
  } finally {
    session.end();
    backend.disconnected(session.facts);
    connection.close();
  }
}

function factsOf(connection: Connection): Pop3SessionFacts {
  const { remote, local, tls } = connection;
  return { id: randomId(), remote, local, ...(tls === undefined ? {} : { tls }) };
}

function channelBindingOf(connection: Connection): ChannelBinding | undefined {
  const data = connection.exportedKey();
  return data === undefined ? undefined : { type: "tls-exporter", data };
}

const wholeReply = (reply: StatusReply): string => [...formatReply(reply)].join("");

/** Carries lines to the session and replies back, with deadlines and back-pressure. */
class Conversation {
  readonly #connection: Connection;
  readonly #session: Pop3Session;
  readonly #options: Pop3ServerOptions;
  readonly #start_ms: number;
  #unflushed_octets = 0;

  constructor(connection: Connection, session: Pop3Session, options: Pop3ServerOptions) {
    this.#connection = connection;
    this.#session = session;
    this.#options = options;
    this.#start_ms = options.clock.now();
  }

  async run(): Promise<SessionEnd> {
    await this.#send(this.#session.greeting());
    for (let commands = 1; ; commands++) {
      const line = await this.#nextLine();
      if (this.#options.shutdown.aborted) return this.#shutDown();
      if (line.kind === "closed" || line.kind === "timeout") return line.kind;
      const reply = line.kind === "too-long" ? this.#session.lineTooLong() : await this.#answer(line.octets);
      const end = await this.#follow(reply);
      if (end !== undefined) return end;
      if (commands % TURN_COMMANDS === 0) await nextTurn();
    }
  }

  /** While we wait a shutdown speaks up at once; a command under way ends first. */
  async #nextLine(): Promise<LineRead> {
    const { shutdown, clock } = this.#options;
    if (shutdown.aborted) return { kind: "closed" };
    const left_ms = this.#start_ms + POP3_LIMITS.authorization_ms - clock.now();
    // RFC 1939 §3 knows one timer of ten minutes. Deviation: before login a minute for everything (D-19).
    const deadline_ms = this.#session.loggedIn ? POP3_LIMITS.idle_ms : Math.max(1, left_ms);
    const stop = (): void => void this.#shutDown();
    shutdown.addEventListener("abort", stop, { once: true });
    try {
      return await this.#connection.readLine(this.#session.line_octets, deadline_ms);
    } finally {
      shutdown.removeEventListener("abort", stop);
    }
  }

  #shutDown(): SessionEnd {
    const why = isWithdrawn(this.#options.shutdown)
      ? negative("This login is no longer valid", "AUTH")
      : negative("The server is shutting down", "SYS/TEMP");
    this.#connection.write(wholeReply(why));
    this.#connection.close();
    return "shutdown";
  }

  /** The one catch: a thrown error costs the session, never the server (STYLE 6). */
  async #answer(line: Buffer): Promise<Reply> {
    const before = this.#session.facts.identity;
    try {
      const reply = await this.#session.line(line);
      const { identity } = this.#session.facts;
      if (identity !== undefined && identity !== before) loggedIn(this.#options.log, identity);
      return reply;
    } catch (error) {
      commandFailed(this.#options.log, error);
      const text = `Something went wrong here, reference ${this.#session.facts.id}`;
      return { ...negative(text, "SYS/TEMP"), next: "close" };
    }
  }

  /** Sends the reply and does what it announces. */
  async #follow(reply: Reply): Promise<SessionEnd | undefined> {
    if (reply.kind !== "status" || reply.next === undefined) return this.#send(reply);
    if (reply.next === "tls") return this.#startTls(reply);
    await this.#send(reply);
    return "ended";
  }

  /** Octets that came before our reply were not said under TLS by anyone: the session ends (T-33). */
  async #startTls(reply: Reply): Promise<SessionEnd | undefined> {
    const { tls, log } = this.#options;
    if (tls === undefined || this.#connection.buffered > 0) {
      injectionRefused(log, this.#session.facts.remote.address.text);
      this.#connection.destroy();
      return "early-data";
    }
    for (const piece of formatReply(reply)) this.#connection.write(piece);
    const started = await this.#connection.startTls(tls(), POP3_LIMITS.handshake_ms);
    if (!started.ok) {
      this.#connection.destroy();
      return "tls-failed";
    }
    this.#session.secured(started.tls);
    return undefined;
  }

  /** Replies to a pipeline leave together; a client that does not read makes us wait. */
  async #send(reply: Reply): Promise<undefined> {
    for (const piece of formatReply(reply)) {
      this.#connection.write(piece);
      this.#unflushed_octets += piece.length;
      if (this.#unflushed_octets < POP3_LIMITS.unflushed_octets) continue;
      this.#unflushed_octets = 0;
      await this.#connection.flush();
    }
  }
}
