/**
 * What is written down about a session, a message, a try to deliver or a login: enough to explain it to a person and
 * to judge it again under other rules. Plain data, fit for JSON; addresses and names are text.
 */

/** Something the policy asked of the world, with the answer; replay gives the same answer again. */
export type AskedFact = {
  /** `dns`, `table`, `counter`, `clock`, `list` (a DNS list's verdict). */
  readonly kind: string;
  /** The question in one line: `MX example.org`, `access/clients 192.0.2.1`. */
  readonly question: string;
  /** The answer as JSON. */
  readonly answer: unknown;
};

export type Stage =
  | "connect"
  | "helo"
  | "sender"
  | "relay"
  | "recipient"
  | "data"
  | "content"
  | "end-of-data";

export type StepVerdict = "permit" | "dunno" | "reject" | "defer" | "tag" | "would-reject" | "would-defer";

/** One rule that was asked. */
export type Step = {
  readonly stage: Stage;
  /** The rule as it stands in the list, arguments included: `reject_rbl_client zen.spamhaus.org`. */
  readonly rule: string;
  readonly verdict: StepVerdict;
  /** Constant that names why, e.g. `listed`; the words for it are in the catalogue. */
  readonly reason?: string;
  /** What fills the words, e.g. `{ zone: "zen.spamhaus.org", code: "127.0.0.4" }`. */
  readonly evidence: Readonly<Record<string, string | number | boolean>>;
};

/** What a session says about its client; the same facts the policy judges. */
export type SessionFacts = {
  readonly session: string;
  readonly profile: "mx" | "submission" | "lmtp";
  readonly clientAddress: string;
  /** Confirmed name, or `unknown`. */
  readonly clientName: string;
  /** First name the address points to, confirmed or not; `unknown` where there is none. */
  readonly reverseClientName: string;
  readonly helo?: string;
  readonly heloVerb?: "HELO" | "EHLO" | "LHLO";
  readonly tls?: { readonly protocol: string; readonly cipher: string };
  readonly login?: string;
};

export type ReplyRecord = {
  readonly code: number;
  readonly enhanced?: string;
  readonly text: string;
  /** Reason constant of the house. */
  readonly reason?: string;
};

/** Facts of the policy, as data; `policy/facts.ts` knows what they mean. */
export type JudgedFacts = Readonly<Record<string, string | number | boolean>>;

/** One judged command of a session: what was asked, each rule's step, what was answered. */
export type Judgement = {
  readonly at_ms: number;
  readonly command: "connect" | "helo" | "mail" | "rcpt" | "data" | "message";
  readonly sender?: string;
  readonly recipient?: string;
  /** What the rules were told, for judging it again under others. */
  readonly facts?: JudgedFacts;
  readonly steps: readonly Step[];
  readonly asked: readonly AskedFact[];
  readonly decision: "permit" | "reject" | "defer";
  /** The rule that decided; absent where none did. */
  readonly decidedBy?: string;
  readonly reply?: ReplyRecord;
};

/** What readers do with delivered mail; each once per message and login. */
export type ReaderEvent = "read" | "answered" | "to-junk" | "from-junk" | "removed";
/** Or what the server did: its time in the mailbox was over. */
export type FateEvent = ReaderEvent | "expired";

/** Why somebody was refused without regard to what he brings. */
export type DoorReason =
  | "banned"
  | "connection-limit"
  | "connection-rate"
  | "no-seat-left"
  | "early-talk"
  | "rate-limited";

/** The ban that refused. */
export type BanTold = {
  readonly network: string;
  /** What had been done, in English. */
  readonly offence: string;
  readonly until_ms?: number;
};

/** What every record may say: parts were left out because the whole was too large. */
type Cut = { readonly cut?: true };

export type JournalRecord = Cut &
  (
    | {
        readonly kind: "session";
        readonly id: string;
        readonly at_ms: number;
        readonly facts: SessionFacts;
        readonly judgements: readonly Judgement[];
        /** Queue ids of the messages it brought. */
        readonly messages: readonly string[];
      }
    | {
        readonly kind: "message";
        /** Queue id. */
        readonly id: string;
        readonly at_ms: number;
        readonly session: string;
        readonly sender: string;
        readonly recipients: readonly string[];
        readonly size_octets: number;
        readonly messageId?: string;
        readonly subject?: string;
        /** Results of SPF, DKIM, DMARC, ARC, iprev. */
        readonly authentication?: unknown;
        readonly outcome: "delivered" | "junk" | "queued" | "rejected" | "deferred";
        /** Mailbox and login per copy. */
        readonly copies: readonly {
          readonly login: string;
          readonly mailbox: string;
          readonly uid?: number;
        }[];
        readonly judgement?: Judgement;
        /** Where an address of ours would have sent it on, and why it did not. */
        readonly notForwarded?: readonly { readonly address: string; readonly reason: string }[];
      }
    | {
        readonly kind: "delivery";
        readonly id: string;
        readonly at_ms: number;
        readonly recipient: string;
        readonly state: "delivered" | "relayed" | "deferred" | "failed" | "expired";
        readonly host?: string;
        readonly reply: string;
        readonly nextAttempt_ms?: number;
        /** Reason constant of the house, where the reply is ours. */
        readonly reason?: string;
        /** What the sender was told, where he was told. */
        readonly notice?: "failed" | "delayed" | "delivered" | "relayed";
        /** How the connection was protected: `none`, `opportunistic`, `verified`, `dane`, `mta-sts`. */
        readonly security?: string;
        /** The resolver was not known to check signatures. */
        readonly daneOff?: true;
      }
    | {
        readonly kind: "login";
        readonly id: string;
        readonly at_ms: number;
        readonly protocol: string;
        readonly clientAddress: string;
        readonly login: string;
        readonly outcome: "ok" | "wrong" | "throttled" | "disabled" | "expired";
        /** The name of the password that was right. */
        readonly password?: string;
      }
    /** What became of a delivered message: read, answered, moved to or out of Junk, removed, expired. */
    | {
        readonly kind: "fate";
        /** Queue id. */
        readonly id: string;
        readonly at_ms: number;
        readonly login: string;
        readonly event: FateEvent;
      }
    /** Refusals of one client for one reason within a minute, before or beside any session. The last of an id counts. */
    | {
        readonly kind: "door";
        /** Quoted to the client. */
        readonly id: string;
        /** Of the last refusal. */
        readonly at_ms: number;
        readonly since_ms: number;
        /** Listener: `smtp`, `users`. */
        readonly door: string;
        /** An IPv4 address or an IPv6 /64; empty: of many clients, where there are too many to name. */
        readonly client: string;
        /** A `DoorReason`, or the reason constant of a refusal of SMTP itself. */
        readonly reason: string;
        readonly count: number;
        readonly ban?: BanTold;
      }
  );
