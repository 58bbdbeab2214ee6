import type { Soon } from "../base/soon.ts";
import type { AskedFact, Judgement, Stage, Step } from "../journal/record.ts";
import type { Reply } from "../smtp/reply.ts";
import type { Ask } from "./ask.ts";
import type { ListSite } from "./dnsbl.ts";
import type { PolicyFacts } from "./facts.ts";
import type { Score } from "./list-score.ts";
import type { PolicySettings } from "./settings.ts";
import type { Tag, Verdict } from "./verdict.ts";

/** Whom a refusal is about, in Postfix's words: `<x@example.org>: Sender address rejected: …`. */
export type Subject = { readonly name: string; readonly what: string };

/** What a check is given; it looks at nothing else. */
export type CheckContext = {
  readonly facts: PolicyFacts;
  readonly ask: Ask;
  readonly settings: PolicySettings;
  readonly stage: Stage;
  /** Subject of the list the check stands in; checks of a certain subject name their own. */
  readonly subject: Subject;
  /** Table name, number, or empty. */
  readonly argument: string;
  readonly site?: ListSite;
  /** What the weighted lists say together, asked once per judgement. */
  score(): Soon<Score>;
};

/** One restriction, named as in Postfix. */
export type Check = {
  readonly name: string;
  readonly takes: "nothing" | "table" | "zone" | "number";
  /** `never`: an allow entry here would trust what strangers choose. `proven-sender`: only where SPF passed (S-40). */
  readonly permits?: "never" | "proven-sender";
  /** Looks at the links of the message, which are known in the list `end_of_data` only. */
  readonly links?: true;
  run(context: CheckContext): Soon<Verdict>;
};

/** What a judgement came to. Plain data besides; the journal keeps it as it is. */
export type Judged = {
  readonly decision: Judgement["decision"];
  readonly steps: readonly Step[];
  readonly asked: readonly AskedFact[];
  readonly decidedBy?: string;
  /** There for `reject` and `defer`. */
  readonly reply?: Reply;
  readonly tags: readonly Tag[];
};

/** What the SMTP backends ask. Nothing here throws because of what a client or a DNS server says. */
export interface Policy {
  /** Before the banner: the `banner` list only, as everything else waits for RCPT. */
  judgeConnect(facts: PolicyFacts, signal?: AbortSignal): Promise<Judged>;
  /** Relay control, then client, helo, sender, relay and recipient lists, then: is there such a user? */
  judgeRecipient(facts: PolicyFacts, signal?: AbortSignal): Promise<Judged>;
  judgeData(facts: PolicyFacts, signal?: AbortSignal): Promise<Judged>;
  judgeEndOfData(facts: PolicyFacts, signal?: AbortSignal): Promise<Judged>;
}
