import type { X509Certificate } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Result } from "../base/result.ts";
import type { Dns } from "../dns/answer.ts";
import type { Reply } from "../smtp/reply.ts";
import type { CaaApplicant } from "../tls/caa.ts";
import type { FetchPolicy } from "../tls/mta-sts-fetch.ts";
import type { OwnPolicy } from "../tls/mta-sts-own.ts";
import type { CheckId } from "./checks.ts";
import type { Finding } from "./finding.ts";
import type { OwnServerFacts } from "./own-server.ts";
import type { Phrase } from "./words/phrase.ts";

/** One visit or one set of questions (DESIGN §3, contract 4). Whatever of `checks` applies and stays unsaid becomes unknown. */
export type Probe<Target> = {
  readonly id: string;
  readonly title: Phrase;
  /** RFCs and testers it follows. */
  readonly source: string;
  readonly checks: readonly CheckId[];
  /** Which of them make sense for this target; absent: all. */
  readonly applies?: (check: CheckId, target: Target) => boolean;
  run(target: Target, net: Net): Promise<readonly Finding[]>;
};

/** A domain as far as the DNS knows it. */
export type DomainTarget = {
  readonly domain: Domain;
  /** Given for a domain of ours: the name our server has, and keys that have to be published. */
  readonly ours?: {
    readonly hostName: Domain;
    readonly keys: readonly ExpectedKey[];
    /** Public addresses that mail is configured to leave from; absent: those of the host name. */
    readonly sources?: readonly string[];
    /** The MTA-STS policy we serve; absent where the web door is shut. */
    readonly policy?: OwnPolicy;
    /** The authority our certificates come from, as CAA knows it, and our account there; absent where unknown. */
    readonly issuers?: CaaApplicant;
    /** Names in the certificate we have from there. */
    readonly certified?: readonly string[];
  };
  /** Selectors to look at in a domain of others. */
  readonly selectors: readonly string[];
};
export type ExpectedKey = { readonly name: string; readonly text: string };

/** How TLS begins on a port, and what is spoken there. */
export type Service = "smtp" | "submission" | "submissions" | "imap" | "imaps" | "pop3" | "pop3s" | "web";

/** One address and port of a server. */
export type HostTarget = {
  /** The name by which others reach it: certificate, banner and SNI are held against it. */
  readonly name: Domain;
  readonly address: string;
  readonly port: number;
  readonly service: Service;
  /** Domains it takes mail for. */
  readonly domains: readonly Domain[];
  readonly ours: boolean;
  /** Mail leaves from this address under this name. */
  readonly sends?: boolean;
  /** Nobody is told to bring mail there: it only sends. */
  readonly sendsOnly?: boolean;
  /** Visited because an SRV record, or a name with a meaning, sends programs there. */
  readonly announced?: boolean;
  /** A server looked at already, under another of its names: one handshake shows what differs. */
  readonly again?: boolean;
  /** Shown to be the caller's (`proof.ts`): it gets what only our own server would get. */
  readonly proven?: boolean;
  /** Authorities trusted beside the public ones, PEM. */
  readonly authorities?: string;
  /** The address of this machine to come from; absent: whichever the system takes. */
  readonly from?: string;
};

export type OwnTarget = OwnServerFacts;

/** TLS as one handshake showed it. */
export type Handshake = {
  readonly protocol: string;
  readonly cipher: string;
  /** Undefined where OpenSSL does not tell (post-quantum groups, for one). */
  readonly group: string | undefined;
  readonly groupBits: number | undefined;
  /** The server's own certificate first. */
  readonly chain: readonly X509Certificate[];
  /** OpenSSL's word for what is wrong with the chain. */
  readonly distrust?: string;
};

/** What we offer in a handshake. */
export type Offer = {
  readonly minVersion: "TLSv1" | "TLSv1.2";
  readonly maxVersion: "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  readonly ciphers: string;
  readonly groups?: string;
};

/** A handshake that failed: the server turned us away, or nobody knows. */
export type HandshakeFailure = { readonly kind: "refused" | "broken"; readonly detail: string };

/** How a visit ends that the other side ends. */
export const HUNG_UP = "the server closed the connection";

/** What came back for octets that were sent. */
export type Exchanged = {
  readonly input: Buffer;
  /** `enough`: as the caller said; `closed`: the server hung up; else a text says why nothing more comes. */
  readonly end: "enough" | "closed" | "no answer in time" | "the server said too much";
};

/** One connection; every step has its own deadline, failures are texts. */
export interface Visit extends Disposable {
  /** The next SMTP reply: the greeting, or after `say`. */
  reply(): Promise<Result<Reply, string>>;
  say(line: string): Promise<Result<Reply, string>>;
  /** For IMAP and POP3: the next line; `write` sends one. */
  line(): Promise<Result<string, string>>;
  write(line: string): void;
  /** Sends octets as they are, and reads until `enough` of the answer is there. */
  exchange(octets: Uint8Array, enough: (input: Buffer) => boolean, deadline_ms?: number): Promise<Exchanged>;
  handshake(name: string, offer: Offer, authorities?: string): Promise<Result<Handshake, HandshakeFailure>>;
  /** Asks for a new handshake inside TLS 1.2; false where the server does not go along. */
  renegotiate(): Promise<boolean>;
  readonly localAddress: string;
  /** Sessions the server offered to resume so far, as OpenSSL keeps them. */
  readonly sessions: readonly Buffer[];
}

/** The world as a probe sees it. */
export interface Net {
  readonly dns: Dns;
  readonly clock: Clock;
  /** One name server by itself. */
  dnsAt(address: string): Dns;
  /** Whether this machine reaches IPv6. */
  readonly hasIpv6: boolean;
  /** Addresses of this machine that count on the Internet; none behind a router that translates. */
  readonly publicAddresses: readonly string[];
  /** Whether an address leads to this very machine. */
  isOwn(address: string): boolean;
  /** The MTA-STS policy as the domain publishes it over HTTPS. */
  readonly policyOf: FetchPolicy;
  /** What we call ourselves in EHLO; undefined: the literal of our address. */
  readonly heloName: string | undefined;
  connect(host: Pick<HostTarget, "address" | "port" | "from">): Promise<Result<Visit, string>>;
}
