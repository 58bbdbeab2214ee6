import type { TLSSocketOptions } from "node:tls";
import type { Clock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Connection } from "../net/connection.ts";
import type { ImapBackend, ImapSessionFacts } from "./backend.ts";
import { commandNamed } from "./command-table.ts";
import { readCommand, type CommandRead } from "./command-reader.ts";
import { bad, formatCompletion, no, type Completion } from "./completion.ts";
import { commandFailed, sessionClosed, sessionOpened } from "./events.ts";
import { IMAP_LIMITS, type ImapLimits } from "./limits.ts";
import { ImapSession } from "./session.ts";

export type ImapServerOptions = {
  readonly backend: ImapBackend;
  readonly limits?: ImapLimits;
  readonly log: Log;
  readonly clock: Clock;
  /** For STARTTLS on port 143; left out where TLS is from the first octet. */
  readonly startTls?: () => TLSSocketOptions;
  /** Aborted when the server stops: sessions get BYE. */
  readonly shutdown: AbortSignal;
};

/** Serves one client until it logs out, breaks a limit, or the server stops. RFC 9051, RFC 3501 */
export async function serveImap(connection: Connection, options: ImapServerOptions): Promise<void> {
  const facts = factsOf(connection);
  const log = options.log.with({ session: facts.id });
  const { backend, limits = IMAP_LIMITS, clock, startTls } = options;
  sessionOpened(log, facts);
  const refusal = await backend.connect(facts);
  if (refusal !== undefined) return connection.write(`* BYE ${refusal}\r\n`);
  const session = new ImapSession(connection, facts, { backend, limits, log, clock, startTls });
  const onShutdown = (): void => {
    session.untagged("BYE The server is stopping");
    connection.close();
  };
  options.shutdown.addEventListener("abort", onShutdown);
  const serving = new ImapServing(session);
  const reason = await serving.run();
  options.shutdown.removeEventListener("abort", onShutdown);
  const login = session.facts.identity?.login;
  session.logOut();
  backend.disconnected(facts);
  sessionClosed(log, login, serving.commands, reason);
}

function factsOf({ remote, local, tls }: Connection): ImapSessionFacts {
  return { id: randomId(), remote, local, ...(tls === undefined ? {} : { tls }) };
}

/** Reads commands one after the other and answers each before the next. */
class ImapServing {
  readonly #session: ImapSession;
  readonly #began_ms: number;
  commands = 0;
  #badCommands = 0;

  constructor(session: ImapSession) {
    this.#session = session;
    this.#began_ms = session.options.clock.now();
  }

  /** The reason the session ended. */
  async run(): Promise<string> {
    const session = this.#session;
    session.untagged(`OK [CAPABILITY ${session.capabilities}] ${session.options.backend.hostName} is ready`);
    while (session.state !== "logout") {
      const read = await readCommand(session.connection, this.#readOptions());
      if (read.kind === "closed") return "closed";
      const farewell = read.kind === "command" ? await this.#answer(read) : this.#answerFault(read);
      if (farewell !== undefined) {
        session.untagged(`BYE ${farewell}`);
        return farewell;
      }
    }
    return "logout";
  }

  #readOptions() {
    const { limits, clock, backend } = this.#session.options;
    const loggedIn = this.#session.facts.identity !== undefined;
    const left_ms = Math.max(1, limits.login_ms - (clock.now() - this.#began_ms));
    return {
      limits,
      loggedIn,
      deadline_ms: loggedIn ? limits.idle_ms : left_ms,
      appendSizeMax: backend.appendSizeMax,
    };
  }

  /** A text ends the session. */
  async #answer({
    tag,
    name,
    cursor,
  }: Extract<CommandRead, { kind: "command" }>): Promise<string | undefined> {
    const session = this.#session;
    this.commands++;
    session.tag = tag;
    const { limits } = session.options;
    const found = commandNamed(name, cursor);
    const action = found?.command.parse(cursor, session.modes);
    let completion: Completion;
    if (found === undefined || action === undefined) completion = bad("Unknown command");
    else if (cursor.failed) completion = bad(`Malformed command: ${cursor.fault}`.replace(/[^ -~]/g, "?"));
    else if (!found.command.states.includes(session.state))
      completion = bad("This command is not allowed now");
    else completion = await this.#run(found.name, () => action(session));
    if (session.state === "selected" && completion.status !== "BAD")
      await this.#run(name, () => session.sync(found?.command.keepsNumbers ?? false));
    session.write(formatCompletion(tag, completion));
    if (completion.upgrade !== undefined) return this.#startTls(completion.upgrade);
    await session.breathe();
    if (completion.status === "BAD" && ++this.#badCommands >= limits.badCommands)
      return "Too many malformed commands";
    return session.failedLogins >= limits.failedLogins ? "Too many failed logins" : undefined;
  }

  async #startTls(options: () => TLSSocketOptions): Promise<string | undefined> {
    const { connection, options: settings } = this.#session;
    const start = await connection.startTls(options(), settings.limits.handshake_ms);
    if (start.ok) this.#session.secured(start.tls);
    else connection.destroy();
    return start.ok ? undefined : "TLS failed";
  }

  /** One catch for all commands: a bug or a broken store becomes NO with a reference. */
  async #run<T>(name: string, work: () => Promise<T>): Promise<T | Completion> {
    try {
      return await work();
    } catch (error) {
      commandFailed(this.#session.options.log, name, error);
      return no(`Internal error, reference ${this.#session.facts.id}`, "SERVERBUG");
    }
  }

  #answerFault(read: Exclude<CommandRead, { kind: "command" } | { kind: "closed" }>): string | undefined {
    const session = this.#session;
    switch (read.kind) {
      case "timeout":
        return session.facts.identity === undefined ? "Log in sooner" : "Idle for too long";
      case "hopeless":
        return read.text;
      case "too-big":
        session.write(formatCompletion(read.tag, no("The message is too large", "TOOBIG")));
        return undefined;
      case "bad":
        session.write(formatCompletion(read.tag, bad(read.text)));
        return ++this.#badCommands >= session.options.limits.badCommands
          ? "Too many malformed commands"
          : undefined;
    }
  }
}
