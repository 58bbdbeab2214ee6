import type { X509Certificate } from "node:crypto";
import type { ConnectionOptions } from "node:tls";
import type { Result } from "../base/result.ts";
import type { Secret } from "../base/secret.ts";
import type { TlsFacts } from "./backend.ts";
import type { Reply } from "./reply.ts";

/** What we need of another mail server. `client.ts` speaks SMTP or LMTP to it; `mta/outbound` decides. */
export type RemoteHost = {
  /** Name for EHLO checks, TLS and the log: the MX host, or the smarthost as configured. */
  readonly name: string;
  /** IP address (IPv4 or IPv6), or the path of a Unix socket (LMTP). */
  readonly address: string;
  readonly port: number;
};

export type RemoteOptions = {
  readonly protocol: "smtp" | "lmtp";
  /** Our EHLO name. */
  readonly heloName: string;
  readonly localAddress?: string;
  /**
   * `none`: never; `opportunistic`: when offered, certificate not checked, plain when not offered;
   * `encrypt`: must, certificate not checked; `verify`: must, certificate must match `name`; `implicit`: verify from the first octet.
   */
  readonly tls: "none" | "opportunistic" | "encrypt" | "verify" | "implicit";
  /** Wherever TLS begins, the server must pass this too, before anything is said inside (DANE, MTA-STS). */
  readonly peerCheck?: PeerCheck;
  /** Extra trust or settings for the TLS client (own CA in tests and `try`). */
  readonly tlsOptions?: ConnectionOptions;
  readonly login?: { readonly user: string; readonly password: Secret };
  /** Aborts everything under way. */
  readonly signal?: AbortSignal;
};

/** What the server showed in the handshake. */
export type Peer = {
  /** Its own certificate first, each issued by the next as far as they were sent. */
  readonly certificates: readonly X509Certificate[];
  /** Why the Web PKI does not vouch for the name we asked for; undefined: it does. */
  readonly distrust?: TlsFailure;
};

/** Who a server must prove to be. */
export type PeerCheck = {
  /** The name in SNI. */
  readonly serverName: string;
  /** Undefined: it has proved it. */
  readonly judge: (peer: Peer) => TlsFailure | undefined;
};

/** What went wrong with TLS, as RFC 8460 §4.3 has it; `handshake`: it broke before anybody could be judged. */
export type TlsFailure = {
  readonly fault:
    | "starttls-not-supported"
    | "certificate-host-mismatch"
    | "certificate-expired"
    | "certificate-not-trusted"
    | "validation-failure"
    | "dnssec-invalid"
    | "handshake";
  readonly detail: string;
};

/** Why there is no (further) conversation with this host; says nothing about the recipients. */
export type RemoteFailure = {
  readonly kind: "connect" | "greeting" | "tls" | "login" | "timeout" | "closed" | "protocol" | "unsupported";
  /** For the operator: what happened, with the remote's words made printable. */
  readonly detail: string;
  /** With `tls`: at which point. */
  readonly fault?: TlsFailure["fault"];
  /** Our end of the connection, where there was one. */
  readonly localAddress?: string;
  /** The remote's reply, where there was one. */
  readonly reply?: Reply;
  /** True: another host or time may help. False: 5xx greeting, feature missing for good. */
  readonly temporary: boolean;
  /** True once the final dot was sent: the message may have been taken (T-62's ambiguous window). */
  readonly ambiguous: boolean;
};

export type OutgoingMessage = {
  /** As on the wire, without brackets; empty: null sender. */
  readonly from: string;
  readonly recipients: readonly OutgoingRecipient[];
  readonly size_octets: number;
  readonly body: "7BIT" | "8BITMIME" | "BINARYMIME";
  /** True: the envelope or the header needs SMTPUTF8 (RFC 6531). */
  readonly smtpUtf8: boolean;
  readonly ret?: "FULL" | "HDRS";
  readonly envid?: string;
  /** `TLS-Required: No` in its header: it shall arrive even where the policy of its way cannot be kept. RFC 8689 §4.1 */
  readonly tlsOptional?: boolean;
  /** REQUIRETLS: the next server must promise the same; a notice (null sender) goes without where it does not. RFC 8689 */
  readonly requireTls?: true;
  /** The octets, in chunks, with CRLF line ends; asked for once per try. */
  octets(): AsyncIterable<Uint8Array>;
};
export type OutgoingRecipient = {
  readonly address: string;
  readonly notify?: readonly ("NEVER" | "SUCCESS" | "FAILURE" | "DELAY")[];
  readonly orcpt?: { readonly type: string; readonly address: string };
};

/** One reply per recipient, in order: the reply that decided it. */
export type SendOutcome = Result<readonly Reply[], RemoteFailure>;

/** An open conversation, used for one message after another. */
export interface RemoteSession extends AsyncDisposable {
  readonly host: RemoteHost;
  /** Our end of the connection; absent on a Unix socket. */
  readonly localAddress?: string;
  /** Upper-case EHLO keywords with their parameters, as after TLS. */
  readonly extensions: ReadonlyMap<string, string>;
  readonly tls?: TlsFacts;
  /** Inside TLS: what the server showed, whether or not it had to prove anything. */
  readonly peer?: Peer;
  /** False once the conversation is over; then open a new one. */
  readonly usable: boolean;
  send(message: OutgoingMessage): Promise<SendOutcome>;
}

/** `connectRemote` of `client.ts`. */
export type ConnectRemote = (
  host: RemoteHost,
  options: RemoteOptions,
) => Promise<Result<RemoteSession, RemoteFailure>>;
