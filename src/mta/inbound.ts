import type { Addresses, Resolution } from "../accounts/contract.ts";
import type { Forwarding } from "../accounts/forwarding.ts";
import { hasRoom } from "../accounts/quota.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { TrustedForwarders } from "../authentication/dmarc/override.ts";
import { cidrContains, type Cidr } from "../base/ip.ts";
import { err, ok } from "../base/result.ts";
import { allHere, whenHere, type Soon } from "../base/soon.ts";
import type { Dns } from "../dns/answer.ts";
import { countReceived } from "../message/header.ts";
import type { SessionFacts } from "../journal/record.ts";
import type { Policy } from "../policy/contract.ts";
import type { Authenticator } from "../sasl/exchange.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { MailTransaction, RcptCommand, SmtpBackend, SmtpSessionFacts } from "../smtp/backend.ts";
import { closing, reply, type Reply } from "../smtp/reply.ts";
import type { CopyOutcome, Delivery, Store } from "../store/store.ts";
import { loopCheck, messageSink, type Acceptance, type Incoming } from "./accept.ts";
import type { ClientCount } from "./client-count.ts";
import {
  refusedByDialogue,
  refusedData,
  refusedMessage,
  refusedRecipient,
  refusedSender,
  senderText,
} from "./floor.ts";
import { isOnlyForward, oneKindAtATime } from "./forward.ts";
import type { FreeDisk } from "./free-disk.ts";
import type { DmarcPolicy, DmarcUnknownPolicy } from "./dmarc-judgement.ts";
import { judgeContent } from "./inbound-content.ts";
import { judgeConnect, judgeData, refusalOf } from "./inbound-rules.ts";
import type { Journal } from "./journal.ts";
import { resolved } from "./plan.ts";
import type { Counting } from "./reports/tally.ts";
import type { Signer } from "./signer.ts";
import type { SpfFailPolicy } from "./spf-judgement.ts";
import type { Spool } from "./spool.ts";
import { receivedField, returnPathField } from "./trace.ts";
import { Visit, type VisitTools } from "./visit.ts";

/** What the SMTP backends are built from. */
export type MtaOptions = {
  readonly store: Store;
  readonly addresses: Addresses;
  readonly forwarding: Forwarding;
  readonly spool: Spool;
  readonly clients: ClientCount;
  readonly freeDisk: FreeDisk;
  readonly clock: Clock;
  readonly log: Log;
  readonly hostName: string;
  readonly messageSizeMax: number;
  readonly wakeQueue: () => void;
  readonly journal: Journal;
};

/** What judging strangers needs besides. */
export type InboundOptions = MtaOptions & {
  readonly dns: Dns;
  readonly policy: Policy;
  /** Clients that are not looked up: this machine, and what the operator names. `mynetworks` */
  readonly trusted: readonly Cidr[];
  readonly dmarc: DmarcPolicy;
  /** What key servers of one message's signatures get. */
  readonly signatures_ms: number;
  readonly dmarcUnknown: DmarcUnknownPolicy;
  /** The DNS of the world has answered lately, or does now: who gets no answer about a name does not lack it for all names. */
  readonly dnsIsHeard: () => Promise<boolean>;
  readonly spfFail: SpfFailPolicy;
  /** Whom DMARC's verdict yields to. */
  readonly dmarcTrusted: TrustedForwarders;
  /** Counts for reports to the domains that ask for them; without it nothing is counted. */
  readonly reports?: Counting;
  readonly sealer: Pick<Signer, "seal">;
  /** There are rules before the banner: it waits for the client's name. */
  readonly judgesConnect: boolean;
  /** There are rules about links: messages are searched for them. */
  readonly judgesLinks: boolean;
};

/** Mail from other servers (port 25) and from programs on this machine (LMTP): for our own addresses only. */
export function inboundBackend(options: InboundOptions): SmtpBackend {
  const { hostName, messageSizeMax, clients, clock, dns, addresses } = options;
  const visits = new Map<string, Visit>();
  const tools: VisitTools = { dns, addresses, hostName, now: () => clock.now() };
  const begin = (session: SmtpSessionFacts): Visit => {
    const visit = new Visit(session, isTrusted(options, session), tools);
    visits.set(session.id, visit);
    return visit;
  };
  const visitOf = (session: SmtpSessionFacts): Visit => visits.get(session.id) ?? begin(session);
  return {
    hostName,
    messageSizeMax,
    connect(session) {
      if (!clients.enter(session.id, session.remote.address)) return tooManyConnections;
      const visit = begin(session);
      return visit.trusted || !options.judgesConnect ? undefined : judgeConnect(options, visit, session);
    },
    disconnected(session) {
      clients.leave(session.id);
      const visit = visits.get(session.id);
      visits.delete(session.id);
      if (visit !== undefined) recordVisit(options, visit, session);
    },
    refused: (session, answer, about) =>
      about === undefined ? answer : refusedByDialogue(visitOf(session), session, answer, about),
    mechanisms: () => [],
    authenticator: () => refusesEveryone,
    mail(session, mail) {
      const visit = visitOf(session);
      visit.begin(session, mail);
      return whenHere(
        options.freeDisk.refusal(),
        (refused) => refused && refusedSender(visit, session, mail, refused),
      );
    },
    rcpt: (session, mail, rcpt) => judgeRecipient(options, visitOf(session), session, mail, rcpt),
    data(session, mail) {
      const visit = visitOf(session);
      return whenHere(judgeData(options, visit, session, mail), (refused) => {
        if (refused) return err(refused);
        const trace = returnPathField(mail) + receivedField(session, mail, hostName, clock.now());
        return ok(messageSink(acceptance(options, visit), session, mail, trace));
      });
    },
  };
}

const isTrusted = ({ trusted }: InboundOptions, { profile, remote }: SmtpSessionFacts): boolean =>
  profile === "lmtp" || trusted.some((cidr) => cidrContains(cidr, remote.address));

function recordVisit({ journal, clock }: InboundOptions, visit: Visit, session: SmtpSessionFacts): void {
  visit.end(session);
  const { judgements, messages } = visit;
  // Who said nothing worth judging is in the log only.
  if (judgements.length === 0 && messages.length === 0) return;
  const record = (facts: SessionFacts): void =>
    journal.add({ kind: "session", id: session.id, at_ms: clock.now(), facts, judgements, messages });
  void whenHere(visit.sessionFacts(), record);
}

function acceptance(options: InboundOptions, visit: Visit): Acceptance {
  const { store, spool, log, wakeQueue } = options;
  const decide: Acceptance["decide"] = (incoming) => {
    const loop = loopCheck(countReceived(incoming.octets));
    if (!loop.ok) return err(refusedMessage(options, visit, incoming, loop.error));
    return whenHere(judgeContent(options, visit, incoming), (delivery) => {
      if (delivery.ok) visit.messages.push(incoming.mail.id);
      return delivery;
    });
  };
  const refused: Acceptance["refused"] = (session, mail, answer) => refusedData(visit, session, mail, answer);
  return { store, spool, log, wakeQueue, decide, refused, replies: accepted };
}

export const tooManyConnections: Reply = closing(
  reply(421, "4.7.0", "Too many connections from your network, please try again later", "connection-limit"),
);

/** AUTH is never offered here; this is the second lock on the same door. */
const refusesEveryone: Authenticator = {
  password: async () => ({ ok: false, failure: { kind: "invalid" } }),
  scram: async () => ({ salt: new Uint8Array(16), iterations: 10_000, verifiers: [] }),
  scramDone: async () => ({ ok: false, failure: { kind: "invalid" } }),
};

/**
 * The relay decision comes first and no rule can change it (S-35, S-37); then: is there such a user, has he room? Then
 * the rules.
 */
function judgeRecipient(
  options: InboundOptions,
  visit: Visit,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  { to }: RcptCommand,
): Soon<Reply | undefined> {
  return whenHere(recipientFloor(options, mail, to), (refused) => {
    if (refused) return refusedRecipient(visit, session, mail, to, refused);
    return visit.trusted ? undefined : judgeStrangersRecipient(options, visit, session, mail, to);
  });
}

async function judgeStrangersRecipient(
  options: InboundOptions,
  visit: Visit,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  to: EnvelopeAddress,
): Promise<Reply | undefined> {
  const [first] = mail.recipients;
  if (first !== undefined && (await mixesKinds(options, visit, first, to)))
    return refusedRecipient(visit, session, mail, to, oneKindAtATime);
  const facts = await visit.facts(mail, to);
  const judged = await options.policy.judgeRecipient(facts);
  const refusal = refusalOf(
    visit,
    session,
    { command: "rcpt", sender: senderText(mail), recipient: to.text, facts },
    judged,
  );
  // What a rule says about one who does not get the message is nothing to those who do.
  if (refusal === undefined) visit.tag(judged.tags);
  return refusal;
}

/** One reply could not do both of them justice. */
async function mixesKinds(
  { addresses }: InboundOptions,
  visit: Visit,
  first: RcptCommand,
  to: EnvelopeAddress,
): Promise<boolean> {
  const [one, other] = await resolved(addresses, [first, { to }]);
  if (one === undefined || other === undefined || isOnlyForward(one) === isOnlyForward(other)) return false;
  const mailFrom = (await visit.spf()).find(({ identity }) => identity === "mailfrom");
  return mailFrom?.result !== "pass";
}

function recipientFloor(
  options: InboundOptions,
  mail: MailTransaction,
  to: EnvelopeAddress,
): Soon<Reply | undefined> {
  return whenHere(options.addresses.resolve(to), (resolution) => {
    if (resolution.kind === "foreign") return relayDenied;
    if (mail.from !== null && options.forwarding.isForBounces(to)) return bouncesOnly;
    const refused = recipientRefusal(resolution, to.text);
    if (refused) return hasRoute(to.localPart) ? relayDenied : refused;
    return quotaRefusal(options.store, resolution, mail.size ?? 0);
  });
}

/** `user%elsewhere@us`, `elsewhere!user@us`, `"user@elsewhere"@us`: sender-specified routing. */
const hasRoute = (localPart: string): boolean => /[%!@]/.test(localPart);

const relayDenied = reply(
  554,
  "5.7.1",
  "Relay access denied: this server is not responsible for that domain",
  "relay-denied",
);

const bouncesOnly = reply(550, "5.7.1", "This address takes delivery reports only", "bounces-only");

/** Why mail to this address cannot be taken, for any of the profiles. Undefined: it can. */
export function recipientRefusal(resolution: Resolution, address: string): Reply | undefined {
  switch (resolution.kind) {
    case "unknown":
      return reply(550, "5.1.1", `<${address}>: no such user here`, "unknown-recipient");
    case "disabled":
      return reply(550, "5.2.1", `<${address}>: this mailbox is disabled`, "disabled-recipient");
    case "broken":
      return reply(
        451,
        "4.3.5",
        `<${address}>: the alias is not usable, its administrator must mend it`,
        "broken-alias",
      );
    default:
      return undefined;
  }
}

/** Quota is decided here and not after DATA: what got 250 is delivered even where it is the last straw (D-23, D-49). */
export function quotaRefusal(
  store: Store,
  resolution: Resolution,
  size_octets: number,
): Soon<Reply | undefined> {
  if (resolution.kind !== "local") return undefined;
  const rooms = allHere(resolution.accounts.map(({ account }) => hasRoom(store, account, size_octets)));
  return whenHere(rooms, (all) => (all.includes(false) ? mailboxFull : undefined));
}

const mailboxFull = reply(452, "4.2.2", "Mailbox full, please try again later", "over-quota");

export function accepted(
  { session, mail }: Incoming,
  _delivery: Delivery,
  _outcomes: readonly CopyOutcome[],
): readonly Reply[] {
  const answer = reply(250, "2.0.0", `Ok: queued as ${mail.id}`);
  return session.profile === "lmtp" ? mail.recipients.map(() => answer) : [answer];
}
