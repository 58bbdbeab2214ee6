import { isUtf8 } from "node:buffer";
import { hasControl } from "../base/ascii.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import {
  bareLineFeed,
  commandTooLong,
  contentRefused,
  greeting,
  internalError,
  notSmtp,
  notSynchronised,
  outOfSequence,
  loginWithdrawn,
  shuttingDown,
  spokeTooEarly,
  timedOut,
  tooManyErrors,
  tooManyLogins,
  unknownCommand,
  unprintable,
} from "./answers.ts";
import type { MailTransaction, RefusedMessage, SmtpSessionFacts, TlsFacts } from "./backend.ts";
import type { ChunkReader } from "./chunk-reader.ts";
import { authResponse } from "./commands/auth.ts";
import type { ContentFault } from "./content-walk.ts";
import type { DataReader } from "./data-reader.ts";
import { parseCommand } from "./grammar.ts";
import type { Intake } from "./intake.ts";
import { withId, type Reply } from "./reply.ts";
import {
  applyMove,
  firstState,
  intakeOf,
  type Move,
  type SessionSetting,
  type SessionState,
  type Stage,
} from "./state.ts";
import { VERBS, type VerbRule } from "./verbs.ts";

/** What the edge does next: first send the replies, then this. */
export type Step = {
  readonly replies: readonly Reply[];
  /** The client made too many errors and waits (D-17). */
  readonly delay_ms: number;
  readonly next:
    | { readonly do: "line" }
    | { readonly do: "data"; readonly intake: Intake; readonly reader: DataReader }
    | ChunkStep
    | { readonly do: "tls" }
    | { readonly do: "close" };
};

export type ChunkStep =
  | {
      readonly do: "chunk";
      readonly size_octets: number;
      readonly last: boolean;
      readonly intake: Intake;
      readonly reader: ChunkReader;
    }
  /** Octets of a chunk nobody wants: read, dropped, answered with `verdict`. */
  | { readonly do: "swallow"; readonly size_octets: number; readonly verdict: Reply };

const LINE = { do: "line" } as const;
const CLOSE = { do: "close" } as const;

/**
 * One client's session: lines in, steps out. It knows what may be said when and what follows; it has no socket,
 * no timer and no clock. RFC 5321, RFC 2033
 */
export class SmtpSession {
  #state: SessionState;
  readonly #setting: SessionSetting;
  /** Between `connect` and `disconnected`, which come in pairs. */
  #connected = false;

  constructor(facts: SmtpSessionFacts, setting: SessionSetting) {
    this.#state = firstState(facts);
    this.#setting = setting;
  }

  get facts(): SmtpSessionFacts {
    return this.#state.facts;
  }

  /** How long the next line may be; AUTH lines are longer than commands (D-30). */
  get line_octets_max(): number {
    const { commandLine_octets, authLine_octets } = this.#setting.limits;
    return this.facts.profile === "submission"
      ? Math.max(commandLine_octets, authLine_octets)
      : commandLine_octets;
  }

  /** The client is there: greets it, or sends it away. */
  open(): Soon<Step> {
    this.#connected = true;
    const { backend } = this.#setting;
    return whenHere(backend.connect(this.facts), (refusal) =>
      refusal === undefined
        ? this.#step([greeting(backend.hostName, this.facts.profile)], LINE)
        : { replies: [refusal], delay_ms: 0, next: CLOSE },
    );
  }

  /** The client talked before its turn. */
  talkedEarly(): void {
    this.#state = applyMove(this.#state, { kind: "early-talk" });
  }

  /** `id`: by which the refusal is found. */
  refusedEarly(id: string): Step {
    return this.#step([withId(spokeTooEarly, id)], CLOSE);
  }

  /** A line without its CR LF. `ahead`: the client has sent more already. */
  line(octets: Buffer, ahead: boolean): Soon<Step> {
    const authenticating = this.#state.stage.name === "authenticating";
    if (!authenticating && isForeign(octets)) return this.#answer(notSmtp);
    if (ahead && !this.#mayBeAhead(octets)) return this.#answer(notSynchronised);
    const text = textOf(octets);
    if (text === undefined) return this.#answer(unprintable);
    if (authenticating) return this.#response(text);
    return this.#command(text);
  }

  /** A line that is none: too long, or ended by LF alone (counted as an error, S-38's kin). */
  async lineFault(fault: "too-long" | "bare-lf"): Promise<Step> {
    const answer = fault === "too-long" ? commandTooLong : bareLineFeed;
    return this.#state.stage.name === "authenticating"
      ? this.#move({ kind: "login-failed", reply: answer })
      : this.#answer(answer);
  }

  tlsStarted(tls: TlsFacts): Step {
    this.#state = applyMove(this.#state, { kind: "tls-started", tls });
    return this.#step([], LINE);
  }

  /** CRLF.CRLF was seen. */
  dataEnded(intake: Intake, fault: ContentFault | undefined): Promise<Step> {
    return this.#messageEnded(intake, fault);
  }

  /** All octets of a chunk were read. A fault ends the transaction at once (T-19). */
  async chunkEnded(chunk: ChunkStep): Promise<Step> {
    if (chunk.do === "swallow") return this.#answer(chunk.verdict);
    if (chunk.last) chunk.reader.end();
    const { fault } = chunk.reader;
    if (!chunk.last && fault === undefined && chunk.intake.fault === undefined) {
      const answer: Reply = { code: 250, enhanced: "2.0.0", lines: [`${chunk.size_octets} octets received`] };
      return this.#step([answer], LINE);
    }
    return this.#messageEnded(chunk.intake, fault, chunk.last);
  }

  /** The client was silent, or slower than allowed, for too long. */
  timedOut(): Step {
    return this.#step([timedOut], CLOSE);
  }

  /** The client sends more of a refused message than we care to read. */
  excessive(): Step {
    const answer = contentRefused("too-large", this.#setting.backend.messageSizeMax);
    return this.#step([{ ...answer, close: true }], CLOSE);
  }

  shuttingDown(withdrawn: boolean): Step {
    return this.#step([withdrawn ? loginWithdrawn : shuttingDown], CLOSE);
  }

  /** Something threw: a bug, which costs the client this session and nothing else. */
  failed(): Step {
    return this.#step([internalError(this.facts.id)], CLOSE);
  }

  /** The session is over for whatever reason; what was not finished is forgotten. */
  close(): void {
    try {
      intakeOf(this.#state.stage)?.abort();
    } finally {
      this.#disconnect();
    }
  }

  #command(text: string): Soon<Step> {
    const { verb, argument } = parseCommand(text);
    if (text.length > this.#setting.limits.commandLine_octets && verb !== "AUTH")
      return this.#answer(commandTooLong);
    const { facts, stage } = this.#state;
    const rule = this.#ruleOf(verb);
    if (rule === undefined) return this.#answer(unknownCommand);
    if (!rule.stages.includes(stage.name)) return this.#answer(outOfSequence(stage.name, facts.profile));
    const setting = this.#setting;
    return whenHere(rule.run({ facts, stage, setting, argument }), (answer) => this.#answered(rule, answer));
  }

  #answered({ junk }: VerbRule, answer: Reply | Move): Soon<Step> {
    if (junk) this.#countJunk();
    return "kind" in answer ? this.#move(answer) : this.#answer(answer);
  }

  async #response(text: string): Promise<Step> {
    const { facts, stage } = this.#state;
    if (stage.name !== "authenticating") return this.#answer(unknownCommand);
    return this.#move(await authResponse({ facts, stage, setting: this.#setting, argument: text }));
  }

  #ruleOf(verb: string): VerbRule | undefined {
    const rule = VERBS.get(verb);
    return rule?.profiles.includes(this.facts.profile) ? rule : undefined;
  }

  /** Sending ahead is for those who saw PIPELINING, and not behind a command whose answer decides what comes next. */
  #mayBeAhead(octets: Buffer): boolean {
    if (this.#state.stage.name === "authenticating") return false;
    const rule = this.#ruleOf(parseCommand(octets.toString("latin1", 0, 16)).verb);
    if (rule === VERBS.get("BDAT")) return true;
    const { helo } = this.facts;
    return helo !== undefined && helo.verb !== "HELO" && rule?.last !== true;
  }

  /** Applies a move and says what follows from it. */
  #move(move: Move): Soon<Step> {
    const before = intakeOf(this.#state.stage);
    if (move.kind === "xclient") return this.#becomeAnother(move);
    this.#state = applyMove(this.#state, move);
    if (before !== intakeOf(this.#state.stage)) before?.abort();
    switch (move.kind) {
      case "data":
        return this.#step([move.reply], { do: "data", intake: move.intake, reader: move.reader });
      case "chunk": {
        const { size_octets, last, intake, reader } = move;
        return this.#step([], { do: "chunk", size_octets, last, intake, reader });
      }
      case "chunk-refused":
        return this.#step([], { do: "swallow", size_octets: move.size_octets, verdict: move.reply });
      case "tls":
        return this.#step([move.reply], { do: "tls" });
      case "recipient-refused":
        return move.tolerated ? this.#step([move.reply], LINE) : this.#answer(move.reply);
      case "login-failed":
        return this.#state.authFailures < this.#setting.limits.authAttempts
          ? this.#answer(move.reply)
          : this.#step([move.reply, tooManyLogins], CLOSE);
      default:
        return this.#answer(move.reply);
    }
  }

  /** XCLIENT: the backend meets the client anew, and the client is greeted anew. */
  async #becomeAnother(move: Extract<Move, { kind: "xclient" }>): Promise<Step> {
    this.#disconnect();
    this.#state = applyMove(this.#state, move);
    return this.open();
  }

  async #messageEnded(intake: Intake, fault: ContentFault | undefined, perRecipient = true): Promise<Step> {
    const { stage } = this.#state;
    const found = fault ?? intake.fault;
    if (found !== undefined) intake.fail(found);
    const verdicts =
      found === undefined
        ? await intake.finish()
        : [this.#told(contentRefused(found, this.#setting.backend.messageSizeMax))];
    const mail = "mail" in stage ? stage.mail : undefined;
    const replies = perRecipient ? this.#perRecipient(verdicts, mail) : verdicts;
    const delivered = replies.some((answer) => answer.code < 300);
    this.#state = applyMove(this.#state, { kind: "message-over", delivered });
    if (replies.some(closes)) return this.#step(replies, CLOSE);
    if (delivered) return this.#step(replies, LINE);
    return this.#answerAll(replies);
  }

  /** LMTP answers once per accepted recipient; SMTP once. RFC 2033 §4.2 */
  #perRecipient(verdicts: readonly Reply[], mail: MailTransaction | undefined): readonly Reply[] {
    const wanted = this.facts.profile === "lmtp" ? (mail?.recipients.length ?? 1) : 1;
    if (verdicts.length === wanted) return verdicts;
    const [only] = verdicts;
    if (only === undefined || verdicts.length > 1) {
      throw new Error(`message sink gave ${verdicts.length} replies instead of ${wanted}`);
    }
    return Array.from({ length: wanted }, () => only);
  }

  #answer(answer: Reply): Step {
    return this.#answerAll([answer]);
  }

  /** Counts refusals, slows down and ends a session that has too many (D-17). LMTP clients are our own. */
  #answerAll(replies: readonly Reply[]): Step {
    const close = replies.some(closes);
    const refused = replies.some(refuses);
    if (refused && this.facts.profile !== "lmtp") this.#countError();
    if (close) return this.#step(replies, CLOSE);
    if (this.#state.errors >= this.#setting.limits.errorsHard)
      return this.#step([...replies, tooManyErrors], CLOSE);
    return this.#step(replies, LINE);
  }

  #countError(): void {
    this.#state = { ...this.#state, errors: this.#state.errors + 1 };
  }

  #countJunk(): void {
    this.#state = { ...this.#state, junk: this.#state.junk + 1 };
    if (this.#state.junk > this.#setting.limits.junkCommands) this.#countError();
  }

  #step(replies: readonly Reply[], next: Step["next"]): Step {
    const { errorsSoft, errorDelay_ms } = this.#setting.limits;
    const slow = this.#state.errors > errorsSoft && replies.length > 0;
    const told = replies.some(needsId) ? replies.map((answer) => this.#told(answer)) : replies;
    return { replies: told, delay_ms: slow ? errorDelay_ms : 0, next };
  }

  /** A refusal of our own, with the id that its reader can quote. A goodbye between two messages refuses nothing. */
  #told(answer: Reply): Reply {
    const { backend } = this.#setting;
    const about = messageUnder(this.#state.stage);
    if (backend.refused === undefined || !needsId(answer)) return answer;
    if (about === undefined && GOODBYES.has(answer.reason ?? "")) return answer;
    return backend.refused(this.facts, answer, about);
  }

  #disconnect(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#setting.backend.disconnected(this.facts);
  }
}

const closes = ({ close }: Reply): boolean => close === true;
const refuses = ({ code }: Reply): boolean => code >= 400;

/** `internal-error` names its session already, under which the log has more. */
const needsId = ({ code, quotable, reason }: Reply): boolean =>
  code >= 400 && quotable !== true && reason !== "internal-error";

const GOODBYES: ReadonlySet<string> = new Set(["timeout", "shutdown", "login-withdrawn"]);

function messageUnder(stage: Stage): RefusedMessage | undefined {
  if (stage.name === "mail") return { command: "data", mail: stage.mail };
  return "mail" in stage ? { command: "message", mail: stage.mail } : undefined;
}

/** Small first letters of methods: most commands have another, and need no look at their word. */
const HTTP_INITIALS: ReadonlySet<number> = new Set(Buffer.from("ghpdcot"));
const HTTP_METHODS = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI) /i;

/** A browser made to speak to us, or no text protocol at all; what follows is not read (ALPACA, T-42). */
function isForeign(octets: Buffer): boolean {
  const first = (octets[0] ?? 0x41) | 0x20;
  return first < 0x61 || first > 0x7a || isHttp(first, octets);
}

const isHttp = (first: number, octets: Buffer): boolean =>
  HTTP_INITIALS.has(first) && HTTP_METHODS.test(octets.toString("latin1", 0, 9));

function textOf(octets: Buffer): string | undefined {
  const text = octets.toString("latin1");
  if (IS_PRINTABLE.test(text)) return text;
  if (!isUtf8(octets)) return undefined;
  const unicode = octets.toString("utf8");
  return hasControl(unicode) ? undefined : unicode;
}

/** What almost every line is: as text it is its octets. */
const IS_PRINTABLE = /^[ -~]*$/;
