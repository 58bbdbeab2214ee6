import type { IpAddress } from "../base/ip.ts";
import type { Result } from "../base/result.ts";
import type { Authenticator, Identity, Mechanism } from "../sasl/exchange.ts";

/** What POP3 asks of the server, grouped by session state (DESIGN §3, contract 1). RFC 1939, 2449 */
export interface Pop3Backend {
  readonly hostName: string;
  /** A text refuses the connection with -ERR. */
  connect(session: Pop3SessionFacts): Promise<string | undefined>;
  disconnected(session: Pop3SessionFacts): void;
  // authorization
  mechanisms(session: Pop3SessionFacts): readonly Mechanism[];
  authenticator(session: Pop3SessionFacts): Authenticator;
  // transaction
  /** Locks the account's maildrop (INBOX); `in-use` while another POP3 session holds it. RFC 2449 §8.1.1 */
  open(identity: Identity): Promise<Result<Maildrop, "in-use" | "unavailable">>;
}

export type Pop3SessionFacts = {
  readonly id: string;
  readonly remote: { readonly address: IpAddress; readonly port: number };
  readonly local: { readonly address: string; readonly port: number };
  readonly tls?: { readonly protocol: string; readonly cipher: string; readonly serverName?: string };
  readonly identity?: Identity;
};

/** A maildrop as it was when the session opened it. */
export interface Maildrop {
  readonly messages: readonly {
    /** Stable, printable, at most 70 characters. */ readonly uniqueId: string;
    readonly size_octets: number;
  }[];
  /** Octets of message `index` (from 0), whole or the first `end` octets; undefined when it has gone. */
  octets(index: number, end?: number): Promise<Buffer | undefined>;
  /** Offset of the body, for TOP. */
  bodyStart(index: number): Promise<number>;
  /** QUIT: removes the marked messages in one commit. */
  commit(deleted: readonly number[]): Promise<boolean>;
  /** Lets the lock go; nothing is deleted. */
  release(): void;
}
