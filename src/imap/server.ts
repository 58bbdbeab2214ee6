import { setImmediate as nextTurn } from "node:timers/promises";
import type { TLSSocketOptions } from "node:tls";
import type { Clock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Connection } from "../net/connection.ts";
import { isWithdrawn } from "../sasl/withdrawn.ts";
import type { ImapBackend, ImapSessionFacts } from "./backend.ts";
import { commandNamed, type NamedCommand } from "./command-table.ts";
import { bad, formatCompletion, no, type Completion } from "./completion.ts";
import { commandFailed, injectionRefused, sessionClosed, sessionOpened } from "./events.ts";
import { readCommand, type CommandRead } from "./fragment.ts";
import { IMAP_LIMITS, type ImapLimits } from "./limits.ts";
import { ImapSession } from "./session.ts";

export type ImapServerOptions = {
  readonly backend: ImapBackend;
  readonly limits?: ImapLimits;
  readonly log: Log;
  readonly clock: Clock;
  /** For STARTTLS on port 143; left out where it is not offered. A function, so that a renewed certificate serves the next session. */
  readonly startTls?: () => TLSSocketOptions;
  /** Aborted when the server stops or the login is withdrawn: the command under way ends, then BYE. */
  readonly shutdown: AbortSignal;
};

/** Serves one client until it logs out, breaks a limit, or the server stops. RFC 9051, RFC 3501 */
export async function serveImap(connection: Connection, options: ImapServerOptions): Promise<void> {
  const { backend, limits = IMAP_LIMITS, clock, startTls, shutdown } = options;
  const facts = factsOf(connection);
  const log = options.log.with({ session: facts.id });
  sessionOpened(log, facts);
  const refusal = await backend.connect(facts);
  if (refusal !== undefined) {
    connection.write(`* BYE ${refusal}\r\n`);
    sessionClosed(log, undefined, 0, "refused");
    return connection.close();
  }
  const session = new ImapSession(connection, facts, { backend, limits, log, clock, startTls });
  const serving = new ImapServing(session, shutdown);
  let reason = "failed";
  try {
    reason = await serving.run();
  } finally {
    session.logOut();
    backend.disconnected(facts);
    sessionClosed(log, session.facts.identity?.login, serving.commands, reason);
    connection.close();
  }
}

function factsOf({ remote, local, tls }: Connection): ImapSessionFacts {
  return { id: randomId(), remote, local, ...(tls === undefined ? {} : { tls }) };
}

const stopping = (ending: AbortSignal): string =>
  isWithdrawn(ending) ? "This login is no longer valid, log in again" : "The server is stopping";

/** Reads commands one after the other and answers each before the next. */
class ImapServing {
  readonly #session: ImapSession;
  readonly #shutdown: AbortSignal;
  commands = 0;
  #badCommands = 0;

  constructor(session: ImapSession, shutdown: AbortSignal) {
    this.#session = session;
    this.#shutdown = shutdown;
  }

  /** The reason the session ended. */
  async run(): Promise<string> {
    this.#shutdown.addEventListener("abort", this.#onShutdown);
    try {
      const { capabilities, options } = this.#session;
      this.#session.untagged(`OK [CAPABILITY ${capabilities}] ${options.backend.hostName} is ready`);
      return await this.#converse();
    } finally {
      this.#shutdown.removeEventListener("abort", this.#onShutdown);
    }
  }

  async #converse(): Promise<string> {
    const session = this.#session;
    const { limits } = session.options;
    while (session.state !== "logout") {
      // What is pipelined is there already and never waits: others must be heard too.
      if (this.commands > 0 && this.commands % limits.turnCommands === 0) await nextTurn();
      if (this.#shutdown.aborted) return this.#farewell(stopping(this.#shutdown));
      session.resting = true;
      const read = await readCommand(session.connection, this.#readOptions());
      session.resting = false;
      if (read.kind === "closed") return this.#shutdown.aborted ? stopping(this.#shutdown) : "closed";
      const farewell = read.kind === "command" ? await this.#answer(read) : this.#answerFault(read);
      if (farewell !== undefined) return this.#farewell(farewell);
    }
    return "logout";
  }

  #farewell(text: string): string {
    this.#session.untagged(`BYE ${text}`);
    return text;
  }

  /** Not into the middle of a response: there it would pass for mail. */
  readonly #onShutdown = (): void => {
    if (!this.#session.resting) return;
    this.#farewell(stopping(this.#shutdown));
    this.#session.connection.close();
  };

  #readOptions() {
    const { loggedIn, loginTimeLeft_ms, options } = this.#session;
    const { limits, clock, backend } = options;
    const deadline_ms = loggedIn ? limits.idle_ms : loginTimeLeft_ms;
    return { limits, clock, loggedIn, deadline_ms, appendSizeMax: backend.appendSizeMax };
  }

  /** A text ends the session. */
  async #answer(read: Extract<CommandRead, { kind: "command" }>): Promise<string | undefined> {
    const session = this.#session;
    const { limits } = session.options;
    this.commands++;
    session.tag = read.tag;
    const found = commandNamed(read.name, read.cursor);
    let completion = found === undefined ? bad("Unknown command") : await this.#perform(found, read);
    if (found !== undefined && completion.status !== "BAD") completion = await this.#sync(found, completion);
    session.write(formatCompletion(read.tag, completion));
    if (completion.upgrade !== undefined) return this.#startTls(completion.upgrade);
    await session.breathe();
    if (session.failedLogins >= limits.failedLogins) return "Too many failed logins";
    return completion.status === "BAD" ? this.#countBad() : undefined;
  }

  /** Decode to the end, then check the state, then act. */
  #perform({ name, command }: NamedCommand, { cursor }: { cursor: CommandCursor }): Promise<Completion> {
    const session = this.#session;
    return this.#guarded(name, async () => {
      const action = command.parse(cursor, session.modes);
      if (cursor.failed) return bad(`Malformed command: ${cursor.fault}`.replace(/[^ -~]/g, "?"));
      if (!command.states.includes(session.state)) return bad("This command is not allowed now");
      return action(session);
    });
  }

  /** After every command the client hears what others did meanwhile; who may not hear it all is told so. RFC 5530 §3 */
  #sync({ name, command }: NamedCommand, completion: Completion): Promise<Completion> {
    const session = this.#session;
    return this.#guarded(name, async () => {
      await session.sync(command.keepsNumbers ?? false);
      const missing = session.selected?.view.holdsGone === true && completion.code === undefined;
      return missing ? { ...completion, code: "EXPUNGEISSUED" } : completion;
    });
  }

  /** One catch for all commands: a bug or a broken store becomes NO with a reference. */
  async #guarded(name: string, work: () => Promise<Completion>): Promise<Completion> {
    try {
      return await work();
    } catch (error) {
      commandFailed(this.#session.options.log, name, error);
      return no(`Internal error, reference ${this.#session.facts.id}`, "SERVERBUG");
    }
  }

  async #startTls(options: () => TLSSocketOptions): Promise<string | undefined> {
    const { connection, facts, options: settings } = this.#session;
    const start = await connection.startTls(options(), settings.limits.handshake_ms);
    if (start.ok) {
      this.#session.secured(start.tls);
      return undefined;
    }
    if (start.reason === "early-data") injectionRefused(settings.log, facts);
    connection.destroy();
    return "TLS failed";
  }

  #answerFault(read: Exclude<CommandRead, { kind: "command" } | { kind: "closed" }>): string | undefined {
    const session = this.#session;
    switch (read.kind) {
      case "timeout":
        return session.loggedIn ? "Idle for too long" : "Log in sooner";
      case "hopeless":
        return read.text;
      case "too-big":
        session.write(formatCompletion(read.tag, no("The message is too large", "TOOBIG")));
        return undefined;
      case "bad":
        session.write(formatCompletion(read.tag, bad(read.text)));
        return this.#countBad();
    }
  }

  #countBad(): string | undefined {
    return ++this.#badCommands >= this.#session.options.limits.badCommands
      ? "Too many malformed commands"
      : undefined;
  }
}

type CommandCursor = Extract<CommandRead, { kind: "command" }>["cursor"];
