import type { SpfResult } from "../authentication/results.ts";

/** What is known of a session and of the command that is judged. Plain data: the journal keeps it, replay reads it. */
export type PolicyFacts = {
  readonly clientAddress: string;
  readonly clientPort?: number;
  /** The name that was confirmed both ways, or `unknown`. */
  readonly clientName: string;
  /** Why there is no confirmed name: there is none or it does not point back, or the DNS did not answer. */
  readonly clientNameState: NameState;
  /** First name the address points to, confirmed or not, or `unknown`. */
  readonly reverseClientName: string;
  readonly reverseClientNameState: NameState;
  /** As the client said it; address literals with their brackets. */
  readonly helo?: string;
  readonly heloVerb?: "HELO" | "EHLO" | "LHLO";
  /** The HELO name or address is one of this server's, and the client is not this machine. */
  readonly heloIsOurs?: boolean;
  /** Without angle brackets; empty for the null sender; absent before MAIL. */
  readonly sender?: string;
  /** Without angle brackets; absent outside RCPT, and after it where there are several. */
  readonly recipient?: string;
  /** Recipients accepted so far in this transaction. */
  readonly recipientCount: number;
  readonly size_octets?: number;
  readonly encrypted: boolean;
  readonly login?: string;
  /** The client talked before it was its turn. */
  readonly earlyTalk: boolean;
  /** The recipient's domain is one of ours and the address holds no route to elsewhere. */
  readonly recipientIsOurs: boolean;
  /** There is somebody behind the recipient; true where the domain is not ours. */
  readonly recipientExists: boolean;
  /** The caller lets this client send to anybody: a login on a submission port. No rule can grant it. */
  readonly mayRelay: boolean;
  /** The sender's domain is one of ours. */
  readonly senderIsOurs: boolean;
  /** There is somebody behind the sender; true where the domain is not ours. */
  readonly senderExists: boolean;
  /** Who may use the sender address: nobody we know, this login, or somebody else. */
  readonly senderOwner: "nobody" | "login" | "other";
  /** SPF of the envelope sender, once known; an allow entry for a sender is worth nothing without (S-40). */
  readonly spf?: SpfResult["result"];
  /** Hosts that the links of the message lead to, with spaces between them; only at the end of DATA. */
  readonly linkHosts?: string;
};

export type NameState = "ok" | "unknown" | "tempfail";

/** `name[address]`, as the replies name a client. */
export const clientLabel = (facts: PolicyFacts): string => `${facts.clientName}[${facts.clientAddress}]`;

const STATES = ["ok", "unknown", "tempfail"];
const OWNERS = ["nobody", "login", "other"];
const RESULTS = ["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"];

/** What each fact must be, for those that come back from the journal. */
const SHAPES: Readonly<Record<keyof PolicyFacts, Shape>> = {
  clientAddress: needed(isText),
  clientPort: optional(isNumber),
  clientName: needed(isText),
  clientNameState: needed(oneOf(STATES)),
  reverseClientName: needed(isText),
  reverseClientNameState: needed(oneOf(STATES)),
  helo: optional(isText),
  heloVerb: optional(oneOf(["HELO", "EHLO", "LHLO"])),
  heloIsOurs: optional(isBoolean),
  sender: optional(isText),
  recipient: optional(isText),
  recipientCount: needed(isNumber),
  size_octets: optional(isNumber),
  encrypted: needed(isBoolean),
  login: optional(isText),
  earlyTalk: needed(isBoolean),
  recipientIsOurs: needed(isBoolean),
  recipientExists: needed(isBoolean),
  mayRelay: needed(isBoolean),
  senderIsOurs: needed(isBoolean),
  senderExists: needed(isBoolean),
  senderOwner: needed(oneOf(OWNERS)),
  spf: optional(oneOf(RESULTS)),
  linkHosts: optional(isText),
};

const SHAPES_BY_NAME = Object.entries(SHAPES);

/** Facts as the journal kept them; undefined where they are not whole. */
export function readFacts(data: unknown): PolicyFacts | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const found = data as Readonly<Record<string, unknown>>;
  const facts: Record<string, unknown> = {};
  for (const [name, shape] of SHAPES_BY_NAME) {
    const value = Object.hasOwn(found, name) ? found[name] : undefined;
    if (value === undefined ? shape.needed : !shape.is(value)) return undefined;
    if (value !== undefined) facts[name] = value;
  }
  return facts as PolicyFacts;
}

type Shape = { readonly needed: boolean; is(value: unknown): boolean };
function needed(is: (value: unknown) => boolean): Shape {
  return { needed: true, is };
}
function optional(is: (value: unknown) => boolean): Shape {
  return { needed: false, is };
}
function isText(value: unknown): boolean {
  return typeof value === "string";
}
function isNumber(value: unknown): boolean {
  return typeof value === "number";
}
function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}
function oneOf(words: readonly string[]): (value: unknown) => boolean {
  return (value) => typeof value === "string" && words.includes(value);
}
