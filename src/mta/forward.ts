/**
 * Mail that goes on to another server comes back as a notice when that server refuses it, and the notice goes to the
 * envelope sender. So only what its sender's domain vouches for is forwarded; the rest is refused while its sender
 * still talks to us, which writes to nobody. D-23
 */
import type { Forwarding } from "../accounts/forwarding.ts";
import { relaxedAlignment } from "../authentication/dmarc/verify.ts";
import type { Authentication } from "../authentication/results.ts";
import { parseDomain } from "../base/domain-name.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Dns } from "../dns/answer.ts";
import { findFields } from "../message/header.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import type { Delivery } from "../store/store.ts";
import type { Incoming } from "./accept.ts";
import type { Resolved } from "./plan.ts";
import { behindReturnPath } from "./submitted-header.ts";

/** Does the domain of the envelope sender vouch for the message? `unknown`: the DNS did not say. */
export type Proof = "proven" | "unproven" | "unknown";

/** A forward that did not happen, while the rest of the message was taken. */
export type NotForwarded = { readonly address: string; readonly reason: string };

export type Forwards = {
  /** All recipients, without what may not go on. */
  readonly recipients: readonly Resolved[];
  /** Addresses of ours whose mail goes on. */
  readonly aliases: readonly EnvelopeAddress[];
  readonly notForwarded: readonly NotForwarded[];
};

/**
 * SPF for the envelope sender, or a signature aligned with his domain. From does not count here: a forger who signs for
 * his own domain there could still name a stranger in the envelope.
 */
export async function senderProof(
  from: EnvelopeAddress | null,
  authentication: Pick<Authentication, "spf" | "dkim" | "dmarc" | "iprev">,
  dns: Dns,
): Promise<Proof> {
  if (from === null) return noticeProof(authentication, dns);
  const { spf, dkim } = authentication;
  const bySpf = spf.find(({ identity }) => identity === "mailfrom")?.result;
  if (bySpf === "pass") return "proven";
  const domain = parseDomain(from.domain);
  const byDkim = domain === undefined ? "no" : await relaxedAlignment(domain, dkim, dns);
  if (byDkim === "yes") return "proven";
  return byDkim === "unknown" || bySpf === "temperror" ? "unknown" : "unproven";
}

/**
 * The null sender gets no notice, but what is taken in his name goes on in ours, and who is refused there learns nothing. So
 * somebody vouches for a notice too: the HELO name by SPF (RFC 7208 §2.4 takes it for the sender) or, as notices are seldom
 * signed and few hosts' names have SPF, by pointing to the client that points back to it; or a signature of that name or of From.
 */
async function noticeProof(
  { spf, dkim, dmarc, iprev }: Pick<Authentication, "spf" | "dkim" | "dmarc" | "iprev">,
  dns: Dns,
): Promise<Proof> {
  const bySpf = spf.find(({ identity }) => identity === "mailfrom");
  const name = parseDomain(bySpf?.domain ?? "");
  if (bySpf?.result === "pass") return "proven";
  if (bySpf?.result === "none" && name !== undefined && iprev?.name === name) return "proven";
  const author = parseDomain(dmarc.authorDomain);
  const names = [name, author].filter((one) => one !== undefined);
  const byDkim = await Promise.all(names.map((one) => relaxedAlignment(one, dkim, dns)));
  if (byDkim.includes("yes")) return "proven";
  const isOpen = bySpf?.result === "temperror" || iprev?.result === "temperror";
  return isOpen || byDkim.includes("unknown") ? "unknown" : "unproven";
}

export const isForward = ({ resolution }: Resolved): boolean =>
  resolution.kind === "local" && resolution.remote.length > 0;

/** Nobody here keeps a copy. */
export const isOnlyForward = ({ resolution }: Resolved): boolean =>
  resolution.kind === "local" && resolution.accounts.length === 0 && resolution.remote.length > 0;

/**
 * One reply speaks for all recipients, and only when the message is in do we know whether DKIM makes up for SPF. So
 * without SPF an address that only forwards and one that is at home here are not taken in the same transaction: the
 * client sends the rest in another one. RFC 5321 §4.5.3.1.10
 */
export const oneKindAtATime = reply(
  452,
  "4.5.3",
  "SPF does not pass, so mail that is forwarded and mail for mailboxes here need separate transactions: send this again",
  "one-kind-at-a-time",
);

/** What may go on, or the reply where nothing would be left of a recipient. */
export function judgeForwards(
  forwarding: Forwarding,
  { session, mail, octets }: Incoming,
  recipients: readonly Resolved[],
  proof: Proof,
): Result<Forwards, Reply> {
  const forwards = recipients.filter(isForward);
  if (forwards.length === 0) return ok({ recipients, aliases: [], notForwarded: [] });
  const been = forwarding.tracesIn(findFields(octets, "delivered-to"));
  const circling = forwards.filter(({ recipient }) => been(recipient.to));
  for (const { recipient, resolution } of circling)
    if (resolution.kind === "local")
      forwarding.circles.note({ alias: recipient.to.text, targets: resolution.remote });
  if (circling.length === recipients.length && circling.every(isOnlyForward)) return err(forwardLoop);
  // Nobody has a copy. One reply speaks for all, so that this one's mail went round its sender hears by a notice.
  const ended = circling.filter(isOnlyForward);
  if (ended.length > 0 && (proof !== "proven" || mail.from === null))
    return err(proof === "unknown" ? senderUnknown : forwardLoop);
  const left = forwards.filter((one) => !circling.includes(one));
  if (left.length > 0 && proof === "unknown") return err(senderUnknown);
  const unproven = proof === "unproven" ? left : [];
  const refused = unproven.find(isOnlyForward);
  if (refused) {
    const { text } = refused.recipient.to;
    return err(
      mail.from === null
        ? noticeUnproven(session.helo?.name ?? "", text)
        : senderUnproven(mail.from.domain, text),
    );
  }
  const stopped = new Set([...circling, ...unproven]);
  return ok({
    recipients: recipients.map((one) =>
      ended.includes(one) ? backToSender(one) : stopped.has(one) ? atHome(one) : one,
    ),
    aliases: left.filter((one) => !stopped.has(one)).map(({ recipient }) => recipient.to),
    notForwarded: [
      ...circling.flatMap((one) => notForwarded(one, "forward-loop")),
      ...unproven.flatMap((one) =>
        notForwarded(one, mail.from === null ? "forward-notice" : "forward-unproven"),
      ),
    ],
  });
}

/** Our mark, so that the message is known again should the other server send it back. RFC 9228 §2 */
export function withTraces(forwarding: Forwarding, incoming: Incoming, forwards: Forwards): Incoming {
  const { aliases } = forwards;
  // Strangers who get the same octets must not learn that somebody here forwards; what comes round is marked then.
  const strangers = forwards.recipients.some(({ resolution }) => resolution.kind === "foreign");
  if (aliases.length === 0 || strangers) return incoming;
  // Several recipients must not learn of each other from a header.
  const alone = incoming.mail.recipients.length === 1;
  const lines = aliases.map((alias) => `Delivered-To: ${forwarding.traceOf(alias, alone)}\r\n`);
  return behindReturnPath(incoming, Buffer.from([...new Set(lines)].join(""), "utf8"));
}

/**
 * A delivery whose way on bears our mark and seal. Who keeps a copy and was not the only recipient gets one without: a
 * mark would tell him of a Bcc.
 */
export function goingOn(delivery: Delivery, { mail, source, outline }: Incoming): Delivery {
  const onward = { source, outline: outline() };
  if (delivery.queue === undefined || onward.source === delivery.source) return delivery;
  if (delivery.copies.length === 0 || mail.recipients.length === 1) return { ...delivery, ...onward };
  return { ...delivery, onward };
}

/** Over the queue to the address itself, where its delivery ends (`hasCircled`) as every other that fails does. */
const backToSender = ({ recipient }: Resolved): Resolved => ({
  recipient,
  resolution: { kind: "local", accounts: [], remote: [recipient.to.text] },
});

/** For mail of the queue that leads to an address here: has that one sent it away before? */
export const hasCircled = (
  forwarding: Pick<Forwarding, "tracesIn">,
  octets: Buffer,
  { recipient, resolution }: Resolved,
): boolean =>
  isForward({ recipient, resolution }) &&
  forwarding.tracesIn(findFields(octets, "delivered-to"))(recipient.to);

export function atHome({ recipient, resolution }: Resolved): Resolved {
  return { recipient, resolution: resolution.kind === "local" ? { ...resolution, remote: [] } : resolution };
}

const notForwarded = ({ resolution }: Resolved, reason: string): NotForwarded[] =>
  resolution.kind === "local" ? resolution.remote.map((address) => ({ address, reason })) : [];

export const forwardLoop = reply(
  554,
  "5.4.6",
  "This address has forwarded this message before: it runs in a circle",
  "forward-loop",
);

const senderUnknown = reply(
  451,
  "4.4.3",
  "This address forwards mail; whether the sender's domain vouches for it (SPF, DKIM) the DNS did not say, please try again",
  "forward-unknown",
);

/** RFC 7372 §3.2: several checks failed. */
const senderUnproven = (domain: string, address: string): Reply =>
  reply(
    550,
    "5.7.26",
    `<${address}> forwards mail only if its sender is proven, and neither SPF nor DKIM proves ${domain}: publish SPF for this server or sign with DKIM`,
    "forward-unproven",
  );

const noticeUnproven = (name: string, address: string): Reply =>
  reply(
    550,
    "5.7.26",
    `<${address}> forwards notices only if their sender is proven, and neither SPF, DKIM nor reverse DNS proves ${name}: publish SPF for this name or let the client's address point to it`,
    "forward-notice",
  );
