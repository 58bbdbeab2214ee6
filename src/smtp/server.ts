import type { TLSSocketOptions } from "node:tls";
import { whenAborted } from "../base/abort-listeners.ts";
import type { Clock } from "../base/clock.ts";
import { cidrContains, type Cidr, type IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { Connection, LineRead } from "../net/connection.ts";
import { isWithdrawn } from "../sasl/withdrawn.ts";
import type { Profile, SmtpBackend, SmtpSessionFacts } from "./backend.ts";
import {
  earlyTalkSeen,
  replyRefused,
  sessionClosed,
  sessionFailed,
  sessionOpened,
  tlsFailed,
  tlsStarted,
} from "./events.ts";
import { defaultLimits, type SmtpLimits } from "./limits.ts";
import { receiveChunk, receiveData, type Hearer, type Received, type Source } from "./receive.ts";
import { formatReply, writtenReply, type Reply } from "./reply.ts";
import { SmtpSession, type ChunkStep, type Step } from "./session.ts";

export type SmtpServerOptions = {
  readonly profile: Profile;
  readonly backend: SmtpBackend;
  /** For STARTTLS; TLS from the first octet is the listener's. A function, so that a renewed certificate serves the next session. */
  readonly startTls?: () => TLSSocketOptions;
  readonly limits?: SmtpLimits;
  readonly log: Log;
  readonly clock: Clock;
  /** Session and queue ids. */
  newId(): string;
  /** Peers that may use XCLIENT. */
  readonly xclientFrom: readonly Cidr[];
  /** Who is watched before the banner; left out where nobody is. */
  readonly greetingWatch?: GreetingWatch;
  /** Idle sessions are told 421 and closed; a message under way may finish (G-09). */
  readonly shutdown: AbortSignal;
};

/** Knows which clients wait for the banner, and hears which could not (D-08). */
export interface GreetingWatch {
  /** `unknown` clients wait, `known` ones are let in at once, `spared` ones may even talk first. */
  standing(address: IpAddress): "unknown" | "known" | "spared";
  waited(address: IpAddress): void;
  /** The id under which the refusal is found. `note`: the fact is kept for the rules and the session goes on. */
  talked(address: IpAddress): { readonly refusedAs: string } | "note";
}

/** Serves one client until either side ends the session. Never rejects. */
export function serveSmtp(connection: Connection, options: SmtpServerOptions): Promise<void> {
  return new SmtpServing(connection, options).run();
}

/** What follows: a step, nothing before the client has said something, or (undefined) nothing more. */
type Next = Step | "waiting" | undefined;

/** The edge of one session: octets, TLS, deadlines. It decides nothing. */
class SmtpServing {
  readonly #connection: Connection;
  readonly #options: SmtpServerOptions;
  readonly #limits: SmtpLimits;
  readonly #session: SmtpSession;
  readonly #log: Log;
  /** Waiting for a command: a shutdown may interrupt here. */
  #idle = false;
  #unsent_octets = 0;
  /** Ends the wait for a message that was under way at shutdown. */
  #patience: AbortController | undefined;
  #messages = 0;
  readonly #goOn = (next: Next): void => this.#go(next);
  #over: () => void = () => {};
  #broken: (error: unknown) => void = () => {};

  constructor(connection: Connection, options: SmtpServerOptions) {
    const { profile, backend, log, limits = defaultLimits } = options;
    const facts = factsOf(connection, profile, options.newId());
    this.#connection = connection;
    this.#options = options;
    this.#limits = limits;
    this.#log = log.with({ session: facts.id });
    this.#session = new SmtpSession(facts, {
      backend,
      limits,
      newId: () => options.newId(),
      offersTls: options.startTls !== undefined,
      trustsXclient: options.xclientFrom.some((cidr) => cidrContains(cidr, connection.remote.address)),
      reserveTls: () => connection.reserveTls(),
      channelBinding: () => {
        const data = connection.exportedKey();
        return data === undefined ? undefined : { type: "tls-exporter", data };
      },
    });
  }

  async run(): Promise<void> {
    const { shutdown } = this.#options;
    const stopListening = whenAborted(shutdown, () => void this.#shutDown());
    sessionOpened(this.#log, this.#session.facts);
    try {
      await this.#conversation();
    } catch (error) {
      sessionFailed(this.#log, error);
      this.#write(this.#session.failed().replies);
    } finally {
      stopListening();
      this.#end();
    }
  }

  #conversation(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#over = resolve;
      this.#broken = reject;
      this.#go(whenHere(this.#session.open(), (opened) => this.#watched(opened)));
    });
  }

  /** Takes step after step while they are here: a command that nobody has to be asked about costs no turn of the queue. */
  #go(first: Soon<Next>): void {
    try {
      let next = first;
      while (next !== "waiting") {
        if (next === undefined) return this.#over();
        if (next instanceof Promise) return void next.then(this.#goOn, this.#broken);
        next = this.#taken(next);
      }
    } catch (error) {
      this.#broken(error);
    }
  }

  #taken(step: Step): Soon<Next> {
    if (step.delay_ms === 0) return this.#said(step);
    return this.#options.clock.sleep(step.delay_ms).then(() => this.#said(step));
  }

  #said(step: Step): Soon<Next> {
    this.#write(step.replies);
    if (step.next.do === "close") return this.#parted(step);
    return this.#next(step.next);
  }

  /**
   * Holds the last line of the banner back from a client nobody knows and sees whether it can wait. Who talks
   * meanwhile is sent away. Undefined: the client is gone.
   */
  #watched(opened: Step): Soon<Step | undefined> {
    const { greetingWatch: watch } = this.#options;
    const standing = watch?.standing(this.#session.facts.remote.address) ?? "spared";
    if (watch === undefined || standing === "spared" || opened.next.do === "close") return opened;
    return this.#heldBack(opened, watch, standing);
  }

  async #heldBack(
    opened: Step,
    watch: GreetingWatch,
    standing: "unknown" | "known",
  ): Promise<Step | undefined> {
    const { address } = this.#session.facts.remote;
    // RFC 5321 §4.2: a banner may have several lines, and the last one ends it.
    if (standing === "unknown") this.#connection.write(`220-${this.#options.backend.hostName}\r\n`);
    const wait_ms = standing === "unknown" ? this.#limits.greeting_ms : 0;
    const early = await this.#connection.read(wait_ms);
    if (early.kind === "closed") return undefined;
    if (early.kind === "timeout") {
      watch.waited(address);
      return opened;
    }
    earlyTalkSeen(this.#log, early.octets);
    this.#session.talkedEarly();
    const talked = watch.talked(address);
    if (talked !== "note") return this.#session.refusedEarly(talked.refusedAs);
    this.#connection.unread(early.octets);
    return opened;
  }

  /** Does what a step asks for; undefined when the client is gone. */
  #next(next: Exclude<Step["next"], { do: "close" }>): Soon<Next> {
    switch (next.do) {
      case "line":
        return this.#line();
      case "tls":
        return this.#tls();
      case "data":
        return this.#data(next);
      case "chunk":
      case "swallow":
        return this.#chunk(next);
    }
  }

  #line(): Soon<Next> {
    if (this.#options.shutdown.aborted)
      return this.#session.shuttingDown(isWithdrawn(this.#options.shutdown));
    if (this.#unsent_octets > this.#limits.unsentReplies_octets) return this.#flushed();
    this.#idle = true;
    const { line_octets_max } = this.#session;
    const line = this.#connection.nextLine(line_octets_max, this.#limits.command_ms, this.#lineCame);
    return line === undefined ? "waiting" : this.#lineRead(line);
  }

  readonly #lineCame = (line: LineRead): void => {
    try {
      this.#go(this.#lineRead(line));
    } catch (error) {
      this.#broken(error);
    }
  };

  async #flushed(): Promise<Next> {
    this.#unsent_octets = 0;
    await this.#connection.flush();
    return this.#line();
  }

  #lineRead(line: LineRead): Soon<Step | undefined> {
    this.#idle = false;
    switch (line.kind) {
      case "closed":
        return undefined;
      case "timeout":
        return this.#session.timedOut();
      case "too-long":
        return this.#session.lineFault("too-long");
      case "line":
        return line.bareLf
          ? this.#session.lineFault("bare-lf")
          : this.#session.line(line.octets, this.#connection.buffered > 0);
    }
  }

  #data({ intake, reader }: Extract<Step["next"], { do: "data" }>): Soon<Next> {
    return this.#received(
      (hearer) => receiveData(this.#source, intake, reader, hearer),
      () => {
        this.#messages++;
        return this.#session.dataEnded(intake, reader.fault);
      },
    );
  }

  #chunk(chunk: ChunkStep): Soon<Next> {
    return this.#received(
      (hearer) => receiveChunk(this.#source, chunk, hearer),
      () => this.#session.chunkEnded(chunk),
    );
  }

  #received(receive: (hearer: Hearer) => Received | undefined, complete: () => Soon<Step>): Soon<Next> {
    const over = (end: Received): Soon<Next> => (end === "complete" ? complete() : this.#cutShort(end));
    const end = receive({ ended: (late) => this.#go(over(late)), failed: (error) => this.#broken(error) });
    return end === undefined ? "waiting" : over(end);
  }

  get #source(): Source {
    return { connection: this.#connection, limits: this.#limits, clock: this.#options.clock };
  }

  async #tls(): Promise<Step | undefined> {
    const options = this.#options.startTls?.();
    if (options === undefined) return undefined;

    // The answer is written when the event in which STARTTLS came has ended. Sockets do not care; a pair in memory, where the
    // client would be answered within its own write, never shakes hands.
    await Promise.resolve();
    const start = await this.#connection.startTls(options, this.#limits.handshake_ms);
    if (!start.ok) {
      tlsFailed(this.#log, start.reason, start.detail);
      this.#connection.destroy();
      return undefined;
    }
    tlsStarted(this.#log, start.tls.protocol, start.tls.cipher);
    return this.#session.tlsStarted(start.tls);
  }

  #cutShort(end: Exclude<Received, "complete">): Step | undefined {
    if (end === "timeout") return this.#session.timedOut();
    return end === "excess" ? this.#session.excessive() : undefined;
  }

  #write(replies: readonly Reply[]): void {
    for (const answer of replies) {
      if (answer.code >= 400) replyRefused(this.#log, answer);
      const text = writtenReply(answer) ?? formatReply(safeReply(answer));
      this.#unsent_octets += text.length;
      this.#connection.write(text);
    }
  }

  /** Whoever said QUIT reads the answer and no more; others may still be sending. */
  #parted({ replies }: Step): undefined {
    if (replies.at(-1)?.code === 221) this.#connection.close(true);
  }

  /** An idle client is told and closed; one that is sending gets time for its message. */
  async #shutDown(): Promise<void> {
    if (this.#idle) {
      this.#write(this.#session.shuttingDown(isWithdrawn(this.#options.shutdown)).replies);
      this.#connection.close();
      return;
    }
    this.#patience = new AbortController();
    const late = await this.#options.clock
      .sleep(this.#limits.finishOnShutdown_ms, this.#patience.signal)
      .then(
        () => true,
        () => false,
      );
    if (late) this.#connection.destroy();
  }

  #end(): void {
    this.#patience?.abort();
    try {
      this.#session.close();
    } catch (error) {
      sessionFailed(this.#log, error);
    }
    this.#connection.close();
    sessionClosed(this.#log, this.#messages);
  }
}

function factsOf(connection: Connection, profile: Profile, id: string): SmtpSessionFacts {
  const { remote, local, tls } = connection;
  return { id, profile, remote, local, ...(tls === undefined ? {} : { tls }) };
}

/** RFC 5321 §4.5.3.1.5 allows 512 octets with code and line end. */
const REPLY_TEXT_OCTETS_MAX = 490;

/** Whatever a backend put into a reply, it stays one line of ASCII. */
function safeReply(answer: Reply): Reply {
  if (answer.lines.every((line) => line.length <= REPLY_TEXT_OCTETS_MAX && !/[^ -~]/.test(line)))
    return answer;
  if (answer.code === 334) return answer;
  return {
    ...answer,
    lines: answer.lines.map((line) => line.slice(0, REPLY_TEXT_OCTETS_MAX).replace(/[^ -~]/g, "?")),
  };
}
