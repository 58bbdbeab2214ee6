import type { Soon } from "../base/soon.ts";
import type { ChannelBinding, Exchange, Identity } from "../sasl/exchange.ts";
import type { MailTransaction, RcptCommand, SmtpBackend, SmtpSessionFacts, TlsFacts } from "./backend.ts";
import type { ChunkReader } from "./chunk-reader.ts";
import type { DataReader } from "./data-reader.ts";
import type { Intake } from "./intake.ts";
import type { SmtpLimits } from "./limits.ts";
import type { Reply } from "./reply.ts";

/** Where a session stands; what each stage knows and no other does. RFC 5321 §4.1.4 */
export type Stage =
  /** Nobody has said hello (since the beginning, TLS or XCLIENT). */
  | { readonly name: "connected" }
  | { readonly name: "greeted" }
  /** `identity`: all is proved, one empty response is still to come. */
  | { readonly name: "authenticating"; readonly exchange: Exchange; readonly identity?: Identity }
  | {
      readonly name: "mail";
      readonly mail: MailTransaction;
      readonly refused: number;
      /** Recipients refused for their number alone, which a pipelining client could not know (D-20). */
      readonly tolerated: number;
    }
  | { readonly name: "data"; readonly mail: MailTransaction; readonly intake: Intake }
  | {
      readonly name: "chunks";
      readonly mail: MailTransaction;
      readonly intake: Intake;
      readonly reader: ChunkReader;
      readonly chunks: number;
    };
export type StageName = Stage["name"];

export type SessionState = {
  readonly facts: SmtpSessionFacts;
  readonly stage: Stage;
  /** Refused commands, junk commands: since the last delivery. */
  readonly errors: number;
  readonly junk: number;
  readonly authFailures: number;
};

/** What stays the same for a whole session. */
export type SessionSetting = {
  readonly backend: SmtpBackend;
  readonly limits: SmtpLimits;
  newId(): string;
  readonly offersTls: boolean;
  /** False where this client or its network has too many handshakes under way. */
  reserveTls(): boolean;
  /** True where this peer may speak for another client. */
  readonly trustsXclient: boolean;
  channelBinding(): ChannelBinding | undefined;
};

/** A stage, or one of several, by name. */
export type At<Name extends StageName> = Extract<Stage, { readonly name: Name }>;

/** What a verb sees; `stage` is one it may be said in. */
export type Said<Here extends Stage = Stage> = {
  readonly facts: SmtpSessionFacts;
  readonly stage: Here;
  readonly setting: SessionSetting;
  readonly argument: string;
};

/** A verb answers with a reply (nothing changes) or with a move. */
export type Verb<Here extends Stage = Stage> = (said: Said<Here>) => Soon<Reply | Move>;

/** What changes the state, and what the client hears of it. */
export type Move =
  | {
      readonly kind: "greeted";
      readonly reply: Reply;
      readonly helo: NonNullable<SmtpSessionFacts["helo"]>;
    }
  | { readonly kind: "mail"; readonly reply: Reply; readonly mail: MailTransaction }
  | { readonly kind: "recipient"; readonly reply: Reply; readonly rcpt: RcptCommand }
  | { readonly kind: "recipient-refused"; readonly reply: Reply; readonly tolerated: boolean }
  | { readonly kind: "reset"; readonly reply: Reply }
  | {
      readonly kind: "data";
      readonly reply: Reply;
      readonly mail: MailTransaction;
      readonly intake: Intake;
      readonly reader: DataReader;
    }
  | ChunkMove
  | { readonly kind: "chunk-refused"; readonly reply: Reply; readonly size_octets: number }
  | {
      readonly kind: "challenge";
      readonly reply: Reply;
      readonly exchange: Exchange;
      readonly identity?: Identity;
    }
  | { readonly kind: "login"; readonly reply: Reply; readonly identity: Identity }
  | { readonly kind: "login-failed"; readonly reply: Reply }
  | { readonly kind: "tls"; readonly reply: Reply }
  | { readonly kind: "xclient"; readonly facts: SmtpSessionFacts };

/** What happens to a session besides verbs. */
export type Turn =
  /** A message is over; `delivered` when somebody got it. */
  | { readonly kind: "message-over"; readonly delivered: boolean }
  | { readonly kind: "tls-started"; readonly tls: TlsFacts }
  /** The client talked before the banner. */
  | { readonly kind: "early-talk" };

export type ChunkMove = {
  readonly kind: "chunk";
  readonly mail: MailTransaction;
  readonly intake: Intake;
  readonly reader: ChunkReader;
  readonly chunks: number;
  readonly size_octets: number;
  readonly last: boolean;
};

export function firstState(facts: SmtpSessionFacts): SessionState {
  return { facts, stage: { name: "connected" }, errors: 0, junk: 0, authFailures: 0 };
}

/** The only place where a session's state changes. */
export function applyMove(state: SessionState, move: Move | Turn): SessionState {
  switch (move.kind) {
    case "greeted":
      return { ...state, facts: { ...state.facts, helo: move.helo }, stage: { name: "greeted" } };
    case "mail":
      return { ...state, stage: { name: "mail", mail: move.mail, refused: 0, tolerated: 0 } };
    case "recipient":
    case "recipient-refused":
      return { ...state, stage: afterRecipient(state.stage, move) };
    case "reset":
    case "chunk-refused":
      return { ...state, stage: withoutMail(state.stage) };
    case "data":
      return { ...state, stage: { name: "data", mail: move.mail, intake: move.intake } };
    case "chunk": {
      const { mail, intake, reader, chunks } = move;
      return { ...state, stage: { name: "chunks", mail, intake, reader, chunks } };
    }
    case "message-over":
      return {
        ...state,
        stage: { name: "greeted" },
        ...(move.delivered ? { errors: 0, junk: 0 } : {}),
      };
    case "challenge":
      return {
        ...state,
        stage: {
          name: "authenticating",
          exchange: move.exchange,
          ...(move.identity ? { identity: move.identity } : {}),
        },
      };
    case "login":
      return { ...state, facts: { ...state.facts, identity: move.identity }, stage: { name: "greeted" } };
    case "login-failed":
      return { ...state, stage: { name: "greeted" }, authFailures: state.authFailures + 1 };
    case "tls":
      return state;
    case "tls-started":
      return { ...state, facts: afterTls(state.facts, move.tls), stage: { name: "connected" } };
    case "early-talk":
      return { ...state, facts: { ...state.facts, earlyTalk: true } };
    case "xclient":
      return { ...state, facts: move.facts, stage: { name: move.facts.helo ? "greeted" : "connected" } };
  }
}

function afterRecipient(
  stage: Stage,
  move: Extract<Move, { kind: "recipient" | "recipient-refused" }>,
): Stage {
  if (stage.name !== "mail") return stage;
  if (move.kind === "recipient") {
    return { ...stage, mail: { ...stage.mail, recipients: [...stage.mail.recipients, move.rcpt] } };
  }
  return { ...stage, refused: stage.refused + 1, tolerated: stage.tolerated + (move.tolerated ? 1 : 0) };
}

/** RSET ends a transaction; it does not make a client greeted that was not. */
const withoutMail = (stage: Stage): Stage => (stage.name === "connected" ? stage : { name: "greeted" });

/** What was said in clear text may have been said by anybody: all of it is forgotten. RFC 3207 §4.2, T-33 */
function afterTls(
  { id, profile, remote, local, earlyTalk = false }: SmtpSessionFacts,
  tls: TlsFacts,
): SmtpSessionFacts {
  return { id, profile, remote, local, tls, ...(earlyTalk ? { earlyTalk } : {}) };
}

/** The message under way, where there is one. */
export function intakeOf(stage: Stage): Intake | undefined {
  return stage.name === "data" || stage.name === "chunks" ? stage.intake : undefined;
}
