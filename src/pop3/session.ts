import type { ChannelBinding } from "../sasl/exchange.ts";
import type { Pop3Backend, Pop3SessionFacts } from "./backend.ts";
import { auth } from "./commands/auth.ts";
import { capa } from "./commands/capa.ts";
import { dele } from "./commands/dele.ts";
import { lang } from "./commands/lang.ts";
import { list } from "./commands/list.ts";
import { noop } from "./commands/noop.ts";
import { pass } from "./commands/pass.ts";
import { quit } from "./commands/quit.ts";
import { retr } from "./commands/retr.ts";
import { rset } from "./commands/rset.ts";
import { stat } from "./commands/stat.ts";
import { stls } from "./commands/stls.ts";
import { top } from "./commands/top.ts";
import { uidl } from "./commands/uidl.ts";
import { user } from "./commands/user.ts";
import { utf8 } from "./commands/utf8.ts";
import { isHttpVerb, parseCommand } from "./grammar.ts";
import { POP3_LIMITS } from "./limits.ts";
import { negative, positive, type Reply } from "./reply.ts";
import { answerChallenge, confirm } from "./sasl-dialog.ts";
import type { Command, Context, Outcome, Stage } from "./stage.ts";

/** The moves: each verb says in which state it may be said. */
const MOVES: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    CAPA: capa,
    USER: user,
    PASS: pass,
    AUTH: auth,
    STLS: stls,
    UTF8: utf8,
    STAT: stat,
    LIST: list,
    UIDL: uidl,
    RETR: retr,
    TOP: top,
    DELE: dele,
    RSET: rset,
    NOOP: noop,
    LANG: lang,
    QUIT: quit,
  }),
);

type SessionOptions = {
  readonly backend: Pop3Backend;
  readonly facts: Pop3SessionFacts;
  readonly tlsOffered: boolean;
  readonly channelBinding: () => ChannelBinding | undefined;
};

/** One client's session: a line in, a reply out. Knows no socket. RFC 1939 §3 */
export class Pop3Session {
  readonly #options: SessionOptions;
  #facts: Pop3SessionFacts;
  #stage: Stage = { kind: "authorization" };
  #faults = 0;
  #loginFailures = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#facts = options.facts;
  }

  get facts(): Pop3SessionFacts {
    return this.#facts;
  }

  get loggedIn(): boolean {
    return this.#stage.kind === "transaction";
  }

  /** The longest line that makes sense now. */
  get line_octets(): number {
    return this.loggedIn ? POP3_LIMITS.command_octets : POP3_LIMITS.authorization_octets;
  }

  greeting(): Reply {
    return positive(`${this.#options.backend.hostName} POP3 ready`);
  }

  /** Answers one line, given without its CRLF. */
  async line(octets: Buffer): Promise<Reply> {
    return this.#settle(await this.#run(octets));
  }

  /** A line longer than `line_octets` was swallowed. */
  lineTooLong(): Reply {
    if (this.#stage.kind === "authenticating" || this.#stage.kind === "confirming") {
      this.#enter({ kind: "authorization" });
    }
    return this.#settle({ reply: negative("Line too long"), fault: "syntax" });
  }

  /** TLS is up: what the client said in the open is forgotten. RFC 2595 §4 */
  secured(tls: NonNullable<Pop3SessionFacts["tls"]>): void {
    this.#facts = { ...this.#facts, tls };
    this.#enter({ kind: "authorization" });
  }

  /** The connection is over, in good order or not: lets the lock go, deletes nothing. */
  end(): void {
    this.#enter({ kind: "ended" });
  }

  async #run(octets: Buffer): Promise<Outcome> {
    const stage = this.#stage;
    if (stage.kind === "authenticating") return answerChallenge(this.#options.backend, stage, octets);
    if (stage.kind === "confirming") return confirm(this.#options.backend, stage, octets);
    const parsed = parseCommand(octets);
    if (parsed === undefined) return { reply: negative("Not a command"), fault: "syntax" };
    if (isHttpVerb(parsed.keyword)) {
      return { reply: { ...negative("This is POP3"), next: "close" }, stage: { kind: "ended" } };
    }
    const command = MOVES.get(parsed.keyword);
    if (command === undefined) return { reply: negative("No such command"), fault: "syntax" };
    return this.#move(command, parsed.argument ?? "", stage);
  }

  /** May it be said now, in this form? Then it is done. */
  #move(command: Command, argument: string, stage: Stage): Outcome | Promise<Outcome> {
    if (command.argument === "none" && argument.trim() !== "") {
      return { reply: negative("This command takes no argument"), fault: "syntax" };
    }
    if (command.argument === "required" && argument === "") {
      return { reply: negative("This command takes an argument"), fault: "syntax" };
    }
    const given = command.argument === "none" ? "" : argument;
    if (stage.kind === "authorization" && command.when !== "transaction") {
      return command.run({ ...this.#context(), stage }, given);
    }
    if (stage.kind === "transaction" && command.when !== "authorization") {
      return command.run({ ...this.#context(), stage }, given);
    }
    const text = stage.kind === "transaction" ? "You are logged in already" : "Log in first";
    return { reply: negative(text), fault: "syntax" };
  }

  #context(): Omit<Context, "stage"> {
    return {
      backend: this.#options.backend,
      facts: this.#facts,
      canStartTls: this.#options.tlsOffered && this.#facts.tls === undefined,
      channelBinding: this.#options.channelBinding,
    };
  }

  /** The one place where a session changes. */
  #settle({ reply, stage, identity, fault }: Outcome): Reply {
    if (stage !== undefined) this.#enter(stage);
    if (identity !== undefined) this.#facts = { ...this.#facts, identity };
    if (fault === "syntax") this.#faults++;
    if (fault === "login") this.#loginFailures++;
    const tooMany = this.#faults >= POP3_LIMITS.faults || this.#loginFailures >= POP3_LIMITS.loginFailures;
    return fault !== undefined && tooMany && reply.kind === "status" ? { ...reply, next: "close" } : reply;
  }

  /** Whatever leads out of the transaction, the lock goes. */
  #enter(stage: Stage): void {
    const before = this.#stage;
    this.#stage = stage;
    if (before.kind === "transaction" && stage.kind !== "transaction") before.maildrop.release();
  }
}
