import type { IpAddress } from "../base/ip.ts";
import type { Result } from "../base/result.ts";
import type { Soon } from "../base/soon.ts";
import type { Authenticator, Identity, Mechanism } from "../sasl/exchange.ts";
import type { EnvelopeAddress } from "./address.ts";
import type { Reply } from "./reply.ts";

/**
 * What SMTP asks of the server, grouped by session state (DESIGN §3, contract 1). SMTP knows nothing of
 * accounts, policy or storage; the backend knows nothing of octets on the wire. Every method may take time
 * and none may throw: a thrown error is a bug and becomes 421 with a log reference.
 */
export interface SmtpBackend {
  /** Name in greeting, EHLO reply and trace header. */
  readonly hostName: string;
  /** Largest message in octets; announced as SIZE (RFC 1870). */
  readonly messageSizeMax: number;

  // connected
  /** A client arrived. A reply refuses it (421, 521 or 554) and ends the session. */
  connect(session: SmtpSessionFacts): Soon<Reply | undefined>;
  /** The session is over, for whatever reason. */
  disconnected(session: SmtpSessionFacts): void;
  /** SMTP itself refuses. The reply comes back with an id by which it is found; `about` is the message it concerns. */
  refused?(session: SmtpSessionFacts, answer: Reply, about?: RefusedMessage): Reply;

  // not logged in
  /** What AUTH offers now; empty where AUTH is not offered (port 25, or no TLS). */
  mechanisms(session: SmtpSessionFacts): readonly Mechanism[];
  authenticator(session: SmtpSessionFacts): Authenticator;

  // greeted
  /** A reply refuses the sender. The relay decision is not made here but at `rcpt`. */
  mail(session: SmtpSessionFacts, mail: MailCommand): Soon<Reply | undefined>;
  // mail under way
  /** A reply refuses this recipient. First question, always: may this session send there at all? (S-35) */
  rcpt(session: SmtpSessionFacts, mail: MailTransaction, rcpt: RcptCommand): Soon<Reply | undefined>;
  /** At least one recipient stands. The sink takes the message; a reply refuses it before 354. */
  data(session: SmtpSessionFacts, mail: MailTransaction): Soon<Result<MessageSink, Reply>>;
}

export type Profile = "mx" | "submission" | "lmtp";

export type TlsFacts = {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly protocol: string;
  /** IANA name of the suite. */
  readonly cipher: string;
  readonly serverName?: string;
};

/** Facts about a session; the session replaces its own copy as it learns more, never a part in place. */
export type SmtpSessionFacts = {
  /** One id from connection to delivery; in the log and, where a reply has room, in the reply. */
  readonly id: string;
  readonly profile: Profile;
  readonly remote: { readonly address: IpAddress; readonly port: number };
  readonly local: { readonly address: string; readonly port: number };
  /** The argument of HELO, EHLO or LHLO, checked for shape only. */
  readonly helo?: { readonly name: string; readonly verb: "HELO" | "EHLO" | "LHLO" };
  readonly tls?: TlsFacts;
  readonly identity?: Identity;
  /** The client talked before it had seen the banner (D-08); true of the client, and so survives STARTTLS. */
  readonly earlyTalk?: boolean;
};

/** MAIL FROM with its parameters. RFC 5321 §4.1.1.2, 1870, 6152, 3461, 6531, 8689 */
export type MailCommand = {
  /** null: the null sender `<>`. */
  readonly from: EnvelopeAddress | null;
  /** Octets announced by SIZE=. */
  readonly size?: number;
  readonly body: "7BIT" | "8BITMIME" | "BINARYMIME";
  readonly smtpUtf8: boolean;
  readonly ret?: "FULL" | "HDRS";
  /** xtext decoded. */
  readonly envid?: string;
  /** Only over TLS with a server that proves itself, all the way. RFC 8689 */
  readonly requireTls?: true;
};

/** RCPT TO with its parameters. RFC 5321 §4.1.1.3, 3461 */
export type RcptCommand = {
  readonly to: EnvelopeAddress;
  readonly notify?: readonly ("NEVER" | "SUCCESS" | "FAILURE" | "DELAY")[];
  /** `addr-type;xtext`, xtext decoded. */
  readonly orcpt?: { readonly type: string; readonly address: string };
};

export type MailTransaction = MailCommand & {
  /** The queue id: given at MAIL, written in the trace header, the log and the reply to the final dot. */
  readonly id: string;
  /** Recipients that got 250, in order. */
  readonly recipients: readonly RcptCommand[];
};

/** Where in its transaction a message met its end. */
export type RefusedMessage = { readonly command: "mail" | "data" | "message"; readonly mail: MailCommand };

/** Takes one message. Exactly one of `finish` and `abort` is called, once. */
export interface MessageSink {
  /** Octets with dot-stuffing undone, any chunking. A promise asks the caller to wait (back-pressure). */
  write(octets: Uint8Array): void | Promise<void>;
  /** All octets came. The reply is sent as it is: 250 means durable. SMTP: one reply; LMTP: one per recipient. */
  finish(): Promise<readonly Reply[]>;
  /** The client went away or broke a rule: forget everything. */
  abort(): void;
}
