import type { ChannelBinding, Exchange, Identity } from "../sasl/exchange.ts";
import type { Maildrop, Pop3Backend, Pop3SessionFacts } from "./backend.ts";
import type { Reply } from "./reply.ts";

/** Where a session stands. RFC 1939 §3 (UPDATE is the end of QUIT, not a state a client can talk to) */
export type Stage = Authorization | Authenticating | Confirming | Transaction | { readonly kind: "ended" };

/** `user`: what USER said, until PASS. */
export type Authorization = { readonly kind: "authorization"; readonly user?: string };
/** AUTH is under way: the next line is a response. */
export type Authenticating = { readonly kind: "authenticating"; readonly exchange: Exchange };
/** The server's last word went out as a challenge; the client's empty line ends the exchange. */
export type Confirming = { readonly kind: "confirming"; readonly identity: Identity };
export type Transaction = {
  readonly kind: "transaction";
  readonly maildrop: Maildrop;
  /** Indexes marked by DELE; a mark is all that changes while messages are read. */
  readonly deleted: Set<number>;
};

/** What a command may look at. */
export type Context<S extends Stage = Stage> = {
  readonly backend: Pop3Backend;
  readonly facts: Pop3SessionFacts;
  /** True where STLS can be said now. */
  readonly canStartTls: boolean;
  /** Undefined unless the connection is TLS 1.3. RFC 9266 */
  readonly channelBinding: () => ChannelBinding | undefined;
  readonly stage: S;
};

/** What a command did: the reply, and where the session stands now (left out: where it stood). */
export type Outcome = {
  readonly reply: Reply;
  readonly stage?: Stage;
  readonly identity?: Identity;
  /** Counted against the session; too many end it. */
  readonly fault?: "syntax" | "login";
};

/** One verb: when it may be said, whether it takes an argument, what it does. */
export type Command = {
  readonly argument: "none" | "optional" | "required";
} & (
  | {
      readonly when: "authorization";
      run(context: Context<Authorization>, argument: string): Outcome | Promise<Outcome>;
    }
  | {
      readonly when: "transaction";
      run(context: Context<Transaction>, argument: string): Outcome | Promise<Outcome>;
    }
  | {
      readonly when: "any";
      run(context: Context<Authorization | Transaction>, argument: string): Outcome | Promise<Outcome>;
    }
);
