import type { Addresses } from "../accounts/contract.ts";
import { checkReverse } from "../authentication/iprev.ts";
import type { IprevResult, SpfResult } from "../authentication/results.ts";
import { checkHelo, checkHost } from "../authentication/spf/verify.ts";
import { Session } from "../authentication/timed-dns.ts";
import { asciiLower } from "../base/ascii.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { Dns } from "../dns/answer.ts";
import type { SessionFacts } from "../journal/record.ts";
import type { NameState, PolicyFacts } from "../policy/facts.ts";
import type { Tag } from "../policy/verdict.ts";
import type { MailCommand, MailTransaction, SmtpSessionFacts } from "../smtp/backend.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import { SessionNotes, sessionFactsOf } from "./session-notes.ts";

/** Names of one session whose being ours is remembered. */
const LOCAL_MAX = 16;

/** Tags of one message: more than rules give to ten recipients. */
const TAGS_MAX = 20;

export type VisitTools = {
  readonly dns: Dns;
  readonly addresses: Addresses;
  readonly hostName: string;
  now(): number;
};

/**
 * What becomes known of one client of port 25 while it talks. Questions to the DNS begin as soon as they can be asked, so
 * that nobody waits for them at the end of DATA. A trusted client is asked nothing.
 */
export class Visit extends SessionNotes {
  readonly trusted: boolean;
  /** Of the message under way. */
  tags: Tag[] = [];
  readonly #tools: VisitTools;
  readonly #reverse: Promise<IprevResult> | undefined;
  readonly #life = new Session();
  #session: SmtpSessionFacts;
  #helo: { readonly name: string; readonly spf: Promise<SpfResult> } | undefined;
  #spf: Promise<SpfResult> | undefined;
  /** Of the message under way: what rules are told at each of its commands. */
  #common: Promise<PolicyFacts> | undefined;
  /** The same for the whole of its recipients so far. */
  #whole: PolicyFacts | undefined;
  /** Asked again for each recipient, of a name or two; of a trusted client's never. */
  #local: Map<string, Soon<boolean>> | undefined;

  constructor(session: SmtpSessionFacts, trusted: boolean, tools: VisitTools) {
    super(() => tools.now());
    this.#session = session;
    this.#tools = tools;
    this.trusted = trusted;
    if (!trusted) this.#reverse = checkReverse(session.remote.address, tools.dns, this.#life);
  }

  /** MAIL: from here on it is clear which domain has to answer for the client. */
  begin(session: SmtpSessionFacts, mail: MailCommand): void {
    this.#session = session;
    this.tags = [];
    this.#common = undefined;
    this.#whole = undefined;
    if (this.trusted) return;
    const { dns, hostName } = this.#tools;
    const signal = this.#life;
    const about = {
      client: session.remote.address,
      heloName: session.helo?.name ?? "",
      receiver: hostName,
      now_ms: this.#tools.now(),
    };
    this.#spf = checkHost({ ...about, from: mail.from }, dns, signal);
    if (this.#helo?.name === about.heloName) return;
    this.#helo = { name: about.heloName, spf: checkHelo(about, dns, signal) };
  }

  /** What rules attached to the message; one recipient's rules speak for all, as the message is one. */
  tag(tags: readonly Tag[]): void {
    for (const tag of tags) {
      const known = this.tags.some(({ kind, value }) => kind === tag.kind && value === tag.value);
      if (!known && this.tags.length < TAGS_MAX) this.tags.push(tag);
    }
  }

  get reverse(): Soon<IprevResult | undefined> {
    return this.#reverse;
  }

  async spf(): Promise<readonly SpfResult[]> {
    const both = await Promise.all([this.#spf, this.#helo?.spf]);
    return both.filter((result) => result !== undefined);
  }

  /** Facts for a rule about this recipient (or about the whole, without one). */
  async facts(mail: MailTransaction | undefined, recipient?: EnvelopeAddress): Promise<PolicyFacts> {
    if (mail === undefined) return this.#commonFacts(undefined);
    const common = await (this.#common ??= this.#commonFacts(mail));
    const recipientCount = mail.recipients.length;
    if (recipient !== undefined) return { ...common, recipient: recipient.text, recipientCount };
    if (this.#whole?.recipientCount !== recipientCount) this.#whole = { ...common, recipientCount };
    return this.#whole;
  }

  /** What MAIL has settled. */
  async #commonFacts(mail: MailCommand | undefined): Promise<PolicyFacts> {
    const session = this.#session;
    const sender = mail?.from ?? null;
    const names = clientNames(await this.reverse);
    const spf = mail === undefined ? undefined : (await this.#spf)?.result;
    const ours = sender !== null && (await this.#isLocal(sender.domain));
    return {
      clientAddress: session.remote.address.text,
      clientPort: session.remote.port,
      ...names,
      ...(session.helo === undefined ? {} : { helo: session.helo.name, heloVerb: session.helo.verb }),
      ...(mail === undefined ? {} : { sender: sender?.text ?? "" }),
      ...(mail?.size === undefined ? {} : { size_octets: mail.size }),
      recipientCount: 0,
      encrypted: session.tls !== undefined,
      earlyTalk: session.earlyTalk ?? false,
      heloIsOurs: await this.#isOurName(session.helo?.name),
      recipientIsOurs: true,
      recipientExists: true,
      mayRelay: false,
      senderIsOurs: ours,
      senderExists: !ours || (await this.#exists(sender)),
      senderOwner: ours ? "other" : "nobody",
      ...(spf === undefined ? {} : { spf }),
    };
  }

  /** Nobody else is called like this server, or like a domain it hosts (S-46's kin). */
  async #isOurName(name: string | undefined): Promise<boolean> {
    if (name === undefined) return false;
    const folded = asciiLower(name);
    return folded === asciiLower(this.#tools.hostName) || (await this.#isLocal(folded));
  }

  #isLocal(domain: string): Soon<boolean> {
    const remembered = (this.#local ??= new Map());
    const known = remembered.get(domain);
    if (known !== undefined) return known;
    // A session has few senders; one that has thousands gets fresh answers.
    if (remembered.size >= LOCAL_MAX) remembered.clear();
    const local = this.#tools.addresses.isLocalDomain(domain);
    remembered.set(domain, local);
    return local;
  }

  async #exists(sender: EnvelopeAddress): Promise<boolean> {
    const { kind } = await this.#tools.addresses.resolve(sender);
    return kind !== "unknown";
  }

  /** For the journal. */
  sessionFacts(): Soon<SessionFacts> {
    return whenHere(this.reverse, (reverse) => sessionFactsOf(this.#session, clientNames(reverse)));
  }

  /** What is still being asked need not be answered. */
  end(session: SmtpSessionFacts): void {
    this.#session = session;
    this.#life.end();
  }
}

type ClientNames = Pick<
  PolicyFacts,
  "clientName" | "clientNameState" | "reverseClientName" | "reverseClientNameState"
>;

function clientNames(reverse: IprevResult | undefined): ClientNames {
  const state = (name: string | undefined): NameState =>
    name !== undefined ? "ok" : reverse?.result === "temperror" ? "tempfail" : "unknown";
  return {
    clientName: reverse?.name ?? "unknown",
    clientNameState: state(reverse?.name),
    reverseClientName: reverse?.reverseName ?? "unknown",
    reverseClientNameState: state(reverse?.reverseName),
  };
}
